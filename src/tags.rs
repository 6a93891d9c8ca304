//! Tags as objects: renaming and deleting them. Contacts make them, by having them.

use entity::{
    contact, contact_tag,
    follow_up::Subject,
    tag::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, Expr},
};
use std::collections::HashMap;
use uuid::Uuid;

use crate::{
    access::Caller,
    contacts::live,
    database::{Outcome, Read, WriteError, WriteTx, any_of},
    error::DatabaseError,
    input::{
        problem::{ProblemCode, Problems, Referent},
        tag_name::TagName,
        text::{sort_key, stored_fold},
    },
    related::{Saved, write_with_cascades},
    writing::{
        Execute, Operation, Request, Written,
        cascade::{self, Actor},
        idempotency::Answered,
    },
};

/// A change, as data.
#[derive(Clone, Debug)]
pub enum Command {
    /// Give it another name, on every contact that has it.
    Rename {
        /// Which.
        name: String,
        /// What it is called from now on.
        new_name: String,
    },
    /// Delete it, and take it from every contact.
    Delete {
        /// Which.
        name: String,
    },
}

impl Execute for Command {
    type Answer = Written<Option<Saved<Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        write_with_cascades(request, Change::prepare(self, request.caller)).await
    }
}

/// The tag with this name, whatever its case.
///
/// # Errors
/// The database failed.
pub async fn find(read: &impl Read, name: &str) -> Result<Option<Model>, DatabaseError> {
    match TagName::check(&mut Problems::default(), "", name) {
        Some(TagName { key, .. }) => by_key(read, &key).await,
        None => Ok(None),
    }
}

async fn by_key(read: &impl Read, key: &str) -> Result<Option<Model>, DatabaseError> {
    let named = Condition::all().add(Column::NameKey.eq(key)).add(Column::DeletedAt.is_null());
    Ok(read.find::<Entity>(named).await?.pop())
}

/// How many live contacts have each of these tags.
///
/// # Errors
/// The database failed.
pub async fn count(read: &impl Read, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
    let live = read.select::<contact::Entity>().column(contact::Column::Id).filter(live());
    let select = read
        .select::<contact_tag::Entity>()
        .column(contact_tag::Column::TagId)
        .expr(Expr::cust("COUNT(*)"), "contacts")
        .filter(any_of(contact_tag::Column::TagId, ids.iter().copied()))
        .filter(live.holds(contact_tag::Column::ContactId.into_simple_expr()))
        .group_by(contact_tag::Column::TagId);
    let mut counts = HashMap::new();
    for row in read.rows(select).await? {
        counts.insert(row.get(contact_tag::Column::TagId)?, row.value("contacts")?);
    }
    Ok(counts)
}

/// A command, checked.
#[derive(Debug)]
struct Change {
    name: String,
    /// `None`: it is deleted, or its new name is refused.
    new_name: Option<TagName>,
    is_deletion: bool,
    problems: Problems,
    actor: Actor,
}

impl Change {
    fn prepare(command: Command, caller: &Caller) -> Self {
        let mut problems = Problems::default();
        let actor = caller.into();
        match command {
            Command::Rename { name, new_name } => {
                let new_name = TagName::check(&mut problems, "newName", &new_name);
                Self { name, new_name, is_deletion: false, problems, actor }
            }
            Command::Delete { name } => Self { name, new_name: None, is_deletion: true, problems, actor },
        }
    }
}

impl Operation for Change {
    type Answer = Written<Option<Saved<Model>>>;

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let mut problems = self.problems.clone();
        let old = find(tx, &self.name).await?;
        if old.is_none() {
            problems.not_found("name", Referent::Tag);
        }
        if let Some(new_name) = &self.new_name {
            let holder = by_key(tx, &new_name.key).await?;
            if holder.is_some_and(|holder| old.as_ref().is_none_or(|old| old.id != holder.id)) {
                problems.add("newName", ProblemCode::NameTaken, "is taken: another tag has this name");
            }
        }
        let Some(mut row) = old.filter(|_| problems.is_empty()) else {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        let of_id = Condition::all().add(Column::Id.eq(row.id));
        let set = match &self.new_name {
            Some(new_name) if new_name.name == row.name => {
                let saved = Saved { id: row.id, row: Some(row.into()), cascades: Vec::new() };
                return Ok(Outcome::Unchanged(Written::new(Some(saved))));
            }
            Some(TagName { name, key }) => {
                row.name.clone_from(name);
                row.name_key.clone_from(key);
                row.name_fold = stored_fold(name);
                row.sort_key = sort_key(name);
                vec![
                    (Column::Name, Expr::value(name.as_str())),
                    (Column::NameKey, Expr::value(key.as_str())),
                    (Column::NameFold, Expr::value(row.name_fold.as_str())),
                    (Column::SortKey, Expr::value(row.sort_key.clone())),
                ]
            }
            None if self.is_deletion => vec![(Column::DeletedAt, Expr::value(tx.clock().at))],
            None => return Err(DatabaseError::internal("renaming a tag", "it has no new name")),
        };
        tx.update::<Entity>(of_id, set).await?;
        let cascades = cascade::record(tx, vec![(Subject::Tag, row.id)], &self.actor).await?;
        let saved = Saved { id: row.id, row: Some(row.into()), cascades };
        Ok(Outcome::Changed(Written::new(Some(saved))))
    }
}

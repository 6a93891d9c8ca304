//! Renaming a tag.

use entity::{
    cascade::Subject,
    tag::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};

use super::{by_key, find};
use crate::{
    access::Caller,
    database::{Outcome, WriteError, WriteTx},
    error::DatabaseError,
    input::{
        problem::{ProblemCode, Problems, Referent},
        tag_name::TagName,
        text::{sort_key, stored_fold},
    },
    reference::{Saved, write_with_cascades},
    writing::{
        Execute, Operation, Request, Written,
        cascade::{self, Actor},
        idempotency::Answered,
    },
};

/// Gives a tag another name, on every contact that has it.
#[derive(Clone, Debug)]
pub(crate) struct RenameTag {
    /// Its name now, whatever the case.
    pub(crate) name: String,
    pub(crate) new_name: String,
}

impl Execute for RenameTag {
    type Answer = Written<Option<Saved<Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        write_with_cascades(request, Renaming::prepare(self, request.caller)).await
    }
}

/// The command, with its new name checked.
#[derive(Debug)]
struct Renaming {
    name: String,
    /// `None` if it is refused.
    new_name: Option<TagName>,
    problems: Problems,
    actor: Actor,
}

impl Renaming {
    fn prepare(command: RenameTag, caller: &Caller) -> Self {
        let RenameTag { name, new_name } = command;
        let mut problems = Problems::default();
        let new_name = TagName::check(&mut problems, "newName", &new_name);
        Self { name, new_name, problems, actor: caller.into() }
    }
}

impl Operation for Renaming {
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
        let (Some(mut row), Some(TagName { name, key }), true) = (old, &self.new_name, problems.is_empty())
        else {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        if *name == row.name {
            let saved = Saved { id: row.id, row: Some(row.into()), cascades: Vec::new() };
            return Ok(Outcome::Unchanged(Written::new(Some(saved))));
        }
        row.name.clone_from(name);
        row.name_key.clone_from(key);
        row.name_fold = stored_fold(name);
        row.sort_key = sort_key(name);
        let set = vec![
            (Column::Name, Expr::value(name.as_str())),
            (Column::NameKey, Expr::value(key.as_str())),
            (Column::NameFold, Expr::value(row.name_fold.as_str())),
            (Column::SortKey, Expr::value(row.sort_key.clone())),
        ];
        tx.update::<Entity>(Condition::all().add(Column::Id.eq(row.id)), set).await?;
        let cascades = cascade::record(tx, vec![(Subject::Tag, row.id)], &self.actor).await?;
        let saved = Saved { id: row.id, row: Some(row.into()), cascades };
        Ok(Outcome::Changed(Written::new(Some(saved))))
    }
}

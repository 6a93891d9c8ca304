//! Deleting a tag.

use entity::{
    cascade::Subject,
    tag::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};

use super::find;
use crate::{
    database::{Outcome, WriteError, WriteTx},
    error::DatabaseError,
    input::problem::{Problems, Referent},
    reference::{Saved, write_with_cascades},
    writing::{
        Execute, Operation, Request, Written,
        cascade::{self, Actor},
        idempotency::Answered,
    },
};

/// Deletes a tag, and removes it from every contact.
#[derive(Clone, Debug)]
pub(crate) struct DeleteTag {
    /// Its name, whatever the case.
    pub(crate) name: String,
}

impl Execute for DeleteTag {
    type Answer = Written<Option<Saved<Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        let deletion = Deletion { name: self.name, actor: request.caller.into() };
        write_with_cascades(request, deletion).await
    }
}

/// The command with its caller.
#[derive(Debug)]
struct Deletion {
    name: String,
    actor: Actor,
}

impl Operation for Deletion {
    type Answer = Written<Option<Saved<Model>>>;

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let Some(row) = find(tx, &self.name).await? else {
            let mut problems = Problems::default();
            problems.not_found("name", Referent::Tag);
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        // The row itself is removed by the cascade's last job, when no contact has the tag any more.
        let deleted = vec![(Column::DeletedAt, Expr::value(tx.clock().at))];
        tx.update::<Entity>(Condition::all().add(Column::Id.eq(row.id)), deleted).await?;
        let cascades = cascade::record(tx, vec![(Subject::Tag, row.id)], &self.actor).await?;
        let saved = Saved { id: row.id, row: Some(row.into()), cascades };
        Ok(Outcome::Changed(Written::new(Some(saved))))
    }
}

//! Deleting reference data.

use std::marker::PhantomData;

use sea_orm::ModelTrait as _;

use super::{ReferenceKind, Saved, find, save::finish, write_with_cascades};
use crate::{
    access::Caller,
    database::{Outcome, WriteError, WriteTx},
    error::{DatabaseError, During as _},
    input::problem::Problems,
    writing::{Execute, Operation, Request, Written, idempotency::Answered},
};

/// Deletes a row; contacts that refer to it are unlinked, or moved.
#[derive(Debug)]
pub(crate) struct Delete<E> {
    id: String,
    move_to: Option<String>,
    kind: PhantomData<fn() -> E>,
}

impl<E: ReferenceKind> Delete<E> {
    /// Deletes the row with this id. One that is not a UUID is answered like an unknown one.
    pub(crate) fn new(id: String) -> Self {
        Self { id, move_to: None, kind: PhantomData }
    }

    /// Moves its contacts to this stage, if it is a pipeline.
    pub(crate) fn moving_contacts_to(self, stage_id: Option<String>) -> Self {
        Self { move_to: stage_id, ..self }
    }
}

impl<E: ReferenceKind> Execute for Delete<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        let caller = request.caller.clone();
        write_with_cascades(request, Deletion { command: self, caller }).await
    }
}

/// The command with its caller.
#[derive(Debug)]
struct Deletion<E> {
    command: Delete<E>,
    caller: Caller,
}

impl<E: ReferenceKind> Operation for Deletion<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        const DURING: &str = "stamping a deleted row";
        let mut problems = Problems::default();
        let Some(mut row) = find::<E>(tx, &self.command.id).await? else {
            problems.not_found("id", E::REFERENT);
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        if let Some((code, message)) = E::denial(&self.caller, Some(E::id(&row))) {
            problems.add("id", code, message);
        }
        let move_to = self.command.move_to.as_deref();
        E::check_unused(tx, &self.caller, &row, move_to, &mut problems).await?;
        if !problems.is_empty() {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        }
        E::unlink(tx, &mut row, move_to).await?;
        let at = tx.clock().at;
        row.try_set(E::UPDATED_AT, at.into()).during(DURING)?;
        row.try_set(E::DELETED_AT, Some(at).into()).during(DURING)?;
        tx.replace::<E>(vec![row.clone()]).await?;
        let cascades = vec![(E::SUBJECT, E::id(&row))];
        finish::<E>(tx, row, cascades, &(&self.caller).into()).await
    }
}

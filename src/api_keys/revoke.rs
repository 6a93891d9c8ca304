//! Revoking a key, and with it the keys that it has made.

use std::collections::HashSet;

use entity::{
    api_key::{Column, Entity, Model},
    api_key_team,
};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use super::SavedKey;
use crate::{
    access::{Caller, Scopes},
    database::{Outcome, Read as _, WriteError, WriteTx},
    error::DatabaseError,
    input::problem::{ProblemCode, Problems, Referent},
    writing::{Execute, Operation, Request, Written, idempotency::Answered},
};

/// Revokes a key, the keys that it has made, and those that these have made. One that is revoked already stays as it
/// is.
#[derive(Clone, Debug)]
pub struct RevokeKey {
    /// Id as it was given; one that is not a UUID is answered like an unknown one.
    pub id: String,
}

impl Execute for RevokeKey {
    type Answer = Written<Option<SavedKey>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        request.write(Revocation { command: self, caller: request.caller.clone() }).await
    }
}

/// The command with its caller.
#[derive(Debug)]
struct Revocation {
    command: RevokeKey,
    caller: Caller,
}

impl Revocation {
    /// Returns the reason why the caller may not revoke a key: it can do what their own key cannot.
    async fn denial(&self, tx: &WriteTx<'_>, row: &Model) -> Result<Option<&'static str>, DatabaseError> {
        if Scopes::from_bits(row.scopes).iter().any(|scope| !self.caller.scopes.allow(scope)) {
            return Ok(Some("is a key with scopes that your own key lacks"));
        }
        let Some(own) = &self.caller.teams else {
            return Ok(None);
        };
        let of_key = Condition::all().add(api_key_team::Column::ApiKeyId.eq(row.id));
        let teams: HashSet<Uuid> =
            tx.find::<api_key_team::Entity>(of_key).await?.into_iter().map(|row| row.team_id).collect();
        let is_within = !row.all_teams && teams.is_subset(own);
        Ok((!is_within).then_some("is a key that may use teams that your own key may not"))
    }
}

impl Operation for Revocation {
    type Answer = Written<Option<SavedKey>>;

    /// None: no poller sees keys, and a revocation refers to nothing else.
    fn rows(&self) -> u32 {
        0
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let found = match self.command.id.parse::<Uuid>() {
            Ok(id) => {
                let kept = Condition::all().add(Column::Id.eq(id)).add(Column::RemovedAt.is_null());
                tx.find::<Entity>(kept).await?.pop()
            }
            Err(_) => None,
        };
        let mut problems = Problems::default();
        match &found {
            None => problems.not_found("id", Referent::ApiKey),
            Some(row) => {
                if let Some(message) = self.denial(tx, row).await? {
                    problems.add("id", ProblemCode::ScopeNotGrantable, message);
                }
            }
        }
        let Some(row) = found.filter(|_| problems.is_empty()) else {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        let revoked = Written::new(Some(SavedKey { id: row.id, secret: None }));
        if row.revoked_at.is_some() {
            return Ok(Outcome::Unchanged(revoked));
        }
        tx.revoke_key(row.id).await?;
        Ok(Outcome::Changed(revoked))
    }
}

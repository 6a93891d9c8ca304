//! Revoking a key.

use entity::api_key::{Column, Entity};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

use super::SavedKey;
use crate::{
    clock::now_ms,
    database::{Outcome, Read as _, WriteTx},
    error::DatabaseError,
    input::problem::{Problems, Referent},
    writing::{Operation, Written},
};

/// Revokes a key. One that is revoked already stays as it is.
#[derive(Clone, Debug)]
pub struct RevokeKey {
    /// Id as it was given; one that is not a UUID is answered like an unknown one.
    pub id: String,
}

impl Operation for RevokeKey {
    type Answer = Written<Option<SavedKey>>;

    /// None: no poller sees keys, and a revocation refers to nothing else.
    fn rows(&self) -> u32 {
        0
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let found = match self.id.parse::<Uuid>() {
            Ok(id) => tx.find::<Entity>(Condition::all().add(Column::Id.eq(id))).await?.pop(),
            Err(_) => None,
        };
        let Some(row) = found else {
            let mut problems = Problems::default();
            problems.not_found("id", Referent::ApiKey);
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        let revoked = Written::new(Some(SavedKey { id: row.id, secret: None }));
        if row.revoked_at.is_some() {
            return Ok(Outcome::Unchanged(revoked));
        }
        let of_id = Condition::all().add(Column::Id.eq(row.id));
        tx.update::<Entity>(of_id, vec![(Column::RevokedAt, Expr::value(now_ms()))]).await?;
        Ok(Outcome::Changed(revoked))
    }
}

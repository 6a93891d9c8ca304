//! Removing keys that ended long ago.

use std::time::Duration;

use entity::{
    api_key::{Column, Entity},
    api_key_team,
};
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _, Func},
};
use uuid::Uuid;

use crate::{
    clock::now_ms,
    database::{Database, Outcome, Read as _, WriteTx},
    error::DatabaseError,
    writing::{self, Operation},
};

/// Time for which a key is kept after it was revoked or has expired.
const ENDED_KEY_TTL: Duration = Duration::from_hours(30 * 24);

/// Removes the keys of an organization that ended long ago.
#[derive(Debug)]
struct RemoveEnded;

impl Operation for RemoveEnded {
    type Answer = ();

    fn rows(&self) -> u32 {
        0
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<()>, DatabaseError> {
        let ended = tx.select::<Entity>().column(Column::Id).filter(ended());
        let rows = tx.rows(ended).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.get(Column::Id)).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(Outcome::Unchanged(()));
        }
        tx.delete_of::<api_key_team::Entity>(api_key_team::Column::ApiKeyId, &ids).await?;
        // Contacts name the key that has last written them, so a stub stays, with nothing of the key in it.
        let set = vec![
            (Column::RemovedAt, Expr::value(now_ms())),
            (Column::Name, Expr::value("")),
            (Column::SecretHash, Expr::value(Vec::<u8>::new())),
            (Column::UserId, Expr::value(None::<Uuid>)),
        ];
        tx.update::<Entity>(self::ended(), set).await?;
        Ok(Outcome::Changed(()))
    }
}

/// Returns the condition of keys that are to be removed.
fn ended() -> Condition {
    let before = now_ms() - i64::try_from(ENDED_KEY_TTL.as_millis()).unwrap_or(i64::MAX);
    let ended_at =
        Func::coalesce([Column::RevokedAt.into_simple_expr(), Column::ExpiresAt.into_simple_expr()]);
    Condition::all().add(Column::RemovedAt.is_null()).add(Expr::from(ended_at).lte(before))
}

/// Removes the keys that were revoked or have expired 30 days ago, of the organizations that have any.
pub async fn sweep(database: &Database) {
    writing::sweep::<Entity, _>(
        database,
        ended(),
        || RemoveEnded,
        "API keys that ended long ago were not removed",
    )
    .await;
}

//! What follows the change of a company, team, tag, user, pipeline or stage: the contacts that
//! show it.
//!
//! The change is committed together with a row that says what is left to do; then the contacts
//! follow in jobs of their own. What is interrupted is resumed when a server starts, and every
//! minute; two that do the same work share it, since each job reads under the clock how far it is.

use std::time::Duration;

use entity::follow_up::{Model, Subject};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    access::{Caller, Scopes},
    contacts::{self, CHUNK, Command},
    database::{Database, WriteError, WriteTx},
    error::DatabaseError,
    organizations::SettingsCache,
};

/// How long a mutation waits for the contacts before it answers; the rest follows behind it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes down, in the transaction of a change, what contacts are to follow; the rows' ids.
pub(crate) async fn leave(
    tx: &WriteTx<'_>,
    followed: Vec<(Subject, Uuid)>,
    by: &By,
) -> Result<Vec<Uuid>, DatabaseError> {
    use crate::database::Read as _;
    let row = |(subject, subject_id)| Model {
        org_id: tx.org_id(),
        id: Uuid::now_v7(),
        subject,
        subject_id,
        reached: None,
        key_id: by.key_id,
        user_id: by.user_id,
        created_at: tx.clock().at,
    };
    let rows: Vec<_> = followed.into_iter().map(row).collect();
    let ids = rows.iter().map(|row| row.id).collect();
    tx.insert::<entity::follow_up::Entity>(rows).await?;
    Ok(ids)
}

/// Who made the change, and so makes those of the contacts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    key_id: Uuid,
    user_id: Option<Uuid>,
}

impl From<&Caller> for By {
    fn from(caller: &Caller) -> Self {
        Self { key_id: caller.key_id, user_id: caller.user_id }
    }
}

/// Lets the contacts follow: when this returns all have, or [`PATIENCE`] or the request's time has
/// passed, and the rest goes on by itself.
pub(crate) async fn follow(database: &Database, settings: &SettingsCache, caller: &Caller, ids: Vec<Uuid>) {
    if ids.is_empty() {
        return;
    }
    let until = database.write_deadline().min(Instant::now() + PATIENCE);
    let (database, settings, caller) = (database.without_deadline(), settings.clone(), caller.clone());
    let all = tokio::spawn(async move {
        for id in ids {
            if let Err(error) = run(&database, &settings, &caller, id).await {
                tracing::error!(error = &error as &dyn std::error::Error, "contacts follow later");
            }
        }
    });
    drop(tokio::time::timeout_at(until, all).await);
}

/// Finishes what was left to follow in every organization. What fails is left for the next time.
pub async fn resume(database: &Database) {
    let Ok(left) = database.follow_ups().await.map_err(DatabaseError::log) else {
        return;
    };
    let settings = SettingsCache::default();
    for row in left {
        let caller = Caller {
            org_id: row.org_id,
            key_id: row.key_id,
            user_id: row.user_id,
            scopes: Scopes::from_bits(0),
            teams: None,
        };
        if let Err(error) = run(database, &settings, &caller, row.id).await {
            tracing::error!(error = &error as &dyn std::error::Error, "contacts follow later");
        }
    }
}

async fn run(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    id: Uuid,
) -> Result<(), WriteError> {
    while contacts::write(database, settings, caller, Command::Follow { id }).await?.rows.len() == CHUNK {}
    Ok(())
}

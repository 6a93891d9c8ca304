//! Running cascades: bringing contacts into line with a change of a company, team, tag, user,
//! pipeline or stage.
//!
//! A cascade that is interrupted is resumed when a server starts, and every minute. Two servers
//! that run the same one share the work, since each job reads under the change clock how far it is.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    access::{Caller, Scopes},
    contacts::cascade,
    database::Database,
    error::DatabaseError,
    organizations::SettingsCache,
    writing::Request,
};

/// Maximum time that a mutation waits for its cascades before it answers.
const MAX_CASCADE_WAIT: Duration = Duration::from_secs(5);

/// Runs cascades, and waits for them: until they are done, or [`MAX_CASCADE_WAIT`] or the request's time
/// has passed. What is not done by then goes on in the background.
pub(crate) async fn run(request: &Request<'_>, ids: Vec<Uuid>) {
    if ids.is_empty() {
        return;
    }
    let until = request.database.write_deadline().min(Instant::now() + MAX_CASCADE_WAIT);
    // A task of its own, without the request's deadline: it must outlive a caller who hangs up.
    let database = request.database.without_deadline();
    let (settings, caller) = (request.settings.clone(), request.caller.clone());
    let all = tokio::spawn(async move {
        for id in ids {
            run_logged(&database, &settings, &caller, id).await;
        }
    });
    drop(tokio::time::timeout_at(until, all).await);
}

/// Finishes the interrupted cascades of every organization. One that fails is left for the next
/// time.
pub async fn resume(database: &Database) {
    let Ok(interrupted) = database.cascades().await.map_err(DatabaseError::log) else {
        return;
    };
    let settings = SettingsCache::default();
    for row in interrupted {
        let caller = Caller {
            org_id: row.org_id,
            key_id: row.key_id,
            user_id: row.user_id,
            scopes: Scopes::from_bits(0),
            teams: None,
        };
        run_logged(database, &settings, &caller, row.id).await;
    }
}

async fn run_logged(database: &Database, settings: &SettingsCache, caller: &Caller, id: Uuid) {
    if let Err(error) = cascade::run(database, settings, caller, id).await {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "a cascade was interrupted; it is resumed later");
    }
}

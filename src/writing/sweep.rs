//! Sweeps: what is removed at intervals, in each organization that has any of it.

use std::time::Duration;

use entity::Tenanted;
use sea_orm::sea_query::Condition;
use tokio::time::Instant;

use crate::database::{Database, Job};

/// Maximum time of a sweep in one organization.
const MAX_SWEEP_TIME: Duration = Duration::from_secs(30);

/// Runs a job in each organization that has rows which satisfy the condition. Failures are logged, as `problem`.
pub(crate) async fn sweep<E: Tenanted, J: Job>(
    database: &Database,
    condition: Condition,
    job: impl Fn() -> J,
    problem: &'static str,
) {
    let organizations = match database.organizations_with::<E>(condition).await {
        Ok(ids) => ids,
        Err(error) => return drop(error.log()),
    };
    for org_id in organizations {
        let deadline = Instant::now() + MAX_SWEEP_TIME;
        if let Err(error) = database.writer().write(org_id, job(), deadline).await {
            tracing::warn!(%org_id, %error, "{problem}");
        }
    }
}

//! The times at which keys were last used: gathered in memory, written down now and then.
//!
//! Writing them down leaves the change clock alone: a read changes nothing that a poller should see.

use std::{collections::HashMap, sync::Arc, time::Duration};

use entity::api_key;
use parking_lot::Mutex;
use sea_orm::sea_query::{Condition, Expr};
use tokio::time::Instant;
use uuid::Uuid;

use super::Caller;
use crate::{
    database::{Job, Outcome, WriteTx, Writer, any_of},
    error::DatabaseError,
};

/// Uses that are still to be written down, by organization and key.
#[derive(Clone, Debug, Default)]
pub(super) struct LastUse(Arc<Mutex<HashMap<Uuid, HashMap<Uuid, i64>>>>);

impl LastUse {
    pub(super) fn note(&self, caller: &Caller, at: i64) {
        self.0.lock().entry(caller.org_id).or_default().insert(caller.key_id, at);
    }

    /// Writes the uses down. Each is kept until then, so dropping the returned future loses none.
    pub(super) async fn record(&self, writer: &Writer) {
        // A copy, since the lock must not be held while the database works.
        let uses = self.0.lock().clone();
        for (org_id, keys) in uses {
            // Not the usual deadline: a stopping server waits for this.
            let deadline = Instant::now() + Duration::from_secs(10);
            let Some(at) = keys.values().copied().max() else {
                continue;
            };
            let job = RecordUse { keys: keys.into_keys().collect(), at };
            match writer.write(org_id, job, deadline).await {
                Ok(()) => self.forget(org_id, at),
                Err(error) => tracing::warn!(%org_id, %error, "the last use of keys was not written down"),
            }
        }
    }

    /// Drops an organization's uses up to a time: a key may have been used again since.
    fn forget(&self, org_id: Uuid, at: i64) {
        let mut uses = self.0.lock();
        if let Some(keys) = uses.get_mut(&org_id) {
            keys.retain(|_, used| *used > at);
            if keys.is_empty() {
                uses.remove(&org_id);
            }
        }
    }
}

struct RecordUse {
    keys: Vec<Uuid>,
    at: i64,
}

impl Job for RecordUse {
    type Answer = ();

    fn rows(&self) -> u32 {
        0
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<()>>, DatabaseError> {
        let mut outcomes = Vec::new();
        for job in jobs {
            for keys in job.keys.chunks(256) {
                let used = Condition::all().add(any_of(api_key::Column::Id, keys.iter().copied()));
                let set = vec![(api_key::Column::LastUsedAt, Expr::value(job.at))];
                tx.update::<api_key::Entity>(used, set).await?;
            }
            outcomes.push(Outcome::Changed(()));
        }
        Ok(outcomes)
    }
}

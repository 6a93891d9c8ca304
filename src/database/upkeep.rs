//! Work for the store itself, which the writer does between two batches. Jobs that arrive meanwhile wait,
//! so it goes in short steps.

use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use super::{Engine, search::Merging};

/// What remains to be done between batches.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    merging: Mutex<Merging>,
}

impl Upkeep {
    /// Does what is due after a batch that has written so many contacts, and more while no job waits.
    /// Failures are logged: no caller waits for this.
    pub(super) async fn after_batch(
        &self,
        writer: &impl ConnectionTrait,
        contacts: u32,
        is_idle: impl Fn() -> bool,
    ) {
        match Engine::of(writer) {
            Engine::Sqlite => {
                let mut merging = self.merging.lock().await;
                merging.wrote(contacts);
                while merging.is_due(is_idle()) {
                    if let Err(error) = merging.step(writer).await {
                        tracing::warn!(%error, cause = %error.cause(), "the search index is not merged");
                    }
                }
            }
            Engine::Postgres => {}
        }
    }
}

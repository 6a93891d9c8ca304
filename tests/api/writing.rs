//! The write path: batches, the change clock, callers that hang up.

use contacts_gateway::{
    database::{Job, Outcome, WriteError, WriteTx},
    error::DatabaseError,
};
use entity::tag;
use sea_orm::{DatabaseTransaction, TransactionTrait as _};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::App;

mod batches;
mod clock;
mod external_ids;
mod hang_up;
mod jobs;
mod settings;

/// A write of the tests' own, which adds a tag; it counts how often it is run.
struct AddTag {
    name: String,
    runs: Arc<AtomicUsize>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Succeed,
    Panic,
    Fail,
}

impl Job for AddTag {
    type Answer = i64;

    fn rows(&self) -> u32 {
        1
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<i64>>, DatabaseError> {
        let mut outcomes = Vec::new();
        for job in jobs {
            job.runs.fetch_add(1, Ordering::Relaxed);
            let stamp = tx.stamp()?;
            let row = tag::Model {
                org_id: Uuid::nil(),
                id: Uuid::now_v7(),
                name: job.name.clone(),
                name_key: job.name.clone(),
                name_fold: job.name.clone(),
                sort_key: job.name.clone().into_bytes(),
                created_at: stamp.at,
                deleted_at: None,
            };
            tx.insert::<tag::Entity>(vec![row]).await?;
            match job.then {
                Then::Succeed => {}
                Then::Panic => panic!("as the test wants"),
                Then::Fail => return Err(DatabaseError::internal("testing", "as the test wants")),
            }
            outcomes.push(Outcome::Changed(stamp.seq));
        }
        Ok(outcomes)
    }
}

impl App {
    /// Writes a tag as the first organization, by a deadline.
    fn add_tag(
        &self,
        name: &str,
        then: Then,
        runs: &Arc<AtomicUsize>,
        time: Duration,
    ) -> impl Future<Output = Result<i64, WriteError>> + use<> {
        let job = AddTag { name: name.to_owned(), runs: runs.clone(), then };
        let (writer, org_id) = (self.database.writer().clone(), self.org_id);
        async move { writer.write(org_id, job, Instant::now() + time).await }
    }

    /// Holds the organization's clock, so that a batch which has begun waits, and others behind it.
    pub(crate) async fn hold_clock(&self) -> DatabaseTransaction {
        let held = self.raw.begin().await.expect("a transaction");
        let sql = "UPDATE change_clock SET change_seq = change_seq WHERE org_id = $1";
        let statement = sea_orm::Statement::from_sql_and_values(self.backend(), sql, [self.org_id.into()]);
        sea_orm::ConnectionTrait::execute_raw(&held, statement).await.expect("the clock is held");
        held
    }

    /// How often the clock was taken since the statements were last asked for.
    fn clock_statements(&self) -> usize {
        let statements = self.statements();
        statements.iter().filter(|statement| statement.sql.starts_with("UPDATE change_clock")).count()
    }
}

/// Lets everything else run so often.
async fn yields(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

const LONG: Duration = Duration::from_secs(15);

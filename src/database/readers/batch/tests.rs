use futures_util::future::join_all;
use sea_orm::DbBackend;
use tempfile::TempDir;

use super::*;
use crate::database::{Database, Options, Tenant};

/// Takes the numbers of the first column.
#[derive(Default)]
struct Numbers(Vec<i64>);

impl Sink for Numbers {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        self.0.extend(row.integer(0)?);
        Ok(())
    }
}

async fn store() -> (TempDir, Database) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("contacts.db").display());
    let database = Database::open(&Options::new(url)).await.expect("a store");
    (folder, database)
}

async fn ask(tenant: &Tenant, value: i64) -> Result<Vec<i64>, FailureKind> {
    // It fails for the smallest number, which has no positive one.
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, "SELECT abs(?)", [value.into()]);
    let read = tenant.look_up_into(&statement, 1, Numbers::default()).await;
    read.map(|numbers| numbers.0).map_err(|error| error.kind)
}

// On one thread, all of them are asked before the first one runs.
#[tokio::test]
async fn a_statement_that_fails_in_a_batch_fails_alone() {
    let (_folder, database) = store().await;
    let tenant = database.tenant(Uuid::now_v7());
    let answers = join_all([-1, i64::MIN, -3, i64::MIN, 5].map(|value| ask(&tenant, value))).await;
    let failed = Err(FailureKind::Internal);
    assert_eq!(answers, [Ok(vec![1]), failed.clone(), Ok(vec![3]), failed, Ok(vec![5])]);
}

#[tokio::test]
async fn whoever_leaves_a_batch_takes_nothing_from_the_others() {
    let (_folder, database) = store().await;
    let tenant = database.tenant(Uuid::now_v7());
    let mut leaving = Box::pin(ask(&tenant, -1));
    let mut staying = Box::pin(ask(&tenant, -2));
    assert!(futures_util::poll!(&mut leaving).is_pending());
    assert!(futures_util::poll!(&mut staying).is_pending());
    drop(leaving);
    assert_eq!(staying.await, Ok(vec![2]));
    assert_eq!(ask(&tenant, -3).await, Ok(vec![3]));
}

#[tokio::test]
async fn organizations_are_in_no_batch_together() {
    let (_folder, database) = store().await;
    let waiting = || database.inner.readers.batches.0.waiting.lock().len();
    let (one, other) = (database.tenant(Uuid::now_v7()), database.tenant(Uuid::now_v7()));
    let mut asked =
        [(&one, -1), (&one, -2), (&other, -3)].map(|(tenant, value)| Box::pin(ask(tenant, value)));
    for ask in &mut asked {
        assert!(futures_util::poll!(ask).is_pending());
    }
    assert_eq!(waiting(), 2);
    assert_eq!(join_all(asked).await, [Ok(vec![1]), Ok(vec![2]), Ok(vec![3])]);
    assert_eq!(waiting(), 0);
}

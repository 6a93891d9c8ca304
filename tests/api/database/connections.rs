//! What holds on every connection.

use contacts_gateway::database::{Database, Job, KeyStore, Options, Outcome, Read as _, WriteError, WriteTx};
use contacts_gateway::error::DatabaseError;
use entity::{contact_tag, tag};
use sea_orm::{
    ConnectionTrait as _, Statement,
    sea_query::{Condition, Expr},
};
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::support::{
    App,
    engine::{Engine, on_each_engine},
};

/// Links a contact that does not exist to a tag that does not either.
struct Dangle;

impl Job for Dangle {
    type Answer = ();

    fn rows(&self) -> u32 {
        1
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<()>>, DatabaseError> {
        let row = contact_tag::Model {
            org_id: tx.org_id(),
            contact_id: Uuid::now_v7(),
            tag_id: Uuid::now_v7(),
            position: 0,
        };
        tx.insert::<contact_tag::Entity>(vec![row]).await?;
        Ok(jobs.iter().map(|_| Outcome::Changed(())).collect())
    }
}

/// Answers a setting of the connection that writes.
pub(super) struct Ask(pub(super) &'static str);

impl Job for Ask {
    type Answer = String;

    fn rows(&self) -> u32 {
        0
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<String>>, DatabaseError> {
        let mut answers = Vec::new();
        for job in jobs {
            answers.push(Outcome::Unchanged(setting(tx, job.0).await?));
        }
        Ok(answers)
    }
}

/// The setting as text, asked through a select of the organization's own.
pub(super) async fn setting(
    read: &impl contacts_gateway::database::Read,
    expression: &'static str,
) -> Result<String, DatabaseError> {
    let select = read.select::<tag::Entity>().values([(Expr::cust(expression), "setting")]);
    let rows = read.rows(select).await?;
    rows[0].value("setting")
}

on_each_engine! {
    async fn foreign_keys_are_enforced(app: App) {
        let before = app.clock().await;
        let deadline = Instant::now() + Duration::from_secs(10);
        let dangling = app.database.writer().write(app.org_id, Dangle, deadline).await;
        assert_eq!(dangling, Err(WriteError::Internal));
        assert_eq!(app.rows().await, 0);
        assert_eq!(app.clock().await, before, "what failed moved no clock");
    }

    async fn a_tenant_reads_its_own_rows_only(app: App) {
        let (other, _) = app.organization("Other").await;
        app.company("Ours").await;
        app.named("company", other, "Theirs").await;
        for (org_id, name) in [(app.org_id, "Ours"), (other, "Theirs")] {
            let rows = app.database.tenant(org_id).find::<entity::company::Entity>(Condition::all()).await.expect("rows");
            let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
            assert_eq!(names, [name]);
        }
    }
}

/// What the `pragma_…` functions of SQLite tell of the connections of either kind.
#[tokio::test]
async fn sqlite_connections_have_the_settings_that_keep_data_safe() {
    let app = App::new(Engine::Sqlite).await;
    let read = app.database.tenant(app.org_id);
    for (setting_name, expression, reader, writer) in [
        ("journal_mode", "(SELECT journal_mode FROM pragma_journal_mode)", "wal", "wal"),
        ("synchronous", "(SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous)", "2", "2"),
        ("foreign_keys", "(SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys)", "1", "1"),
        ("trusted_schema", "(SELECT CAST(trusted_schema AS TEXT) FROM pragma_trusted_schema)", "0", "0"),
        ("query_only", "(SELECT CAST(query_only AS TEXT) FROM pragma_query_only)", "1", "0"),
        ("busy_timeout", "(SELECT CAST(timeout AS TEXT) FROM pragma_busy_timeout)", "5000", "5000"),
    ] {
        let told = setting(&read, expression).await.unwrap_or_else(|error| panic!("{setting_name}: {error}"));
        assert_eq!(told, reader, "{setting_name} of readers");
        let deadline = Instant::now() + Duration::from_secs(10);
        let told = app.database.writer().write(app.org_id, Ask(expression), deadline).await;
        assert_eq!(told.as_deref(), Ok(writer), "{setting_name} of the writer");
    }
}

#[cfg(postgres_found)]
#[tokio::test]
async fn postgres_transactions_read_what_is_committed_whatever_the_database_prefers() {
    let app = App::new(Engine::Postgres).await;
    let prefer =
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''',
        current_database()); END $$";
    app.raw.execute_unprepared(prefer).await.expect("a preference");
    let again = Database::open(&Options::new(app.url())).await.expect("a store");
    let deadline = Instant::now() + Duration::from_secs(10);
    let told =
        again.writer().write(app.org_id, Ask("current_setting('transaction_isolation')"), deadline).await;
    assert_eq!(told.as_deref(), Ok("read committed"));
    again.close().await;
}

/// Two replicas may start at once on an empty database.
#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_can_be_migrated_by_several_at_once() {
    use crate::support::engine::TestDatabase;
    for _ in 0..3 {
        let database = TestDatabase::empty(Engine::Postgres);
        let options = Options::new(&database.url);
        let opened = futures_util::future::join_all((0..4).map(|_| KeyStore::open(&options))).await;
        for store in opened {
            store.expect("it is migrated, by whomever");
        }
        let raw = sea_orm::Database::connect(&database.url).await.expect("a connection");
        let applied = "SELECT version FROM seaql_migrations";
        let rows = raw
            .query_all_raw(Statement::from_string(raw.get_database_backend(), applied))
            .await
            .expect("rows");
        let mut versions: Vec<String> =
            rows.iter().map(|row| row.try_get("", "version").expect("text")).collect();
        versions.dedup();
        assert_eq!(versions.len(), rows.len());
    }
}

/// A client's filters have texts of their own, and a server keeps each for every connection.
#[cfg(postgres_found)]
#[tokio::test]
async fn a_postgres_connection_keeps_as_many_statements_as_the_url_says() {
    let app = App::new(Engine::Postgres).await;
    for (maximum, expected) in [("", 5..=512), ("?statement-cache-capacity=2", 1..=2)] {
        let options = Options { readers: 1, ..Options::new(format!("{}{maximum}", app.url())) };
        let database = Database::open(&options).await.expect("a store");
        let read = database.tenant(app.org_id);
        for _ in 0..4 {
            for expression in ["'a'", "'b'", "'c'", "'d'", "'e'"] {
                assert_eq!(format!("'{}'", setting(&read, expression).await.expect("a text")), expression);
            }
        }
        let kept = setting(&read, "(SELECT count(*)::text FROM pg_prepared_statements)").await;
        let kept: usize = kept.expect("a number").parse().expect("a number");
        assert!(expected.contains(&kept), "{maximum}: {kept}");
        database.close().await;
    }
}

//! Statistics of the engines, which follow the number of contacts.

use std::sync::Arc;

use contacts_gateway::{
    database::{Database, Job, Options, Outcome, WriteTx},
    error::DatabaseError,
};
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Duration, Instant},
};

use crate::support::{App, engine::Engine};

/// A job of as many contacts as make a gateway look at the statistics. It writes none.
struct Thousand;

impl Job for Thousand {
    type Answer = ();

    fn rows(&self) -> u32 {
        1_000
    }

    async fn run(_: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<()>>, DatabaseError> {
        Ok(jobs.iter().map(|_| Outcome::Unchanged(())).collect())
    }
}

async fn write_thousand(database: &Database, app: &App) {
    let deadline = Instant::now() + Duration::from_secs(10);
    database.writer().write(app.org_id, Thousand, deadline).await.expect("an empty job");
}

/// Adds contacts past the gateway, until there are so many.
async fn fill(app: &App, contacts: i64) {
    let new_id = match app.engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let missing = contacts - app.count("SELECT COUNT(*) AS count FROM contact").await;
    app.raw_execute(&format!(
        "CREATE TEMPORARY TABLE copies AS WITH RECURSIVE numbers(n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {missing})
            SELECT one.* FROM numbers CROSS JOIN (SELECT * FROM contact LIMIT 1) AS one;
        UPDATE copies SET id = {new_id};
        INSERT INTO contact SELECT * FROM copies;
        DROP TABLE copies"
    ))
    .await;
}

/// A plan that depends on statistics: where few organizations have many contacts, one is looked up in each.
async fn plan(connection: &DatabaseConnection, id: u8) -> Vec<String> {
    // EXPLAIN alone does not look whether the schema has changed, and its text must not be a prepared one.
    connection.execute_unprepared("SELECT * FROM contact LIMIT 1").await.expect("a row");
    let sql = format!("EXPLAIN QUERY PLAN SELECT status FROM contact WHERE id = x'0{id}'");
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    rows.expect("a plan").iter().map(|row| row.try_get("", "detail").expect("a step")).collect()
}

#[tokio::test]
async fn sqlite_plans_by_statistics_from_a_thousand_contacts_on_and_so_does_every_connection() {
    let app = App::new(Engine::Sqlite).await;
    app.created(json!({"firstName": "Jane"})).await;
    let options = ConnectOptions::new(app.url()).sqlx_logging(false).max_connections(1).to_owned();
    let reader = sea_orm::Database::connect(options).await.expect("a connection");
    let seen =
        "SELECT coalesce(max(CAST(stat AS INTEGER)), 0) AS count FROM sqlite_stat1 WHERE tbl = 'contact'";
    let before = plan(&reader, 1).await;

    fill(&app, 999).await;
    for _ in 0..2 {
        write_thousand(&app.database, &app).await;
    }
    assert_eq!(app.count(seen).await, 0);
    fill(&app, 1_000).await;
    // The next write begins only after the statistics of the last one.
    for _ in 0..2 {
        write_thousand(&app.database, &app).await;
    }
    assert_eq!(app.count(seen).await, 1_000);
    let after = plan(&reader, 2).await;
    assert!(before[0].starts_with("SCAN") && after[0].starts_with("SEARCH"), "{before:?} {after:?}");

    fill(&app, 9_999).await;
    for _ in 0..2 {
        write_thousand(&app.database, &app).await;
    }
    assert_eq!(app.count(seen).await, 1_000);
    fill(&app, 10_000).await;
    for _ in 0..2 {
        write_thousand(&app.database, &app).await;
    }
    assert!((9_000..11_000).contains(&app.count(seen).await), "the engine's estimate");
}

#[cfg(postgres_found)]
#[tokio::test]
async fn postgres_analyses_its_tables_when_contacts_have_grown_tenfold() {
    let app = App::new(Engine::Postgres).await;
    app.raw_execute("ALTER TABLE contact SET (autovacuum_enabled = off)").await;
    app.created(json!({"firstName": "Jane"})).await;
    let (sender, mut ran) = mpsc::unbounded_channel();
    let options = Options {
        on_statement: Some(Arc::new(move |info| {
            let _ = sender.send(info.statement.sql.clone());
        })),
        ..Options::new(app.url())
    };
    let database = Database::open(&options).await.expect("a second gateway");
    // The last statement of a look at the statistics.
    let mut last_of = async |last: &str| {
        write_thousand(&database, &app).await;
        while let Some(sql) = ran.recv().await {
            if sql.contains(last) {
                return;
            }
            assert!(!sql.contains("ANALYZE"), "{sql}");
        }
        panic!("the gateway is gone");
    };
    let seen = "SELECT reltuples::bigint AS count FROM pg_class WHERE oid = 'contact'::regclass";
    let tables = "SELECT COUNT(*) AS count FROM pg_class WHERE relname LIKE 'contact%' AND relkind = 'r' AND reltuples < 0";

    fill(&app, 999).await;
    last_of("LIMIT 1000").await;
    assert_eq!(app.count(seen).await, -1);
    fill(&app, 1_000).await;
    last_of("ANALYZE").await;
    assert_eq!((app.count(seen).await, app.count(tables).await), (1_000, 0));
    fill(&app, 5_000).await;
    last_of("relpages").await;
    assert_eq!(app.count(seen).await, 1_000);
    fill(&app, 12_000).await;
    last_of("ANALYZE").await;
    assert_eq!(app.count(seen).await, 12_000);
}

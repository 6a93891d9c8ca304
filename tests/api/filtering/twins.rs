//! A word that another organization has costs as much as one that nobody has.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::{Value, json};

use crate::support::{
    App,
    engine::{Engine, ForEngine, on_each_engine},
};

/// Creates contacts with a key.
pub(super) async fn create_all(app: &App, key: &str, rows: Vec<Value>) {
    const CREATE: &str = "mutation($rows: [CreateContactInput!]!) { createContacts(input: {contacts: $rows}) { createdCount } }";
    for rows in rows.chunks(200) {
        let answer = app.ask_as(key, CREATE, json!({"rows": rows})).await;
        assert_eq!(answer["data"]["createContacts"]["createdCount"], rows.len(), "{answer:#}");
    }
}

/// An organization of 300 contacts, beside another one with ten times as many.
struct Beside(App);

impl ForEngine for Beside {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let (_, other) = app.organization("Globex").await;
        let theirs = (0..3_000).map(|n| {
            json!({"firstName": format!("Zebulon{n}"), "email": format!("zebulon{n}@globex.example"),
                "phone": format!("+1416000{n:04}")})
        });
        create_all(&app, &other, theirs.collect()).await;
        // Without digits, so that numbers are as unknown here as names.
        let own = (0..300_u32).map(|n| {
            let letters: String =
                n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
            json!({"firstName": format!("Anna{letters}"), "email": format!("anna{letters}@acme.example")})
        });
        create_all(&app, &app.key, own.collect()).await;
        if engine == Engine::Postgres {
            app.raw_execute("VACUUM ANALYZE").await;
        }
        Self(app)
    }
}

/// Words that the other organization has, each with one of the same length that nobody has.
const TWINS: [(&str, &str); 5] = [
    ("zebulon2345@globex.example", "zebulin2345@globux.example"),
    ("globex.example", "globux.example"),
    ("zebulon", "zobilun"),
    ("ze", "zq"),
    ("+14160002345", "+14169992345"),
];

/// Statements of a search.
async fn sent(app: &App, query: &str) -> Vec<Statement> {
    const SEARCH: &str = "query($query: String) { contacts(query: $query) { totalCount nodes { id } } }";
    app.statements();
    let answer = app.ask_with(SEARCH, json!({"query": query})).await;
    assert_eq!(answer["data"]["contacts"], json!({"totalCount": 0, "nodes": []}), "{query} {answer:#}");
    app.statements().into_iter().filter(|sent| sent.sql.contains("contact_search")).collect()
}

/// A connection of SQLite that counts the steps of its virtual machine, FTS5's own statements included.
struct Counted {
    connection: DatabaseConnection,
    steps: Arc<AtomicU64>,
}

impl Counted {
    async fn over(app: &App) -> Self {
        let options = ConnectOptions::new(app.url()).sqlx_logging(false).max_connections(1).to_owned();
        let connection = sea_orm::Database::connect(options).await.expect("a connection");
        let steps = Arc::new(AtomicU64::new(0));
        let counted = steps.clone();
        let mut one = connection.get_sqlite_connection_pool().acquire().await.expect("the connection");
        one.lock_handle().await.expect("its handle").set_progress_handler(1, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            true
        });
        drop(one);
        Self { connection, steps }
    }

    async fn steps(&self, statements: &[Statement]) -> u64 {
        self.steps.store(0, Ordering::Relaxed);
        for statement in statements {
            self.connection.query_all_raw(statement.clone()).await.expect("rows");
        }
        self.steps.load(Ordering::Relaxed)
    }
}

/// The plans of statements, with the rows that each node has visited.
async fn plan(app: &App, statements: &[Statement]) -> Vec<String> {
    let mut lines = Vec::new();
    for statement in statements {
        let sql = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {}", statement.sql);
        let rows = app.raw.query_all_raw(Statement { sql, ..statement.clone() }).await.expect("a plan");
        lines.extend(rows.iter().map(|row| row.try_get::<String>("", "QUERY PLAN").expect("a line")));
    }
    lines
}

on_each_engine! {
    async fn a_search_visits_nothing_of_another_organization(beside: Beside) {
        let Beside(app) = beside;
        match app.engine {
            Engine::Sqlite => {
                // What the writer does between batches must not change the index meanwhile.
                app.raw_execute("INSERT INTO contact_search_index (contact_search_index) VALUES ('optimize')").await;
                let counted = Counted::over(&app).await;
                for (theirs, nobodys) in TWINS {
                    let (theirs_sent, nobodys_sent) = (sent(&app, theirs).await, sent(&app, nobodys).await);
                    // Once before it counts: a connection reads the schema and prepares FTS5's statements.
                    counted.steps(&theirs_sent).await;
                    let (steps, of_twin) = (counted.steps(&theirs_sent).await, counted.steps(&nobodys_sent).await);
                    assert_eq!(steps, of_twin, "{theirs}");
                    assert!(steps > 20, "{theirs}: {steps}");
                }
            }
            // The planner chooses by how frequent a word is in the whole table: either of the indexes, which
            // both lead to rows of the organization only.
            Engine::Postgres => {
                for word in TWINS.iter().flat_map(|(theirs, nobodys)| [theirs, nobodys]) {
                    let plan = plan(&app, &sent(&app, word).await).await;
                    let is_own = |line: &&String| line.contains("(org_id = ");
                    let conditions: Vec<_> = plan.iter().filter(|line| line.contains("Index Cond")).collect();
                    assert!(conditions.len() > 3 && conditions.iter().all(is_own), "{plan:#?}");
                    assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{plan:#?}");
                    let visited = plan.iter().filter_map(|line| {
                        let (_, rest) = line.split_once("actual rows=").or_else(|| line.split_once("Rows Removed by Filter: "))?;
                        rest.split(' ').next()?.parse::<u32>().ok()
                    });
                    assert!(visited.clone().count() > 3 && visited.max() <= Some(300), "{plan:#?}");
                }
            }
        }
    }
}

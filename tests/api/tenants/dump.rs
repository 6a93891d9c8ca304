//! All that an organization has in the store, to the byte.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, Statement};
use uuid::Uuid;

use crate::support::{App, engine::Engine};

/// What is there only while something is under way.
const PASSING: [&str; 1] = ["cascade"];

/// The rows of an organization, by table.
pub(crate) type Dump = BTreeMap<String, Vec<String>>;

/// Everything of an organization.
pub(crate) async fn dump(app: &App, org_id: Uuid) -> Dump {
    let mut dump = Dump::new();
    for table in tables(app).await {
        let key = if table == "organization" { "id" } else { "org_id" };
        let row = match app.engine {
            Engine::Postgres => "CAST(it AS TEXT)".to_owned(),
            Engine::Sqlite => {
                let sql = format!("SELECT name AS text FROM pragma_table_info('{table}')");
                let columns = texts(app, &sql, None).await;
                let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
                quoted.join(" || ',' || ")
            }
        };
        let sql = format!("SELECT {row} AS text FROM \"{table}\" it WHERE {key} = $1 ORDER BY 1");
        let found = texts(app, &sql, Some(org_id)).await;
        dump.insert(table, found);
    }
    dump
}

/// Sees that there is something of the organization wherever there can be.
pub(crate) fn assert_filled(dump: &Dump) {
    for (table, rows) in dump {
        assert!(!rows.is_empty() || PASSING.contains(&&**table), "teach me to fill {table}");
    }
}

/// Every table that is divided among organizations.
async fn tables(app: &App) -> Vec<String> {
    let sql = match app.engine {
        Engine::Postgres => {
            "SELECT CAST(table_name AS TEXT) AS text FROM information_schema.columns WHERE column_name = 'org_id'"
        }
        Engine::Sqlite => {
            "SELECT it.name AS text FROM sqlite_schema it, pragma_table_info(it.name) part
             WHERE it.type = 'table' AND part.name = 'org_id'"
        }
    };
    let mut tables = texts(app, sql, None).await;
    tables.push("organization".to_owned());
    tables
}

async fn texts(app: &App, sql: &str, org_id: Option<Uuid>) -> Vec<String> {
    let values: Vec<sea_orm::Value> = org_id.into_iter().map(Into::into).collect();
    let statement = Statement::from_sql_and_values(app.backend(), sql, values);
    let rows = app.raw.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get("", "text").expect("a text")).collect()
}

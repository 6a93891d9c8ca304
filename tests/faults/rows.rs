//! What the database holds, looked at past the gateway.

use std::collections::HashMap;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement};
use uuid::Uuid;

/// A connection of the test's own.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    // The driver's own task for these may go round for ever.
    options.sqlx_logging(false).idle_timeout(None).max_lifetime(None);
    Database::connect(options).await.unwrap_or_else(|error| panic!("the database does not open: {error}"))
}

pub(crate) async fn query(database: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// All contacts, by their first names, of which none may be there twice. Each must be whole, as
/// [`Client::create`](crate::client::Client::create) makes them.
pub(crate) async fn contacts(database: &DatabaseConnection) -> HashMap<String, Uuid> {
    let halves = "SELECT id FROM contact
        WHERE (SELECT count(*) FROM contact_tag WHERE contact_id = contact.id) <> 2
           OR (SELECT count(*) FROM contact_phone WHERE contact_id = contact.id) <> 1";
    assert_eq!(query(database, halves).await.len(), 0, "half-written contacts");
    let mut contacts = HashMap::new();
    for row in query(database, "SELECT first_name, id FROM contact").await {
        let name: String = row.try_get("", "first_name").expect("a name");
        let id: Uuid = row.try_get("", "id").expect("an id");
        if let Some(other) = contacts.insert(name.clone(), id) {
            panic!("{name} is there twice: {other} and {id}");
        }
    }
    contacts
}

/// SQLite finds nothing wrong with its file.
pub(crate) async fn assert_sound(database: &DatabaseConnection) {
    let check: Vec<String> = query(database, "PRAGMA integrity_check")
        .await
        .iter()
        .map(|row| row.try_get_by_index(0).expect("text"))
        .collect();
    assert_eq!(check, ["ok"]);
    assert_eq!(query(database, "PRAGMA foreign_key_check").await.len(), 0);
}

//! SQLite's index of trigrams, against the documents themselves and against FTS5's own trigrams.

use std::collections::BTreeSet;

use contacts_gateway::database::phrase;
use proptest::{
    collection::vec, prelude::*, sample::select, strategy::ValueTree as _, test_runner::TestRunner,
};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use super::{found, twins::create_all};
use crate::support::{App, engine::Engine};

const NEEDLES: usize = 400;

/// Takes the newest migration back, as if it had never been. Migrating again indexes all documents.
pub(super) async fn unmigrate(app: &App) {
    for sql in [
        "DROP TABLE contact_search_index",
        "DROP TABLE contact_search_organization",
        "CREATE VIRTUAL TABLE contact_search_index
            USING fts5(doc, content='', contentless_delete=1, tokenize='trigram')",
        "INSERT INTO contact_search_index (rowid, doc) SELECT rowid, doc FROM contact_search",
        "DELETE FROM seaql_migrations WHERE version = 'm20261130_003_search'",
    ] {
        app.raw_execute(sql).await;
    }
}

/// The numbers of the documents that an expression finds in an index.
async fn matches(app: &App, index: &str, expression: String) -> BTreeSet<i64> {
    let sql = format!("SELECT rowid FROM {index} WHERE {index} MATCH ?");
    let statement = Statement::from_sql_and_values(app.raw.get_database_backend(), sql, [expression.into()]);
    let rows = app.raw.query_all_raw(statement).await.expect("rows");
    rows.iter().map(|row| row.try_get("", "rowid").expect("a number")).collect()
}

/// Names in several scripts, with signs of FTS5's language and of ours.
fn name() -> impl Strategy<Value = String> {
    let pieces = [
        "an", "na", "ann", "\"", "#", "#x61", "0x", " ", "-", "*", "é", "Ж", "жа", "王", "王小", "🙂", "İ",
        "ß", "OR",
    ];
    vec(select(pieces.to_vec()), 1..7).prop_map(|pieces| format!("a{}", pieces.concat()))
}

#[tokio::test]
async fn a_phrase_finds_the_documents_that_hold_its_text() {
    let app = App::new(Engine::Sqlite).await;
    let (_, other) = app.organization("Globex").await;
    let mut runner = TestRunner::deterministic();
    let mut sample = || name().new_tree(&mut runner).expect("a name").current();
    for key in [&app.key, &other] {
        let rows = (0..150).map(|_| json!({"firstName": sample(), "lastName": sample()})).collect();
        create_all(&app, key, rows).await;
    }
    app.raw_execute(
        "CREATE VIRTUAL TABLE trigrams USING fts5(doc, content='', contentless_delete=1, tokenize='trigram')",
    )
    .await;
    app.raw_execute("INSERT INTO trigrams (rowid, doc) SELECT rowid, doc FROM contact_search").await;
    let all = "SELECT contact_search.rowid AS id, doc, number FROM contact_search
        JOIN contact_search_organization USING (org_id)";
    let all = Statement::from_string(app.raw.get_database_backend(), all);
    let rows = app.raw.query_all_raw(all).await.expect("rows");
    let documents: Vec<(i64, i64, String)> = rows
        .iter()
        .map(|row| {
            let cell = |name| row.try_get("", name).expect("a number");
            (cell("id"), cell("number"), row.try_get("", "doc").expect("a text"))
        })
        .collect();
    let numbers: BTreeSet<i64> = documents.iter().map(|(_, number, _)| *number).collect();
    assert_eq!((documents.len(), numbers.len()), (300, 2));

    let piece = (0..documents.len(), any::<prop::sample::Index>(), 3..9_usize, any::<bool>());
    let mut many = 0;
    for _ in 0..NEEDLES {
        let (document, start, length, reversed) = piece.new_tree(&mut runner).expect("a piece").current();
        let characters: Vec<char> = documents[document].2.chars().collect();
        let start = start.index(characters.len() - 2);
        let mut piece: Vec<char> = characters.into_iter().skip(start).take(length).collect();
        if reversed {
            piece.reverse();
        }
        let needle: String = piece.into_iter().collect();
        let held: Vec<_> = documents.iter().filter(|(_, _, doc)| doc.contains(&needle)).collect();
        many += held.len();
        let quoted = format!("\"{}\"", needle.replace('"', "\"\""));
        let held_by_any: BTreeSet<i64> = held.iter().map(|(id, ..)| *id).collect();
        assert_eq!(matches(&app, "trigrams", quoted).await, held_by_any, "{needle:?}");
        for own in &numbers {
            let expected = held.iter().filter(|(_, number, _)| number == own).map(|(id, ..)| *id).collect();
            let phrase = phrase(&needle).replace('#', &own.to_string());
            assert_eq!(matches(&app, "contact_search_index", phrase).await, expected, "{own} {needle:?}");
        }
    }
    assert!(many > NEEDLES, "needles that are found: {many}");
}

#[tokio::test]
async fn a_store_with_the_index_of_before_is_searched_as_ever() {
    let app = App::new(Engine::Sqlite).await;
    let (_, other) = app.organization("Globex").await;
    // More than the migration reads at once.
    let rows = (0..320).map(|n| json!({"firstName": format!("Jané{n}")})).collect();
    create_all(&app, &app.key, rows).await;
    create_all(&app, &other, vec![json!({"firstName": "Jane7"})]).await;
    let before = (found(&app, "jane7").await, found(&app, "ja ne31").await);
    assert_eq!((before.0.len(), before.1.len()), (11, 11));

    unmigrate(&app).await;
    assert_eq!(matches(&app, "contact_search_index", "\"ane\"".to_owned()).await.len(), 321);
    migration::up(&app.raw).await.expect("migrations");
    assert_eq!((found(&app, "jane7").await, found(&app, "ja ne31").await), before);
    // What is written next fits in.
    let new = app.created(json!({"firstName": "Jane7"})).await;
    assert!(found(&app, "jane7").await.contains(&new.to_string()));
    assert_eq!(found(&app, "jane7").await.len(), 12);
}

#[tokio::test]
async fn segments_are_merged_between_batches() {
    let app = App::new(Engine::Sqlite).await;
    for n in 0..200 {
        app.created(json!({"firstName": format!("Jane{n}")})).await;
    }
    let segments = app.count("SELECT COUNT(DISTINCT segid) AS count FROM contact_search_index_idx").await;
    // Each write leaves one; four of a level are merged into one of the next.
    assert!(segments < 20, "{segments} segments");
    let merged = app.statements().iter().filter(|sent| sent.sql.contains("'merge'")).count();
    assert!((3..30).contains(&merged), "{merged} steps");
    assert_eq!(found(&app, "jane19").await.len(), 11);
}

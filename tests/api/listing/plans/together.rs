//! Pages that wait for a connection at the same time are read by one statement.

use std::pin::pin;

use axum::Router;
use futures_util::{future::join_all, poll};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use tokio::task::{unconstrained, yield_now};

use super::{Engine, ForEngine as _, List, Many, cursors, index, postgres, windows};
use crate::support::{App, ask};

/// Number of connections that an organization has.
const CONNECTIONS: i64 = 2;

/// Waits until so many statements wait for a lock.
async fn statements_wait(app: &App, wanted: i64) {
    let count = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (
        SELECT oid FROM pg_database WHERE datname = current_database())";
    while app.number(count).await != wanted {}
}

fn page(arguments: &str) -> String {
    format!(
        "{{ contacts({arguments}) {{ edges {{ cursor node {{ id firstName email }} }}
            pageInfo {{ hasNextPage hasPreviousPage }} }} }}"
    )
}

async fn ask_server(server: Router, key: String, query: String) -> Value {
    ask(server, &key, &query, json!({})).await
}

/// Returns the text of a statement as it stands within that of several.
fn within_several(sql: &str) -> String {
    (1..=40).rev().fold(sql.to_owned(), |sql, number| {
        sql.replace(&format!("${number}"), &format!("\"all\".\"v{number}\""))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_one_kind_are_read_together_off_the_index_of_their_order() {
    let app = Many::for_engine(Engine::Postgres).await.0;
    // Without answers that are given again.
    let server = app.beside(0);
    let ask = |query: String| ask_server(server.clone(), app.key.clone(), query);
    let mut pages = Vec::new();
    for (list, descending) in List::both_ways() {
        let order = list.arguments(descending);
        for (_, window) in windows(&cursors(&app, &order).await) {
            let query = page(&format!("{window}, {order}"));
            app.statements();
            let answer = ask(query.clone()).await;
            let statement = app.statements().pop().expect("a statement");
            pages.push((query, answer, within_several(&statement.sql), index(list)));
        }
    }

    // The connections are taken, so all that follows waits for one.
    let lock = app.raw.begin().await.expect("a transaction");
    lock.execute_unprepared("LOCK TABLE contact IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
    let first =
        (1..=CONNECTIONS).map(|size| ask(format!("{{ contacts(first: {size}) {{ nodes {{ id }} }} }}")));
    let mut first = pin!(unconstrained(join_all(first)));
    assert!(poll!(&mut first).is_pending());
    statements_wait(&app, CONNECTIONS).await;
    // Each twice: these two fit together at least.
    let twice = pages.iter().flat_map(|(query, ..)| [query.clone(), query.clone()]);
    let mut again = pin!(unconstrained(join_all(twice.map(ask))));
    // So often that each of them has come as far as it comes.
    for _ in 0..1_000 {
        assert!(poll!(&mut again).is_pending());
        yield_now().await;
    }
    app.statements();
    lock.rollback().await.expect("the lock is let go");
    let (again, _) = tokio::join!(again, first);

    for (answer, (query, alone, ..)) in again.iter().zip(pages.iter().flat_map(|page| [page, page])) {
        assert_eq!(answer, alone, "{query}");
    }
    let statements = app.statements();
    let alone = statements.iter().filter(|sent| !sent.sql.contains(" WITH ORDINALITY ")).count();
    assert_eq!(i64::try_from(alone), Ok(CONNECTIONS), "of {}", statements.len());
    for statement in statements.iter().filter(|sent| sent.sql.contains(" WITH ORDINALITY ")) {
        let page = pages.iter().find(|(_, _, sql, _)| statement.sql.contains(sql.as_str()));
        let (.., index) = page.unwrap_or_else(|| panic!("of which page is {}?", statement.sql));
        postgres::check_together(&app, statement, index).await;
    }
}

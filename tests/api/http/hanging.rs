//! A PostgreSQL that hangs: tables are locked under the gateway.

use std::{sync::Arc, time::Duration};

use contacts_gateway::{
    database::{Database, Options, Read as _},
    error::FailureKind,
};
use entity::contact;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _, sea_query::Condition};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    GRAPHQL_RESPONSE, Server, assert_refused,
    deadline::{failed, soon},
    listener::LONG,
};
use crate::support::{App, engine::Engine};

/// A table that no read and no write gets at until the transaction ends.
async fn lock(app: &App, table: &str) -> DatabaseTransaction {
    let held = app.raw.begin().await.expect("a transaction");
    held.execute_unprepared(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.expect("a lock");
    held
}

#[tokio::test]
async fn a_database_that_hangs_does_not_keep_a_client_past_the_deadline() {
    let app = App::with(Engine::Postgres, soon(), &[]).await;
    let server = Server { router: app.router(), key: app.key.clone(), app };
    let read = r#"{"query":"{ contacts { nodes { id } } again: contacts { nodes { id } } }"}"#;
    let held = lock(&server.app, "api_key").await;
    let answer = timeout(LONG, server.post_body(read)).await.expect("in time");
    assert_refused(&answer, 504, "TIMEOUT");
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryable"], true, "{answer:?}");
    held.rollback().await.expect("the lock is let go");

    let held = lock(&server.app, "contact").await;
    for accept in ["application/json", GRAPHQL_RESPONSE] {
        let request = server.post().header("accept", accept).body(read.into()).expect("a request");
        let answer = timeout(LONG, server.send(request)).await.expect("in time");
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (504, Some("1")), "{body:#}");
        assert_eq!(failed(&body), [("contacts", "TIMEOUT"), ("again", "TIMEOUT")]);
        assert_eq!(body.get("data"), None, "{body:#}");
    }
    let beside = r#"{"query":"{ contacts { nodes { id } } viewer { scopes } }"}"#;
    let answer = server.post_body(beside).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(failed(&answer.json()), [("contacts", "TIMEOUT")]);
    held.rollback().await.expect("the lock is let go");
    assert_eq!(server.post_body(read).await.status, 200);
}

/// The second write waits for a table that the first does not need.
#[tokio::test]
async fn the_deadline_takes_no_answer_from_a_mutation_that_was_committed() {
    let app = App::with(Engine::Postgres, soon(), &[]).await;
    app.created(json!({"firstName": "before"})).await;
    let held = lock(&app, "tag").await;
    let answer = app
        .ask(
            "mutation {
                a: createContact(input: {firstName: \"a\"}) { contact { firstName phones { number } } }
                b: createContact(input: {firstName: \"b\", tags: [\"new\"]}) { contact { id } }
                c: createContact(input: {firstName: \"c\"}) { contact { id } } }",
        )
        .await;
    held.rollback().await.expect("the lock is let go");
    assert_eq!(answer["data"]["a"], json!({"contact": {"firstName": "a", "phones": []}}), "{answer:#}");
    assert_eq!(failed(&answer), [("b", "OUTCOME_UNKNOWN"), ("c", "OVERLOADED")]);
    assert_eq!(app.number("SELECT count(*) FROM contact WHERE first_name = 'c'").await, 0);
}

/// The second query begins after the write, so when it has answered both their deadlines have passed.
#[tokio::test]
async fn a_mutation_may_read_what_it_has_written_for_a_while_after_the_deadline() {
    let app = Arc::new(App::with(Engine::Postgres, soon(), &[]).await);
    let team = app.team("Sales").await;
    app.created(json!({"firstName": "before"})).await;
    let held = lock(&app, "team_member").await;
    let write = format!(
        "mutation {{ createContact(input: {{firstName: \"a\", teamId: \"{team}\"}}) {{
            contact {{ team {{ name members {{ name }} }} }} }} }}"
    );
    let asked = app.clone();
    let mut writing = tokio::spawn(async move { asked.ask(&write).await });
    for _ in 0..2 {
        let query = app.ask("{ teams { members { id } } }");
        tokio::select! {
            biased;
            answer = &mut writing => panic!("{answer:?}"),
            answer = query => assert_eq!(failed(&answer), [("teams", "TIMEOUT")]),
        }
    }
    held.rollback().await.expect("the lock is let go");
    let answer = writing.await.expect("an answer");
    assert_eq!(
        answer,
        json!({"data": {"createContact": {"contact": {"team": {"name": "Sales", "members": []}}}}})
    );
}

#[tokio::test]
async fn postgres_gives_up_a_read_that_takes_too_long_and_never_a_write() {
    let app = App::new(Engine::Postgres).await;
    let options = Options { read_time: Some(Duration::from_millis(50)), ..Options::new(app.url()) };
    let database = Database::open(&options).await.expect("a store");
    let held = lock(&app, "contact").await;
    let tenant = database.tenant(app.org_id);
    let rows = timeout(LONG, tenant.find::<contact::Entity>(Condition::all())).await.expect("in time");
    assert_eq!(rows.expect_err("it is locked").kind, FailureKind::Timeout);
    held.rollback().await.expect("the lock is let go");
    assert!(database.tenant(app.org_id).find::<contact::Entity>(Condition::all()).await.is_ok());
    database.close().await;
}

/// Whoever repeats it without a key would write it twice.
#[tokio::test]
async fn what_was_written_but_not_read_in_time_is_not_to_be_repeated_without_a_key() {
    let app = App::with(Engine::Postgres, soon(), &[]).await;
    let team = app.team("Sales").await;
    app.created(json!({"firstName": "before"})).await;
    let server = Server { router: app.router(), key: app.key.clone(), app };
    let held = lock(&server.app, "team_member").await;
    let query = format!(
        "mutation {{ createContact(input: {{firstName: \"a\", teamId: \"{team}\"}}) {{
            contact {{ team {{ members {{ name }} }} }} userErrors {{ code }} }} }}"
    );
    let body = json!({ "query": query }).to_string();
    let with_key = server.post().header("idempotency-key", "a").body(body.clone().into()).expect("a request");
    let (without, with) = tokio::join!(server.post_body(body), server.send(with_key));
    held.rollback().await.expect("the lock is let go");
    for (answer, retryable, after) in [(without, false, Value::Null), (with, true, json!(1_000))] {
        let answer = answer.json();
        assert_eq!(failed(&answer), [("createContact", "TIMEOUT")]);
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((&extensions["retryable"], &extensions["retryAfterMs"]), (&json!(retryable), &after));
        assert_eq!(answer["data"]["createContact"]["userErrors"], json!([]), "{answer:#}");
    }
    assert_eq!(server.app.number("SELECT count(*) FROM contact WHERE first_name = 'a'").await, 2);
}

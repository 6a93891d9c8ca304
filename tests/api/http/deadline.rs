//! By when a request is answered, whatever its database does.

use std::time::Duration;

use async_graphql::Request;
use contacts_gateway::{
    access::{Keys, RateLimiter},
    database::{Deadlines, Read as _},
    error::FailureKind,
    graphql::{DocumentLimits, Gateway, RequestContext},
    http::Limits,
};
use entity::contact;
use sea_orm::sea_query::Condition;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::listener::LONG;
use crate::support::{
    App,
    engine::{Engine, on_each_engine},
};

/// Passes in a test that waits for it; long enough for what is done before.
const SOON: Duration = Duration::from_millis(500);

pub(super) fn soon() -> Limits {
    Limits { request_time: SOON, ..Limits::default() }
}

/// Each root field of an answer that has failed, with the code.
pub(super) fn failed(answer: &Value) -> Vec<(&str, &str)> {
    let errors = answer["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| {
            let code = error["extensions"]["code"].as_str().expect("a code");
            (error["path"][0].as_str().expect("a path"), code)
        })
        .collect()
}

on_each_engine! {
    async fn a_read_after_the_deadline_is_not_begun_and_one_before_it_is_answered(app: App) {
        let now = Instant::now();
        for (reads, in_time) in [(now, false), (now + Duration::from_hours(1), true)] {
            let database = app.database.with_deadlines(Deadlines { reads, writes: now });
            app.statements();
            let rows = database.tenant(app.org_id).find::<contact::Entity>(Condition::all()).await;
            assert_eq!(app.statements().len(), usize::from(in_time));
            match rows {
                Ok(rows) => assert!(in_time && rows.is_empty()),
                Err(error) => assert!(!in_time && error.kind == FailureKind::Timeout, "{error}"),
            }
            let rows = database.without_deadline().tenant(app.org_id).find::<contact::Entity>(Condition::all()).await;
            assert!(rows.is_ok_and(|rows| rows.is_empty()), "what goes on behind a request has its own time");
        }
    }

    async fn a_query_past_its_deadline_answers_timeout_and_what_needs_no_read(app: App) {
        let caller = Keys::new(app.database.clone()).authenticate(&app.key, None).await.expect("a caller");
        let gateway = Gateway::new(app.database.clone(), DocumentLimits::default(), RateLimiter::default());
        let call = RequestContext {
            remaining: None,
            caller,
            request_id: "a".into(),
            queries_only: false,
            idempotency_key: None,
            deadline: Instant::now(),
        };
        let query = "{ viewer { scopes } contacts { nodes { id } } }";
        let by_library = gateway.clone().without_plans().execute(Request::new(query), call.clone()).await.response;
        let answer = gateway.execute(Request::new(query), call).await.response;
        assert_eq!(answer.to_json(), by_library.to_json());
        let answer = serde_json::from_slice(&answer.to_json()).expect("JSON");
        assert_eq!(failed(&answer), [("contacts", "TIMEOUT")]);
        let extensions = json!({"code": "TIMEOUT", "requestId": "a", "retryable": true, "retryAfterMs": 1_000});
        assert_eq!(answer["errors"][0]["extensions"], extensions);
        assert!(answer["data"]["contacts"].is_null() && answer["data"]["viewer"]["scopes"].is_array(), "{answer:#}");
    }

    /// The clock is held, so the first write begins and does not end.
    async fn of_several_mutations_those_not_begun_at_the_deadline_are_never_run(engine: Engine) {
        let app = App::with(engine, soon(), &[]).await;
        app.created(json!({"firstName": "before"})).await;
        let held = app.hold_clock().await;
        let answer = timeout(LONG, app.ask("mutation {
            a: createContact(input: {firstName: \"a\"}) { contact { id } }
            b: createContact(input: {firstName: \"b\"}) { contact { id } }
            c: createCompany(input: {name: \"c\"}) { company { id } } }")).await.expect("in time");
        held.rollback().await.expect("the clock is let go");
        assert_eq!(failed(&answer), [("a", "OUTCOME_UNKNOWN"), ("b", "OVERLOADED"), ("c", "OVERLOADED")]);
        assert_eq!(answer["errors"][0]["extensions"]["retryable"], false, "{answer:#}");
        for not_begun in [1, 2] {
            assert_eq!(answer["errors"][not_begun]["extensions"]["retryable"], true, "{answer:#}");
        }
        app.created(json!({"firstName": "after"})).await;
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE first_name = 'a'").await, 1, "it ran to its end");
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE first_name = 'b'").await, 0);
        assert_eq!(app.number("SELECT count(*) FROM company").await, 0);
    }
}

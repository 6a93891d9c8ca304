//! Answers that are given again while nothing has changed.

mod fresh;
mod racing;

use axum::Router;
use contacts_gateway::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    App, ask,
    engine::{Engine, on_each_engine},
};

const NAMES: &str = "{ contacts { nodes { id firstName } } }";

impl App {
    /// Asks, and gives the answer and the number of statements that it took.
    async fn counted(&self, router: Router, key: &str, query: &str, variables: Value) -> (Value, usize) {
        self.statements();
        let answer = ask(router, key, query, variables).await;
        // The key is looked up every few seconds, whatever is asked, and contacts are counted after batches, for the
        // statistics.
        let others =
            |sql: &str| !sql.contains("\"public_id\" = ") && !sql.contains("(SELECT FROM contact LIMIT");
        let statements = self.statements().into_iter().filter(|statement| others(&statement.sql));
        (answer, statements.count())
    }

    /// The number of statements of a question each time that it is asked.
    async fn statements_of(&self, key: &str, query: &str, times: usize) -> Vec<usize> {
        let mut counts = Vec::new();
        for _ in 0..times {
            let (answer, count) = self.counted(self.router(), key, query, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{answer:#}");
            counts.push(count);
        }
        counts
    }

    /// Number of statements of an answer that is given again: the look at the change clock.
    fn again(&self) -> usize {
        match self.engine {
            Engine::Sqlite => 0,
            Engine::Postgres => 1,
        }
    }

    /// Asks until the answer is kept; the answer.
    async fn kept(&self, key: &str, query: &str) -> Value {
        for _ in 0..3 {
            self.counted(self.router(), key, query, json!({})).await;
        }
        let (answer, count) = self.counted(self.router(), key, query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        assert_eq!(count, self.again(), "{query} is not kept");
        answer
    }
}

on_each_engine! {
    async fn a_question_that_comes_again_reads_no_rows_while_nothing_changes(app: App) {
        app.created(json!({"firstName": "Jane"})).await;
        let expected = match app.engine {
            // The writer has told the version.
            Engine::Sqlite => [1, 0, 0, 0],
            // A question that comes once does not pay for a look at the clock.
            Engine::Postgres => [1, 2, 1, 1],
        };
        assert_eq!(app.statements_of(&app.key, NAMES, 4).await, expected);
        let (again, _) = app.counted(app.router(), &app.key, NAMES, json!({})).await;
        let (fresh, _) = app.counted(app.beside(0), &app.key, NAMES, json!({})).await;
        assert_eq!(again, fresh);
    }

    async fn the_version_of_an_organization_that_has_not_written_yet_is_asked_once(app: App) {
        let (_, key) = app.organization("Other").await;
        app.ask_as(&key, "{ viewer { id } }", json!({})).await;
        let expected = match app.engine {
            Engine::Sqlite => [1, 2, 0, 0],
            Engine::Postgres => [1, 2, 1, 1],
        };
        assert_eq!(app.statements_of(&key, NAMES, 4).await, expected);
        let other = "{ contacts { totalCount } }";
        assert_eq!(app.statements_of(&key, other, 2).await, [1, 2 * app.again()]);
    }

    async fn writes_of_another_organization_change_nothing(app: App) {
        let (_, other) = app.organization("Other").await;
        app.created(json!({"firstName": "Jane"})).await;
        app.kept(&app.key, NAMES).await;
        let create = "mutation { createContact(input: {firstName: \"Joe\"}) { contact { id } } }";
        app.ask_as(&other, create, json!({})).await;
        assert_eq!(app.statements_of(&app.key, NAMES, 1).await, [app.again()]);
        let answer = app.kept(&other, NAMES).await;
        assert_eq!(answer["data"]["contacts"]["nodes"][0]["firstName"], "Joe");
    }

    async fn a_key_gets_what_its_own_rights_allow(app: App) {
        app.created(json!({"firstName": "Jane"})).await;
        app.kept(&app.key, NAMES).await;
        let managing = app.key_with(&[Scope::KeysManage]).await;
        for _ in 0..3 {
            let answer = app.ask_as(&managing, NAMES, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        }
        let reading = app.key_with(&[Scope::ContactsRead]).await;
        let same = app.key_with(&[Scope::ContactsRead]).await;
        app.kept(&reading, NAMES).await;
        app.ask_as(&same, "{ viewer { id } }", json!({})).await;
        assert_eq!(app.statements_of(&same, NAMES, 1).await, [app.again()], "the rights are the same");
    }

    async fn variables_and_the_operation_make_another_question(app: App) {
        for name in ["A", "B"] {
            app.created(json!({"firstName": name})).await;
        }
        let document = "query first($n: Int!) { contacts(first: $n) { nodes { firstName } } }
            query last($n: Int!) { contacts(first: $n, order: ASC) { nodes { firstName } } }";
        let names = async |operation: &str, n: u32| {
            let body = json!({"query": document, "operationName": operation, "variables": {"n": n}});
            let request = axum::http::Request::post("/graphql")
                .header("x-api-key", &app.key)
                .header("content-type", "application/json")
                .body(axum::body::Body::from(body.to_string()))
                .expect("a request");
            let Ok(answer) = tower::ServiceExt::oneshot(app.router(), request).await;
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
            let answer: Value = serde_json::from_slice(&body).expect("JSON");
            let nodes = answer["data"]["contacts"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
            nodes.iter().map(|node| node["firstName"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
        };
        for _ in 0..4 {
            assert_eq!(names("first", 1).await, ["B"]);
            assert_eq!(names("last", 1).await, ["A"]);
            assert_eq!(names("first", 2).await, ["B", "A"]);
        }
    }

    async fn what_changes_without_the_clock_is_never_kept(app: App) {
        app.created(json!({"firstName": "Jane"})).await;
        for query in [
            "{ contacts { totalCount } viewer { apiKey { lastUsedAt } } }",
            "{ contacts { totalCount } apiKeys { nodes { lastUsedAt revokedAt } } }",
            "{ node(id: \"00000000-0000-0000-0000-000000000000\") { ... on ApiKey { lastUsedAt } } }",
        ] {
            let counts = app.statements_of(&app.key, query, 4).await;
            assert!(counts.iter().all(|count| *count == counts[0] && *count > 0), "{query}: {counts:?}");
        }
    }

    async fn answers_with_errors_are_made_anew(app: App) {
        app.created(json!({"firstName": "Jane"})).await;
        let query = "{ contacts { totalCount } wrong: contacts(first: 201) { totalCount } }";
        let first = app.counted(app.router(), &app.key, query, json!({})).await;
        assert_eq!(first.0["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        for _ in 0..4 {
            let (answer, count) = app.counted(app.router(), &app.key, query, json!({})).await;
            assert_eq!(answer["data"], first.0["data"]);
            assert!(count > app.again(), "{count}");
        }
    }

    async fn large_answers_are_not_kept_nor_any_in_a_cache_of_no_bytes(app: App) {
        for _ in 0..2 {
            app.created(json!({"firstName": "Jane", "notes": "n".repeat(600)})).await;
        }
        let query = "query($n: Int!) { contacts(first: $n) { nodes { notes } } }";
        let none = app.beside(0);
        // An answer takes at most a sixteenth.
        let small = app.beside(16 * 1024);
        for (router, n, last) in [(&none, 1, 1), (&small, 1, app.again()), (&small, 2, 1 + app.again())] {
            let mut counts = Vec::new();
            for _ in 0..4 {
                counts.push(app.counted(router.clone(), &app.key, query, json!({"n": n})).await.1);
            }
            assert_eq!(counts.last(), Some(&last), "{n}: {counts:?}");
        }
    }
}

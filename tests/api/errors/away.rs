//! A database that is away: told as such, without a word of its own.

use serde_json::json;

use super::{post, redact};
#[cfg(postgres_found)]
use crate::support::engine::Engine;
use crate::support::{App, engine::on_each_engine};

/// Whatever a database, its driver or its language would say.
const FOREIGN_WORDS: [&str; 9] =
    ["sql", "SQL", "relation", "table", "pool", "driver", "constraint", "column", "connection"];

on_each_engine! {
    async fn a_closed_database_is_unavailable_to_reads_and_writes(app: App) {
        app.created(json!({"firstName": "A"})).await;
        app.database.close().await;
        for query in ["{ contacts { nodes { id } } viewer { organization { name } } }",
            "{ contact(id: \"01890000-0000-7000-8000-000000000000\") { id } }",
            "mutation { createContact(input: {firstName: \"A\"}) { contact { id } } }",
            "mutation { createContact(input: {firstName: \"A\"}) { contact { id } } __typename }",
            "mutation { a: createContact(input: {firstName: \"A\"}) { contact { id } } b: createTeam(input: {name: \"B\"}) { team { id } } }"] {
            let (status, mut answer) = post(&app, json!({"query": query})).await;
            redact(&mut answer);
            assert_eq!(status, 503, "whatever the client accepts, and whatever failed: {answer:#}");
            for error in answer["errors"].as_array().expect("errors") {
                let extensions = &error["extensions"];
                let code = extensions["code"].as_str().expect("a code");
                assert!(["UNAVAILABLE", "OVERLOADED"].contains(&code), "{answer:#}");
                assert_eq!(extensions["retryable"], true, "{answer:#}");
                assert!(extensions["retryAfterMs"].is_u64(), "{answer:#}");
                let message = error["message"].as_str().expect("a message");
                assert!(!FOREIGN_WORDS.iter().any(|word| message.contains(word)), "{message}");
            }
        }
    }

    async fn tables_that_are_gone_are_a_fault_of_ours_of_which_nothing_is_said(app: App) {
        app.created(json!({"firstName": "A", "tags": ["a"], "phone": "+14165550100"})).await;
        app.execute("DROP TABLE contact_assignee", []).await;
        app.execute("ALTER TABLE contact_phone RENAME TO elsewhere", []).await;
        app.execute("ALTER TABLE organization RENAME COLUMN name TO elsewhere", []).await;
        for (query, data) in [
            ("{ contacts { nodes { firstName phones { number } } } }", json!({"contacts": null})),
            ("{ viewer { organization { name } } contacts { nodes { firstName } } }",
                json!({"viewer": null, "contacts": {"nodes": [{"firstName": "A"}]}})),
            ("mutation { createContact(input: {firstName: \"B\", phone: \"+14165550101\"}) { contact { id } } }",
                json!({"createContact": null})),
        ] {
            let (status, mut answer) = post(&app, json!({"query": query})).await;
            redact(&mut answer);
            assert_eq!((status, &answer["data"]), (200, &data), "{answer:#}");
            let errors = answer["errors"].as_array().expect("errors");
            assert_eq!(errors.len(), 1, "{answer:#}");
            assert_eq!(errors[0]["extensions"], json!({"code": "INTERNAL_SERVER_ERROR", "requestId": "[id]"}));
            let message = errors[0]["message"].as_str().expect("a message");
            assert!(!FOREIGN_WORDS.iter().any(|word| message.contains(word)), "{message}");
        }
    }
}

/// Every connection breaks off under the gateway, as when PostgreSQL is started again.
#[cfg(postgres_found)]
#[tokio::test]
async fn a_database_that_comes_back_is_used_again() {
    let app = App::new(Engine::Postgres).await;
    app.created(json!({"firstName": "A"})).await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(app.number(cut).await > 0);
    // That a connection broke off is found out before anything is sent on it that counts.
    for name in ["B", "C", "D", "E", "F", "G", "H", "I"] {
        app.created(json!({"firstName": name})).await;
        app.data("{ contacts { nodes { id } } }").await;
    }
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 9);
}

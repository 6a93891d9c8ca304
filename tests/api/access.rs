//! API keys: what is asked of the database for one, what is kept of it, when it stops working.

use std::task::{Context, Waker};

use contacts_gateway::{
    access::{AuthenticationError, Keys, Scope, mint},
    clock::now_ms,
};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, IntoActiveModel as _, Statement, TransactionTrait as _,
};
use serde_json::{Value, json};

use crate::support::{
    App,
    engine::{Engine, on_each_engine},
};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Ends a text of 48 characters as a key ends, by the documented recipe.
fn with_checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    format!("{text}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

/// Asks who a key is, and how many statements that took.
async fn viewer(app: &App, key: &str) -> (Value, usize) {
    app.statements();
    let answer = app.ask_as(key, "{ __typename }", json!({})).await;
    (answer, app.statements().len())
}

fn is_refused(answer: &Value) -> bool {
    answer["errors"][0]["extensions"]["reason"] == "INVALID_KEY"
}

/// A key of the first organization that ends at some time.
async fn key_until(app: &App, expires_at: Option<i64>) -> String {
    let (key, row) = mint(app.org_id, "test", Scope::ALL.into_iter().collect(), expires_at);
    row.into_active_model().reset_all().insert(&app.raw).await.expect("a key");
    key.reveal().to_owned()
}

on_each_engine! {
    async fn a_mistyped_key_costs_no_statement(app: App) {
        for at in 0..app.key.len() {
            let mut wrong = app.key.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            let (answer, statements) = viewer(&app, &wrong).await;
            assert!(is_refused(&answer), "{answer:#}");
            assert_eq!(statements, 0, "at {at}");
        }
    }

    async fn an_unknown_key_is_looked_up_once_and_then_remembered(app: App) {
        let unknown = with_checksum(&format!("cgw_{}", "a".repeat(44)));
        let (answer, statements) = viewer(&app, &unknown).await;
        assert!(is_refused(&answer), "{answer:#}");
        assert_eq!(statements, 1);
        let (answer, statements) = viewer(&app, &unknown).await;
        assert!(is_refused(&answer), "{answer:#}");
        assert_eq!(statements, 0);
    }

    async fn a_known_key_is_looked_up_once(app: App) {
        let (answer, statements) = viewer(&app, &app.key).await;
        assert_eq!((answer, statements), (json!({"data": {"__typename": "Query"}}), 1));
        let (answer, statements) = viewer(&app, &app.key).await;
        assert_eq!((answer, statements), (json!({"data": {"__typename": "Query"}}), 0));
    }

    async fn the_public_part_of_a_key_with_another_secret_is_refused(app: App) {
        assert_eq!(with_checksum(&app.key[..48]), app.key, "the recipe is the documented one");
        let forged = with_checksum(&format!("{}{}", &app.key[..16], "b".repeat(32)));
        assert!(is_refused(&viewer(&app, &forged).await.0));
        assert!(!is_refused(&viewer(&app, &app.key).await.0));
        assert!(is_refused(&viewer(&app, &forged).await.0), "nor when the true one is remembered");
    }

    async fn a_key_works_until_it_expires(app: App) {
        let (past, future) = (key_until(&app, Some(now_ms())).await, key_until(&app, Some(now_ms() + 3_600_000)).await);
        assert!(is_refused(&viewer(&app, &past).await.0));
        assert!(!is_refused(&viewer(&app, &future).await.0));
    }

    async fn a_revoked_key_is_refused_by_whoever_asks_the_database_again(app: App) {
        let key = key_until(&app, None).await;
        let keys = Keys::new(app.database.clone());
        keys.authenticate(&key, None).await.expect("it is valid");
        app.execute("UPDATE api_key SET revoked_at = $1 WHERE public_id = $2", [now_ms().into(), key[4..16].into()]).await;
        let refused = Keys::new(app.database.clone()).authenticate(&key, None).await;
        assert!(matches!(refused, Err(AuthenticationError::InvalidKey)), "{refused:?}");
    }

    async fn a_key_says_whose_it_is(app: App) {
        let (ada, north) = (app.user("Ada").await, app.team("North").await);
        app.team("South").await;
        let key = app.key_of(Some(ada), Some(&[north])).await;
        let answer = app.ask_as(&key, "{ viewer { organization { id name policy { preset requiredFields } } user { name }
            allTeams teams { name } apiKey { prefix allTeams teams { name } revokedAt expiresAt } } }", json!({})).await;
        assert_eq!(answer, json!({"data": {"viewer": {
            "organization": {"id": app.org_id, "name": "Acme", "policy": {"preset": "STANDARD", "requiredFields": ["FIRST_NAME"]}},
            "user": {"name": "Ada"}, "allTeams": false, "teams": [{"name": "North"}],
            "apiKey": {"prefix": key[..16], "allTeams": false, "teams": [{"name": "North"}], "revokedAt": null, "expiresAt": null},
        }}}));
    }

    async fn the_secret_is_nowhere_in_the_store(app: App) {
        app.created(json!({"firstName": "A"})).await;
        let secret = &app.key[16..48];
        let tables = ["store", "organization", "\"user\"", "team", "team_member", "company", "pipeline", "pipeline_stage",
            "tag", "api_key", "api_key_team", "change_clock", "contact", "contact_phone", "contact_email", "contact_tag",
            "contact_assignee", "idempotency"];
        let mut content = Vec::new();
        match app.engine {
            Engine::Postgres => {
                for table in tables {
                    let sql = format!("SELECT t::text AS row FROM {table} t");
                    let rows = app.raw.query_all_raw(Statement::from_string(app.backend(), sql)).await.expect("rows");
                    for row in rows {
                        content.extend(row.try_get::<String>("", "row").expect("text").into_bytes());
                    }
                }
            }
            Engine::Sqlite => {
                let file = app.url().trim_start_matches("sqlite://").to_owned();
                content.extend(std::fs::read(&file).expect("the database"));
                content.extend(std::fs::read(format!("{file}-wal")).expect("its log"));
            }
        }
        let holds = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds(&app.key[4..16]), "the public part is found, so the search works");
        assert!(!holds(secret));
    }

    async fn the_last_use_is_written_down_without_moving_the_clock(app: App) {
        let before = app.clock().await;
        let used = "SELECT count(*) FROM api_key WHERE last_used_at IS NOT NULL";
        let keys = Keys::new(app.database.clone());
        keys.authenticate(&app.key, None).await.expect("it is valid");
        let started = now_ms();
        keys.authenticate(&app.key, None).await.expect("it is valid");
        assert_eq!(app.number(used).await, 0, "a read writes nothing");
        keys.record_last_use().await;
        assert_eq!(app.number(used).await, 1);
        assert!(app.number("SELECT max(last_used_at) FROM api_key").await >= started);
        assert_eq!(app.clock().await, before);
        app.execute("UPDATE api_key SET last_used_at = NULL", []).await;
        keys.record_last_use().await;
        assert_eq!(app.number(used).await, 0, "what was written down once is not written down again");
    }

    async fn giving_up_writing_down_the_last_use_loses_none(app: App) {
        let keys = Keys::new(app.database.clone());
        keys.authenticate(&app.key, None).await.expect("it is valid");
        // The rows are held, so that it cannot have ended when it is given up.
        let held = app.raw.begin().await.expect("a transaction");
        let hold = "UPDATE api_key SET last_used_at = last_used_at";
        held.execute_unprepared(hold).await.expect("the rows are held");
        let mut given_up = Box::pin(keys.record_last_use());
        let started = given_up.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(started.is_pending(), "it is under way");
        drop(given_up);
        held.rollback().await.expect("the rows are let go");
        keys.record_last_use().await;
        assert_eq!(app.number("SELECT count(*) FROM api_key WHERE last_used_at IS NOT NULL").await, 1);
    }
}

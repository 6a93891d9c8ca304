//! Group commit: those who wait share a transaction, and only the guilty one fails.

use std::sync::Arc;

use futures_util::future::join_all;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::{LONG, Then, yields};
use crate::support::{
    App, ask_once,
    engine::{Engine, on_each_engine},
};

/// Makes the database itself refuse contacts of the name `guilty`.
async fn refuse_guilty(app: &App) {
    let trigger = match app.engine {
        Engine::Sqlite => {
            "CREATE TRIGGER refuse BEFORE INSERT ON contact WHEN NEW.first_name = 'guilty'
             BEGIN SELECT RAISE(ABORT, 'secret text'); END"
        }
        Engine::Postgres => {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN IF NEW.first_name = 'guilty' THEN RAISE 'secret text'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON contact FOR EACH ROW EXECUTE FUNCTION refuse()"
        }
    };
    app.raw.execute_unprepared(trigger).await.expect("a trigger");
}

on_each_engine! {
    async fn jobs_that_wait_share_a_transaction(app: App) {
        let runs = Arc::default();
        let held = app.hold_clock().await;
        app.statements();
        let jobs = (0..65).map(|number| app.add_tag(&format!("tag {number}"), Then::Succeed, &runs, LONG));
        let release = async {
            yields(100).await;
            held.rollback().await.expect("the clock is let go");
        };
        let (answers, ()) = tokio::join!(join_all(jobs), release);
        let seqs: Vec<i64> = answers.into_iter().map(|answer| answer.expect("written")).collect();
        assert!(seqs.is_sorted_by(|a, b| a < b), "first come, first served: {seqs:?}");
        assert_eq!(app.clock_statements(), 2, "one for the first job, one for the 64 behind it");
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 65);
    }

    async fn of_64_creates_at_once_most_share_their_commits(app: App) {
        app.created(json!({"firstName": "A"})).await;
        let held = app.hold_clock().await;
        app.statements();
        let creates = (0..64).map(|number| app.created(json!({"firstName": number.to_string(), "tags": ["a", "b"]})));
        let release = async {
            yields(1_000).await;
            held.rollback().await.expect("the clock is let go");
        };
        let (mut ids, ()) = tokio::join!(join_all(creates), release);
        let commits = app.clock_statements();
        assert!(commits <= 8, "{commits} transactions");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 64);
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 65);
        assert_eq!(app.number("SELECT count(DISTINCT change_seq) FROM contact").await, 65);
        assert_eq!(app.number("SELECT count(*) FROM contact_tag").await, 128);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 2);
    }

    async fn a_contact_that_the_database_refuses_fails_alone_and_without_its_text(app: App) {
        refuse_guilty(&app).await;
        app.created(json!({"firstName": "A"})).await;
        let held = app.hold_clock().await;
        let name = |number: usize| if number == 9 { "guilty".to_owned() } else { number.to_string() };
        let create = |number| {
            let query = format!("mutation {{ createContact(input: {{firstName: \"{}\"}}) {{ contact {{ id }} }} }}", name(number));
            let app = &app;
            async move { app.ask(&query).await }
        };
        let release = async {
            yields(1_000).await;
            held.rollback().await.expect("the clock is let go");
        };
        let (answers, ()) = tokio::join!(join_all((0..16).map(create)), release);
        for (number, answer) in answers.iter().enumerate() {
            if number == 9 {
                assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answer:#}");
                assert_eq!(answer["data"], json!({"createContact": null}));
                assert!(!answer.to_string().contains("secret"), "{answer:#}");
            } else {
                assert!(answer["data"]["createContact"]["contact"]["id"].is_string(), "{answer:#}");
            }
        }
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 16);
    }

    async fn a_refused_contact_spoils_nothing_for_those_in_its_batch(app: App) {
        app.created(json!({"firstName": "A"})).await;
        let held = app.hold_clock().await;
        let creates = (0..16).map(|number| {
            let name = if number % 4 == 0 { " ".to_owned() } else { number.to_string() };
            app.create(json!({"firstName": name, "tags": [format!("tag {number}")]}))
        });
        let release = async {
            yields(1_000).await;
            held.rollback().await.expect("the clock is let go");
        };
        let (payloads, ()) = tokio::join!(join_all(creates), release);
        for (number, payload) in payloads.iter().enumerate() {
            assert_eq!(payload["contact"].is_null(), number % 4 == 0, "{payload:#}");
        }
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 13);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 12);
    }

    async fn what_matches_is_found_among_what_its_batch_has_written_before_it(app: App) {
        app.created(json!({"firstName": "A"})).await;
        let held = app.hold_clock().await;
        let first = app.created(json!({"firstName": "B"}));
        let create = async {
            yields(500).await;
            app.created(json!({"firstName": "C"})).await
        };
        let delete = async {
            yields(1_500).await;
            let input = json!({"where": {"matching": {"filter": {"firstName": {"eq": "C"}}, "expectedCount": 1}}});
            app.done("deleteContacts", input, "contactIds").await
        };
        let release = async {
            yields(3_000).await;
            held.rollback().await.expect("the clock is let go");
        };
        let (_, created, deleted, ()) = tokio::join!(first, create, delete, release);
        assert_eq!(deleted["contactIds"], json!([created]));
    }

    async fn repeats_in_one_batch_have_one_effect_and_one_answer(app: App) {
        app.created(json!({"firstName": "A"})).await;
        let held = app.hold_clock().await;
        let document = "mutation { createCompany(input: {name: \"Acme\"}) { company { id } } }";
        let first = app.created(json!({"firstName": "B"}));
        let repeats = (0..16).map(|_| ask_once(app.router(), &app.key, Some("k"), document, json!({})));
        let release = async {
            yields(1_000).await;
            held.rollback().await.expect("the clock is let go");
        };
        let (_, answers, ()) = tokio::join!(first, join_all(repeats), release);
        assert!(answers[0]["data"]["createCompany"]["company"]["id"].is_string(), "{answers:#?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(app.number("SELECT count(*) FROM company").await, 1);
    }

    async fn organizations_that_write_at_once_keep_their_own_clocks(app: App) {
        let (other, other_key) = app.organization("Other").await;
        let before = app.clock().await;
        let ours = join_all((0..20).map(|number| app.created(json!({"firstName": number.to_string()}))));
        let theirs = join_all((0..20).map(|number| app.create_as(&other_key, json!({"firstName": number.to_string()}))));
        let (_, theirs) = tokio::join!(ours, theirs);
        for payload in &theirs {
            assert_eq!(payload["contact"]["orgId"], json!(other), "{payload:#}");
        }
        assert_eq!(app.clock().await.0, before.0 + 20);
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 40);
        assert_eq!(app.number("SELECT max(change_seq) FROM contact").await, 20);
    }
}

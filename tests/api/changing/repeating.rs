//! `Idempotency-Key`, as far as contacts have peculiarities. `repeating` walks every mutation.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{App, ask_once, engine::on_each_engine};

async fn send(app: &App, key: &str, query: &str) -> Value {
    ask_once(app.router(), &app.key, Some(key), query, json!({})).await
}

fn create(name: &str) -> String {
    format!(
        "mutation {{ createContact(input: {{firstName: \"{name}\"}}) {{ contact {{ id firstName version }} userErrors {{ code }} }} }}"
    )
}

async fn count(app: &App) -> Value {
    app.data("{ contacts { totalCount } }").await["contacts"]["totalCount"].clone()
}

on_each_engine! {
    async fn a_repeat_answers_the_same_contact_as_it_is_now(app: App) {
        let first = send(&app, "k", &create("A")).await;
        let id = &first["data"]["createContact"]["contact"]["id"];
        app.ask_with("mutation($id: ID!) { updateContact(input: {id: $id, set: {notes: \"n\"}}) { contact { id } } }", json!({"id": id})).await;
        let repeat = send(&app, "k", &create("A")).await;
        assert_eq!(repeat["data"]["createContact"]["contact"], json!({"id": id, "firstName": "A", "version": 2}), "{repeat:#}");
        assert_eq!(count(&app).await, 1);
    }

    async fn the_same_key_with_another_input_is_refused(app: App) {
        send(&app, "k", &create("A")).await;
        let answer = send(&app, "k", &create("B")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED", "{answer:#}");
        assert_eq!(count(&app).await, 1);
    }

    async fn each_field_of_a_request_is_repeatable_by_itself(app: App) {
        let both = "mutation { a: createContact(input: {firstName: \"A\"}) { contact { id } } b: createContact(input: {firstName: \"A\"}) { contact { id } } }";
        let first = send(&app, "k", both).await;
        assert_eq!(first["data"], send(&app, "k", both).await["data"]);
        assert_eq!(count(&app).await, 2);
    }

    async fn what_was_refused_is_not_remembered(app: App) {
        let refused = send(&app, "k", &create(" ")).await;
        assert_eq!(refused["data"]["createContact"]["userErrors"][0]["code"], "FIRST_NAME_REQUIRED");
        let answer = send(&app, "k", &create("A")).await;
        assert_eq!(answer["data"]["createContact"]["contact"]["firstName"], "A", "{answer:#}");
    }

    async fn twenty_repeats_at_once_have_one_effect_and_one_answer(app: App) {
        let query = create("A");
        let answers = join_all((0..20).map(|_| send(&app, "k", &query))).await;
        let ids: HashSet<String> = answers.iter().map(|answer| answer["data"]["createContact"]["contact"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1, "{answers:#?}");
        assert_eq!(count(&app).await, 1);
    }

    async fn a_partly_failed_bulk_is_repeated_word_for_word(app: App) {
        let query = "mutation { createContacts(input: {contacts: [{firstName: \"A\"}, {}]}) {
            createdCount failedCount results { outcome contact { id } userErrors { code field } } } }";
        let first = send(&app, "k", query).await;
        assert_eq!(first["data"]["createContacts"]["failedCount"], 1, "{first:#}");
        assert_eq!(first["data"], send(&app, "k", query).await["data"]);
        assert_eq!(count(&app).await, 1);
    }

    async fn a_key_that_is_no_key_is_refused(app: App) {
        for key in ["", &"k".repeat(256)] {
            let answer = send(&app, key, &create("A")).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer:#}");
        }
    }
}

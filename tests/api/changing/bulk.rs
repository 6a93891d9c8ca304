//! `createContacts` and `updateContacts`.

use serde_json::{Value, json};

use super::{faults, mutate_for};
use crate::support::{App, engine::on_each_engine};

const ROWS: &str = "createdCount updatedCount skippedCount failedCount
    results { index outcome contact { id firstName tags } userErrors { code field conflictingContacts { id } } }";

async fn create(app: &App, input: Value) -> Value {
    mutate_for(app, "createContacts", ROWS, input).await
}

fn outcomes(payload: &Value) -> Vec<&str> {
    let rows = payload["results"].as_array().expect("results");
    rows.iter().map(|row| row["outcome"].as_str().expect("an outcome")).collect()
}

on_each_engine! {
    async fn each_row_succeeds_or_fails_on_its_own(app: App) {
        let payload = create(&app, json!({"contacts": [{"firstName": "A"}, {"firstName": " "}, {"firstName": "C", "country": "?"}]})).await;
        assert_eq!(outcomes(&payload), ["CREATED", "FAILED", "FAILED"], "{payload:#}");
        assert_eq!((&payload["createdCount"], &payload["failedCount"]), (&json!(1), &json!(2)));
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(payload["results"][1]["userErrors"][0]["field"], json!(["input", "contacts", "1", "firstName"]));
        assert_eq!(app.data("{ contacts { totalCount } }").await["contacts"]["totalCount"], 1);
    }

    async fn one_fault_of_an_atomic_request_writes_nothing(app: App) {
        let payload = create(&app, json!({"atomic": true, "contacts": [{"firstName": "A", "tags": ["new"]}, {}]})).await;
        assert_eq!(outcomes(&payload), ["NOT_APPLIED", "FAILED"], "{payload:#}");
        assert_eq!(faults(&payload), ["FIRST_NAME_REQUIRED input.contacts.1.firstName"]);
        assert_eq!(app.data("{ contacts(includeDeleted: true) { totalCount } }").await["contacts"]["totalCount"], 0);
        let payload = create(&app, json!({"atomic": true, "contacts": [{"firstName": "A"}, {"firstName": "B"}]})).await;
        assert_eq!(outcomes(&payload), ["CREATED", "CREATED"], "{payload:#}");
    }

    async fn conflicts_are_reported_skipped_or_overwritten_also_within_the_request(app: App) {
        let id = app.created(json!({"firstName": "A", "externalId": "1"})).await;
        let rows = json!([{"firstName": "B", "externalId": "1"}, {"firstName": "C", "externalId": "2"},
            {"firstName": "D", "externalId": "2", "tags": ["t"]}]);
        let payload = create(&app, json!({"contacts": rows, "onConflict": "SKIP"})).await;
        assert_eq!(outcomes(&payload), ["SKIPPED", "CREATED", "SKIPPED"], "{payload:#}");
        assert_eq!(payload["results"][0]["contact"], json!({"id": id, "firstName": "A", "tags": []}));
        let payload = create(&app, json!({"contacts": rows, "onConflict": "UPDATE"})).await;
        assert_eq!(outcomes(&payload), ["UPDATED", "UPDATED", "UPDATED"], "{payload:#}");
        assert_eq!(payload["results"][2]["contact"]["tags"], json!(["t"]));
        let payload = create(&app, json!({"contacts": rows})).await;
        assert_eq!(outcomes(&payload), ["FAILED", "FAILED", "FAILED"], "{payload:#}");
        assert_eq!(payload["results"][0]["userErrors"][0]["conflictingContacts"], json!([{"id": id}]));
        assert_eq!(payload["results"][0]["userErrors"][0]["code"], "EXTERNAL_ID_TAKEN");
    }

    async fn emails_are_a_conflict_only_where_they_are_to_be_matched(app: App) {
        app.created(json!({"firstName": "A", "email": "a@x.org"})).await;
        let rows = json!([{"firstName": "B", "email": "a@x.org"}]);
        assert_eq!(outcomes(&create(&app, json!({"contacts": rows})).await), ["CREATED"]);
        let payload = create(&app, json!({"contacts": rows, "match": ["EMAIL"]})).await;
        assert_eq!(payload["results"][0]["userErrors"][0]["code"], "EMAIL_TAKEN", "{payload:#}");
    }

    async fn two_hundred_rows_are_taken_and_no_more(app: App) {
        let rows = |count: usize| -> Value { (0..count).map(|number| json!({"firstName": number.to_string()})).collect() };
        assert_eq!(create(&app, json!({"contacts": rows(200)})).await["createdCount"], 200);
        let query = "mutation($input: CreateContactsInput!) { createContacts(input: $input) { createdCount } }";
        let answer = app.ask_with(query, json!({"input": {"contacts": rows(201)}})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["maximum"], 200);
    }

    async fn one_change_is_applied_to_all_or_none(app: App) {
        let a = app.created(json!({"firstName": "A"})).await;
        let b = app.created(json!({"firstName": "B", "tags": ["x"]})).await;
        let change = |ids: Value, set: Value| json!({"where": {"ids": ids}, "set": set});
        let payload = mutate_for(&app, "updateContacts", "affectedCount contacts { tags version }",
            change(json!([a, b, a]), json!({"addTags": ["x", "y"]}))).await;
        assert_eq!(payload["affectedCount"], 2, "{payload:#}");
        assert_eq!(payload["contacts"], json!([{"tags": ["x", "y"], "version": 2}, {"tags": ["x", "y"], "version": 2}]));
        let payload = mutate_for(&app, "updateContacts", "affectedCount contacts { id }",
            change(json!([a, "nothing"]), json!({"notes": "n"}))).await;
        assert_eq!(faults(&payload), ["CONTACT_NOT_FOUND input.where.ids.1"], "{payload:#}");
        let payload = mutate_for(&app, "updateContacts", "affectedCount contacts { id }",
            change(json!([a, b]), json!({"externalId": "same"}))).await;
        assert_eq!(faults(&payload), ["EXTERNAL_ID_TAKEN input.set.externalId"], "{payload:#}");
        assert_eq!(payload["affectedCount"], 0);
        let data = app.data("{ contacts { nodes { notes externalId } } }").await;
        let untouched = json!({"notes": null, "externalId": null});
        assert_eq!(data["contacts"]["nodes"], json!([untouched, untouched]));
    }
}

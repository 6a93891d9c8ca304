//! What only one live contact may hold: the other one is named.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    fixtures::{LENIENT, paths_and_codes},
    support::{App, engine::on_each_engine},
};

/// The ids of the contacts that a payload's faults name, fault by fault.
fn named(payload: &Value) -> Vec<Value> {
    let errors = payload["userErrors"].as_array().expect("a list");
    errors.iter().map(|error| error["conflictingContacts"].clone()).collect()
}

async fn unique(app: &App) {
    app.set_policy(LENIENT).await;
    app.set_policy(&[("unique_phone", "TRUE"), ("unique_email", "TRUE")]).await;
}

on_each_engine! {
    async fn an_external_id_is_taken_exactly_as_it_is_spelled(app: App) {
        let holder = app.created(json!({"firstName": "A", "externalId": "X-1"})).await;
        let payload = app.create(json!({"firstName": "B", "externalId": "X-1"})).await;
        assert_eq!(paths_and_codes(&payload), ["externalId EXTERNAL_ID_TAKEN"]);
        assert_eq!(named(&payload), [json!([{"id": holder}])]);
        app.created(json!({"firstName": "B", "externalId": "x-1"})).await;

        let (_, other_key) = app.organization("Other").await;
        let theirs = app.create_as(&other_key, json!({"firstName": "C", "externalId": "X-1"})).await;
        assert_eq!(theirs["userErrors"], json!([]), "another organization's ids are its own");
    }

    async fn phones_and_emails_may_repeat_unless_the_policy_says_otherwise(app: App) {
        app.set_policy(LENIENT).await;
        for _ in 0..2 {
            app.created(json!({"phone": "+14165550100", "email": "a@example.com"})).await;
        }
    }

    async fn every_number_and_address_counts_in_its_normal_form(app: App) {
        unique(&app).await;
        let first = app.created(json!({"phones": [{"number": "+14165550100"}, {"number": "+14165550101"}],
            "whatsappNumber": "+4930901820"})).await;
        let second = app.created(json!({"emails": [{"address": "a@example.com"}, {"address": "Jane@example.com"}]})).await;
        let payload = app.create(json!({
            "phones": [{"number": "+442079460958"}, {"number": "+1 (416) 555-0101"}],
            "whatsappNumber": "+49 30 901820",
            "emails": [{"address": "jane@EXAMPLE.com"}, {"address": "b@example.com"}],
        })).await;
        assert_eq!(paths_and_codes(&payload),
            ["phones.1.number PHONE_TAKEN", "whatsappNumber PHONE_TAKEN", "emails.0.address EMAIL_TAKEN"]);
        assert_eq!(named(&payload), [json!([{"id": first}]), json!([{"id": first}]), json!([{"id": second}])]);
        let short = app.create(json!({"phone": "+14165550100", "email": "A@example.com"})).await;
        assert_eq!(paths_and_codes(&short), ["phone PHONE_TAKEN", "email EMAIL_TAKEN"]);
    }

    async fn a_deleted_contact_holds_nothing(app: App) {
        unique(&app).await;
        let input = json!({"externalId": "X-1", "phone": "+14165550100", "email": "a@example.com"});
        let holder = app.created(input.clone()).await;
        app.delete("contact", holder).await;
        let id = app.created(input.clone()).await;
        let payload = app.create(input).await;
        assert_eq!(named(&payload), vec![json!([{"id": id}]); 3], "{payload:#}");
    }

    async fn conflicts_come_with_all_other_faults(app: App) {
        app.set_policy(&[("unique_phone", "TRUE")]).await;
        app.created(json!({"firstName": "A", "phone": "+14165550100", "externalId": "X-1"})).await;
        let faults = app.faults(json!({"phone": "+14165550100", "externalId": "X-1", "tags": [""], "companyId": "?"})).await;
        assert_eq!(faults, ["tags.0 TAG_INVALID", "companyId COMPANY_NOT_FOUND", "firstName FIRST_NAME_REQUIRED",
            "externalId EXTERNAL_ID_TAKEN", "phone PHONE_TAKEN"]);
    }

    async fn later_fields_of_one_request_see_what_earlier_ones_took(app: App) {
        unique(&app).await;
        let create = |alias: &str, input: &str| format!("{alias}: createContact(input: {{{input}}}) {{ contact {{ id }}
            userErrors {{ field code message conflictingContacts {{ id }} }} }}");
        let answer = app.ask(&format!("mutation {{ {} {} {} {} }}",
            create("a", r#"phone: "+14165550100", externalId: "X""#), create("b", r#"phone: "+1 416 555 0100""#),
            create("c", r#"email: "a@example.com""#), create("d", r#"externalId: "X", email: "A@example.com""#))).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        let data = &answer["data"];
        assert_eq!(paths_and_codes(&data["b"]), ["phone PHONE_TAKEN"]);
        assert_eq!(named(&data["b"]), [json!([data["a"]["contact"]])]);
        assert_eq!(paths_and_codes(&data["d"]), ["externalId EXTERNAL_ID_TAKEN", "email EMAIL_TAKEN"]);
        assert_eq!(named(&data["d"]), [json!([data["a"]["contact"]]), json!([data["c"]["contact"]])]);
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 2);
    }

    async fn of_32_at_once_one_wins_and_the_others_name_it(app: App) {
        unique(&app).await;
        let at_once = join_all((0..32).map(|n| app.create(json!({"firstName": n.to_string(), "phone": "+14165550100"}))));
        let payloads = at_once.await;
        let (won, lost): (Vec<_>, Vec<_>) = payloads.iter().partition(|payload| !payload["contact"].is_null());
        assert_eq!(won.len(), 1, "{payloads:#?}");
        let winner: Uuid = won[0]["contact"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        for payload in lost {
            assert_eq!(paths_and_codes(payload), ["phone PHONE_TAKEN"]);
            assert_eq!(named(payload), [json!([{"id": winner}])], "{payload:#}");
        }
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 1);
        assert_eq!(app.number("SELECT count(*) FROM contact_phone").await, 1);
    }
}

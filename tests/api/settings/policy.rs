//! `updateContactPolicy`.

use contacts_gateway::access::Scope;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{change, faults};
use crate::support::{App, engine::on_each_engine};

const POLICY: &str =
    "organization { policy { preset requiredFields defaultLastName defaultStatus defaultStage defaultCountry
    defaultSource phoneFormat defaultPhoneRegion uniquePhone uniqueEmail usesPipelines allowedStatuses } }";

async fn policy(app: &App, input: Value) -> Value {
    let payload = change(app, "updateContactPolicy", POLICY, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["organization"]["policy"].clone()
}

async fn code(app: &App, contact: Value) -> Value {
    app.create(contact).await["userErrors"][0]["code"].clone()
}

on_each_engine! {
    async fn a_preset_sets_every_field(app: App) {
        let standard = json!({"preset": "STANDARD", "requiredFields": ["FIRST_NAME"], "defaultLastName": "",
            "defaultStatus": "active", "defaultStage": null, "defaultCountry": null, "defaultSource": "api",
            "phoneFormat": "E164_PREFERRED", "defaultPhoneRegion": null, "uniquePhone": false, "uniqueEmail": false,
            "usesPipelines": false, "allowedStatuses": []});
        let with = |changes: Value| {
            let mut policy = standard.clone();
            for (field, value) in changes.as_object().expect("fields") {
                policy[field] = value.clone();
            }
            policy
        };
        let presets = [
            with(json!({"preset": "PIPELINE", "requiredFields": ["PHONE"], "defaultLastName": null, "defaultStatus": null,
                "phoneFormat": "E164_REQUIRED", "uniquePhone": true, "usesPipelines": true})),
            with(json!({"preset": "DIALER", "defaultLastName": null, "defaultStatus": "not_contacted", "defaultStage": "lead",
                "defaultCountry": "US", "defaultPhoneRegion": "US", "phoneFormat": "E164_REQUIRED"})),
            with(json!({"preset": "MESSAGING", "requiredFields": [], "defaultLastName": null})),
            standard.clone(),
        ];
        for expected in presets {
            assert_eq!(policy(&app, json!({"preset": expected["preset"]})).await, expected);
        }
        assert_eq!(policy(&app, json!({"preset": "CUSTOM"})).await, standard);
    }

    async fn a_changed_field_wins_over_the_preset_and_makes_it_custom(app: App) {
        let changed = policy(&app, json!({"preset": "DIALER", "defaultCountry": "Canada", "defaultStage": null})).await;
        for (field, value) in [("preset", json!("CUSTOM")), ("defaultCountry", json!("CA")), ("defaultStage", Value::Null),
            ("defaultStatus", json!("not_contacted"))] {
            assert_eq!(changed[field], value, "{field}: {changed:#}");
        }
        assert_eq!(policy(&app, json!({"preset": "DIALER", "defaultStage": "lead"})).await["preset"], "DIALER");
    }

    async fn every_region_with_phone_numbers_is_taken(app: App) {
        for (given, kept) in [("XK", "XK"), ("xk", "XK"), ("AC", "AC"), ("TA", "TA"), ("GB", "GB"), ("uk", "GB"), ("Germany", "DE")] {
            assert_eq!(policy(&app, json!({"defaultPhoneRegion": given})).await["defaultPhoneRegion"], kept, "{given}");
        }
        assert_eq!(policy(&app, json!({"defaultPhoneRegion": "XK"})).await["defaultPhoneRegion"], "XK");
        assert_eq!(app.stored(json!({"firstName": "A", "phone": "044 123 456"})).await["phone"], "+38344123456");
        for given in ["ZZ", "001", "AQ", "Atlantis"] {
            let payload = change(&app, "updateContactPolicy", "__typename", json!({"defaultPhoneRegion": given})).await;
            assert_eq!(faults(&payload), ["COUNTRY_INVALID input.defaultPhoneRegion"], "{given}");
        }
        assert_eq!(policy(&app, json!({"defaultPhoneRegion": " "})).await["defaultPhoneRegion"], Value::Null);
        assert_eq!(policy(&app, json!({"defaultCountry": "XK"})).await["defaultCountry"], "XK");
        assert_eq!(policy(&app, json!({"allowedStatuses": ["lead", "Lead", " LEAD"]})).await["allowedStatuses"], json!(["lead"]));
    }

    async fn a_changed_region_counts_for_the_next_read_whoever_changed_it(app: App) {
        app.set_policy(&[("default_phone_region", "'US'")]).await;
        let id = app.created(json!({"firstName": "A", "phone": "+442079460000"})).await;
        let found = async || {
            let reads = "{ eq: contacts(filter: {phone: {eq: \"020 7946 0000\"}}) { nodes { id } }
                not: contacts(filter: {not: {or: [{phone: {neq: \"020 7946 0000\"}}]}}) { nodes { id } }
                query: contacts(query: \"0044 20 79460000\") { nodes { id } }
                one: contactByIdentifier(identifier: {phone: \"020 7946 0000\"}) { id } }";
            app.data(reads).await
        };
        // Another question, as an SQLite file has one gateway, which keeps its answers until it writes itself.
        let before = app.data("{ contacts(filter: {phone: {eq: \"020 7946 0000\"}}) { nodes { id } } }").await;
        assert_eq!(before["contacts"]["nodes"], json!([]));
        // As another gateway does it.
        app.set_policy(&[("default_phone_region", "'GB'")]).await;
        let ids = json!({"nodes": [{"id": id}]});
        assert_eq!(found().await, json!({"eq": ids, "not": ids, "query": ids, "one": {"id": id}}));
    }

    async fn a_number_kept_as_given_is_found_when_the_region_is_known(app: App) {
        let id = app.created(json!({"firstName": "A", "phone": "(416) 555-0100"})).await;
        app.set_policy(&[("default_phone_region", "'CA'")]).await;
        let found = app.data("{ contacts(filter: {phone: {eq: \"(416) 555-0100\"}}) { nodes { id } } }").await;
        assert_eq!(found["contacts"]["nodes"], json!([{"id": id}]));
    }

    async fn the_next_contact_is_held_to_the_changed_policy_and_those_that_are_there_stay(app: App) {
        let old = app.created(json!({"firstName": "Jane"})).await;
        policy(&app, json!({"requiredFields": ["EMAIL"], "allowedStatuses": ["new", "won"], "defaultStatus": "new"})).await;
        assert_eq!(code(&app, json!({"firstName": "Jane"})).await, "EMAIL_REQUIRED");
        assert_eq!(code(&app, json!({"email": "a@x.org", "status": "lost"})).await, "STATUS_NOT_ALLOWED");
        assert_eq!(code(&app, json!({"email": "a@x.org"})).await, Value::Null);
        let data = app.ask_with("query($id: ID!) { contact(id: $id) { version status } }", json!({"id": old})).await;
        assert_eq!(data["data"]["contact"], json!({"version": 1, "status": "active"}));
    }

    async fn uniqueness_cannot_be_turned_on_over_duplicates(app: App) {
        for _ in 0..2 {
            app.created(json!({"firstName": "A", "phone": "+14165550100", "email": "a@x.org"})).await;
        }
        let input = json!({"uniquePhone": true, "uniqueEmail": true});
        let payload = change(&app, "updateContactPolicy", POLICY, input.clone()).await;
        assert_eq!(faults(&payload), ["DUPLICATES_EXIST input.uniquePhone", "DUPLICATES_EXIST input.uniqueEmail"]);
        let message = payload["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains(" 1 phone numbers"), "{message}");
        let listed = app.data("{ contacts(first: 1) { nodes { id } } }").await;
        app.ask_with("mutation($id: ID!) { deleteContact(input: {id: $id}) { contactId } }",
            json!({"id": listed["contacts"]["nodes"][0]["id"]})).await;
        assert_eq!(policy(&app, input).await["uniquePhone"], true);
        assert_eq!(code(&app, json!({"firstName": "B", "phone": "+14165550100"})).await, "PHONE_TAKEN");
    }

    async fn thirty_two_creates_of_one_number_have_one_winner_that_the_others_name(app: App) {
        policy(&app, json!({"uniquePhone": true})).await;
        let payloads = join_all((0..32).map(|_| app.create(json!({"firstName": "A", "phone": "+14165550100"})))).await;
        let (won, lost): (Vec<_>, Vec<_>) = payloads.into_iter().partition(|payload| payload["contact"] != Value::Null);
        assert_eq!((won.len(), lost.len()), (1, 31));
        for payload in lost {
            assert_eq!(payload["userErrors"][0]["code"], "PHONE_TAKEN", "{payload:#}");
            assert_eq!(payload["userErrors"][0]["conflictingContacts"], json!([{"id": won[0]["contact"]["id"]}]));
        }
    }

    async fn pipelines_start_with_one_of_one_stage(app: App) {
        policy(&app, json!({"preset": "PIPELINE"})).await;
        let id = app.created(json!({"phone": "+14165550100"})).await;
        let query = "query($id: ID!) { contact(id: $id) { status stage pipeline { name isDefault stages { name position } } pipelineStage { name } } }";
        let answer = app.ask_with(query, json!({"id": id})).await;
        assert_eq!(answer["data"]["contact"], json!({"status": "New Lead", "stage": "New Lead", "pipelineStage": {"name": "New Lead"},
            "pipeline": {"name": "Default", "isDefault": true, "stages": [{"name": "New Lead", "position": 0}]}}), "{answer:#}");
        assert_eq!(code(&app, json!({"phone": "+14165550101", "status": "Nowhere"})).await, "STAGE_NOT_FOUND");
    }

    async fn values_that_make_no_sense_are_refused_all_at_once(app: App) {
        let input = json!({"defaultCountry": "nowhere", "defaultPhoneRegion": "?", "defaultSource": " ",
            "defaultStatus": "x".repeat(256), "allowedStatuses": ["ok", ""]});
        let payload = change(&app, "updateContactPolicy", POLICY, input).await;
        assert_eq!(faults(&payload), ["TOO_LONG input.defaultStatus", "COUNTRY_INVALID input.defaultCountry",
            "COUNTRY_INVALID input.defaultPhoneRegion", "INVALID input.defaultSource", "INVALID input.allowedStatuses.1"], "{payload:#}");
        assert_eq!(payload["organization"], Value::Null);
    }

    async fn statuses_are_listed_once_and_at_most_two_hundred(app: App) {
        let changed = policy(&app, json!({"allowedStatuses": ["new", "won", "new"]})).await;
        assert_eq!(changed["allowedStatuses"], json!(["new", "won"]));
        let statuses = |count: usize| json!({"allowedStatuses": (0..count).map(|status| status.to_string()).collect::<Vec<_>>()});
        assert_eq!(policy(&app, statuses(200)).await["allowedStatuses"].as_array().map(Vec::len), Some(200));
        let payload = change(&app, "updateContactPolicy", POLICY, statuses(201)).await;
        assert_eq!(faults(&payload), ["TOO_MANY input.allowedStatuses"], "{payload:#}");
    }

    async fn null_leaves_a_default_out(app: App) {
        let fields = ["defaultLastName", "defaultStage", "defaultCountry", "defaultPhoneRegion"];
        policy(&app, json!({"preset": "DIALER", "defaultLastName": "Doe"})).await;
        for field in fields {
            assert_eq!(policy(&app, json!({field: null})).await[field], Value::Null);
        }
    }

    async fn pipelines_that_are_there_are_enough(app: App) {
        app.pipeline("Sales", true, &["New"]).await;
        policy(&app, json!({"usesPipelines": true})).await;
        assert_eq!(app.number("SELECT count(*) FROM pipeline").await, 1);
    }

    async fn the_policy_needs_settings_write(app: App) {
        let key = app.key_with(&[Scope::ContactsWrite, Scope::KeysManage]).await;
        let answer = app.ask_as(&key, "mutation { updateContactPolicy(input: {preset: DIALER}) { organization { id } } }", json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["requiredScope"], "SETTINGS_WRITE", "{answer:#}");
    }
}

//! D. The messaging workspace: key as `X-API-Key`, policy MESSAGING, nothing required.

use serde_json::{Value, json};

use super::{
    FieldRow, KeyHeader, Newcomer, ReturnedRow, assert_common_errors, assert_documented, assert_returned,
};
use crate::support::{App, engine::on_each_engine};

/// The heading in docs/migrating.md.
const SYSTEM: &str = "A messaging workspace";

async fn messaging(app: App) -> Newcomer {
    Newcomer::new(app, "MESSAGING", KeyHeader::ApiKey).await
}

fn fields() -> Vec<FieldRow> {
    vec![
        ("phone", json!("+1 416 555 0100"), "phone", json!("+14165550100")),
        ("whatsapp_number", json!("+49 30 901820"), "whatsappNumber", json!("+4930901820")),
        ("email", json!("jane@example.com"), "email", json!("jane@example.com")),
        ("first_name", json!("Jane"), "firstName", json!("Jane")),
        ("last_name", json!("Doe"), "lastName", json!("Doe")),
        ("company", json!("Acme Inc"), "company", json!("Acme Inc")),
        ("job_title", json!("Head of Growth"), "jobTitle", json!("Head of Growth")),
        ("country", json!("DE"), "country", json!("DE")),
        ("timezone", json!("Europe/Berlin"), "timezone", json!("Europe/Berlin")),
        ("language", json!("de"), "language", json!("de")),
        ("tags", json!(["newsletter"]), "tags", json!(["newsletter"])),
        ("metadata", json!({"plan": "pro", "seats": 3}), "metadata", json!({"plan": "pro", "seats": 3})),
    ]
}

/// What a contact has of which nothing was given, and what is returned besides.
fn defaults() -> Vec<ReturnedRow> {
    vec![
        ("phone", "phone", Value::Null),
        ("whatsapp_number", "whatsappNumber", Value::Null),
        ("email", "email", Value::Null),
        ("first_name", "firstName", Value::Null),
        ("last_name", "lastName", Value::Null),
        ("company", "company", Value::Null),
        ("job_title", "jobTitle", Value::Null),
        ("country", "country", Value::Null),
        ("timezone", "timezone", Value::Null),
        ("language", "language", Value::Null),
        ("tags", "tags", json!([])),
        ("metadata", "metadata", json!({})),
        ("source", "source", json!("api")),
        ("is_active", "isActive", json!(true)),
    ]
}

on_each_engine! {
    async fn every_field_of_a_create_comes_back(app: App) {
        let newcomer = messaging(app).await;
        newcomer.every_field_comes_back(&json!({}), &fields()).await;
        let names = fields();
        assert_documented(SYSTEM, names.iter().map(|(theirs, _, ours, _)| (*theirs, *ours)));
    }

    async fn nothing_is_required_and_null_is_as_omitted(app: App) {
        let newcomer = messaging(app).await;
        assert_returned(&newcomer.stored(json!({})).await, &defaults());
        let nulls = defaults().into_iter().map(|(_, ours, _)| (ours.to_owned(), Value::Null));
        assert_returned(&newcomer.stored(nulls.collect()).await, &defaults());
        let named = newcomer.data("{ contacts { nodes { id displayName } } }", json!({})).await;
        for node in named["contacts"]["nodes"].as_array().expect("nodes") {
            let id = node["id"].as_str().expect("an id");
            assert_eq!(node["displayName"], format!("Contact {}", &id[id.len() - 8..]));
        }
    }

    async fn source_activity_and_timestamps_are_returned(app: App) {
        let newcomer = messaging(app).await;
        let contact = newcomer.stored(json!({"firstName": "Jane"})).await;
        let returned = [
            ("source", "source", json!("api")),
            ("is_active", "isActive", json!(true)),
            ("created_at", "createdAt", contact["updatedAt"].clone()),
            ("updated_at", "updatedAt", contact["createdAt"].clone()),
        ];
        assert_returned(&contact, &returned);
        assert!(contact["createdAt"].as_str().is_some_and(|time| time.ends_with('Z')), "{contact:#}");
        assert_documented(SYSTEM, returned.iter().map(|(theirs, ours, _)| (*theirs, *ours)));
        let quiet = newcomer.stored(json!({"source": "import", "isActive": false})).await;
        assert_eq!((&quiet["source"], &quiet["isActive"]), (&json!("import"), &json!(false)));
    }

    async fn places_and_languages_are_kept_in_their_usual_form(app: App) {
        let newcomer = messaging(app).await;
        for (field, given, kept) in [
            ("country", "de", "DE"),
            ("country", "DEU", "DE"),
            ("country", "Germany", "DE"),
            ("timezone", "europe/berlin", "Europe/Berlin"),
            ("language", "pt_BR", "pt-BR"),
        ] {
            assert_eq!(newcomer.stored(json!({field: given})).await[field], kept, "{field}: {given}");
        }
        for (field, given, code) in [
            ("country", "Atlantis", "COUNTRY_INVALID"),
            ("timezone", "CEST+1", "TIMEZONE_INVALID"),
            ("language", "not a language", "LANGUAGE_INVALID"),
        ] {
            assert_eq!(newcomer.faults(json!({field: given})).await, [format!("{field} {code}")], "{given}");
        }
    }

    async fn a_phone_is_kept_as_given_when_it_is_none_and_a_whatsapp_number_is_refused(app: App) {
        let newcomer = messaging(app).await;
        let contact = newcomer.stored(json!({"phone": "front desk"})).await;
        assert_eq!(contact["phone"], "front desk");
        for given in ["front desk", "416 555 0100"] {
            let faults = newcomer.faults(json!({"whatsappNumber": given})).await;
            assert_eq!(faults, ["whatsappNumber PHONE_INVALID"], "{given}");
        }
    }

    async fn a_whatsapp_number_is_the_phone_when_they_are_equal_and_never_becomes_it(app: App) {
        let newcomer = messaging(app).await;
        let contact = newcomer.stored(json!({"phone": "+14165550100", "whatsappNumber": "+1 416 555 0100"})).await;
        assert_eq!(contact["phones"], json!([{"number": "+14165550100", "type": "OTHER", "label": null,
            "isPrimary": true, "isWhatsapp": true, "doNotCall": false}]));
        let contact = newcomer.stored(json!({"whatsappNumber": "+14165550100"})).await;
        assert_eq!((&contact["phone"], &contact["whatsappNumber"]), (&Value::Null, &json!("+14165550100")));
    }

    async fn two_contacts_may_share_a_phone_and_an_email(app: App) {
        let newcomer = messaging(app).await;
        let input = json!({"phone": "+14165550100", "whatsappNumber": "+14165550100", "email": "jane@example.com"});
        let [one, two] = [newcomer.stored(input.clone()).await, newcomer.stored(input).await];
        assert_ne!(one["id"], two["id"]);
    }

    async fn all_faults_are_told_at_once(app: App) {
        let newcomer = messaging(app).await;
        let mut faults = newcomer.faults(json!({"email": "nobody", "whatsappNumber": "me", "metadata": [1], "tags": [""]})).await;
        faults.sort();
        assert_eq!(faults, ["email EMAIL_INVALID", "metadata METADATA_INVALID", "tags.0 TAG_INVALID",
            "whatsappNumber PHONE_INVALID"]);
    }

    async fn bodies_keys_scopes_and_our_own_faults_have_their_codes(app: App) {
        assert_common_errors(&messaging(app).await).await;
    }
}

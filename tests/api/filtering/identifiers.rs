//! One contact by what it is known by.

use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

async fn identify(app: &App, identifier: Value) -> Value {
    const FIND: &str = "query($identifier: ContactIdentifierInput!) { contactByIdentifier(identifier: $identifier) { id firstName } }";
    app.ask_with(FIND, json!({"identifier": identifier})).await
}

on_each_engine! {
    async fn a_contact_is_found_by_any_of_its_identifiers(app: App) {
        app.raw_execute("UPDATE organization SET default_phone_region = 'CA'").await;
        let jane = app.created(json!({"firstName": "Jane", "externalId": "A-1",
            "emails": [{"address": "jane@example.com"}, {"address": "JD@Bücher.example"}],
            "phones": [{"number": "416 555 0100"}, {"number": "+442079460958"}, {"number": "Desk 5"}, {"number": "Desk 12345"}]})).await;
        let (_, other) = app.organization("Globex").await;
        for (key, value, is_found) in [
            ("externalId", "A-1", true), ("externalId", "a-1", false), ("externalId", "", false),
            ("email", " JANE@EXAMPLE.COM ", true), ("email", "jd@xn--bcher-kva.example", true), ("email", "ane@example.com", false),
            ("email", "jane@example.com\u{0}", false),
            ("phone", "(416) 555-0100", true), ("phone", "+1-416-555-0100", true), ("phone", "+44 20 7946 0958", true),
            ("phone", "desk 5", false), ("phone", "desk 12345", true), ("phone", "555 0100", false), ("phone", "%", false),
        ] {
            let answer = identify(&app, json!({key: value})).await;
            assert_eq!(answer.get("errors"), None, "{answer:#}");
            let contact = &answer["data"]["contactByIdentifier"];
            assert_eq!(contact.is_object(), is_found, "{key} {value}");
            assert!(!is_found || contact["id"] == jane.to_string(), "{contact}");
            let foreign = "query($identifier: ContactIdentifierInput!) { contactByIdentifier(identifier: $identifier) { id } }";
            let foreign = app.ask_as(&other, foreign, json!({"identifier": {key: value}})).await;
            assert_eq!(foreign["data"], json!({"contactByIdentifier": null}), "{foreign:#}");
        }
    }

    async fn several_contacts_are_named_and_none_is_chosen(app: App) {
        let one = app.created(json!({"firstName": "Jane", "email": "x@example.com"})).await;
        let other = app.created(json!({"firstName": "John", "emails": [{"address": "j@example.com"}, {"address": "X@example.com"}]})).await;
        let answer = identify(&app, json!({"email": "x@EXAMPLE.com"})).await;
        assert_eq!(answer["data"], json!({"contactByIdentifier": null}));
        let error = &answer["errors"][0]["extensions"];
        assert_eq!(error["code"], "AMBIGUOUS_MATCH", "{answer:#}");
        assert_eq!(error["contactIds"], json!([one, other]));
        app.ask_with("mutation($id: ID!) { deleteContact(input: {id: $id}) { contactId } }", json!({"id": one})).await;
        assert_eq!(identify(&app, json!({"email": "x@example.com"})).await["data"]["contactByIdentifier"]["id"], other.to_string());
    }

    async fn exactly_one_identifier_is_asked_for(app: App) {
        for identifier in [json!({}), json!({"email": "a@example.com", "phone": "1"}), json!({"email": null})] {
            let answer = identify(&app, identifier).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        }
    }
}

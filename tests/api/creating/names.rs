//! Names: what a contact is called when it has none, and what is no name.

use serde_json::{Value, json};

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

on_each_engine! {
    async fn a_contact_is_called_by_the_first_thing_it_has(app: App) {
        app.set_policy(LENIENT).await;
        let steps = [
            ("firstName", json!(" Jane "), "Jane Doe"),
            ("lastName", json!(" Doe "), "Doe"),
            ("company", json!(" Acme "), "Acme"),
            ("email", json!("jane@example.com"), "jane@example.com"),
            ("phone", json!("+14165550100"), "+14165550100"),
            ("whatsappNumber", json!("+4930901820"), "+4930901820"),
        ];
        for first in 0..steps.len() {
            let input = steps[first..].iter().map(|(field, value, _)| ((*field).to_owned(), value.clone()));
            let contact = app.stored(input.collect::<serde_json::Map<_, _>>().into()).await;
            assert_eq!(contact["displayName"], steps[first].2, "{contact:#}");
        }
        let first_name_only = app.stored(json!({"firstName": "Jane", "company": "Acme"})).await;
        assert_eq!(first_name_only["displayName"], "Jane");
        let blank = app.stored(json!({"firstName": " ", "lastName": "", "company": " ", "email": "a@example.com"})).await;
        assert_eq!(blank["displayName"], "a@example.com");
    }

    async fn a_contact_that_has_nothing_is_called_by_its_id(app: App) {
        app.set_policy(LENIENT).await;
        let contact = app.stored(json!({})).await;
        let id = contact["id"].as_str().expect("an id");
        assert_eq!(contact["displayName"], format!("Contact {}", &id[id.len() - 8..]));
    }

    async fn a_text_of_which_nothing_is_seen_is_blank(app: App) {
        for blank in ["\u{200b}", " \u{200b}\u{feff}\t", "\u{3164}", "\u{2800}", "\u{a0}", "\u{200d}", "\u{202e}"] {
            assert_eq!(app.faults(json!({"firstName": blank})).await, ["firstName FIRST_NAME_REQUIRED"], "{blank:?}");
        }
        app.set_policy(LENIENT).await;
        for blank in ["", " ", "\u{200b}", "\u{2800}"] {
            let contact = app.stored(json!({"firstName": blank, "lastName": blank, "company": blank, "jobTitle": blank,
                "industry": blank, "addressLine1": blank, "addressLine2": blank, "city": blank, "state": blank, "zip": blank,
                "process": blank, "notes": blank, "externalId": blank, "email": "a@example.com"})).await;
            for field in ["firstName", "company", "jobTitle", "industry", "addressLine1", "addressLine2", "city", "state", "zip", "process",
                "notes", "externalId"]
            {
                assert_eq!(contact[field], Value::Null, "{field} {blank:?}");
            }
            assert_eq!(contact["lastName"], "", "the policy's default");
            assert_eq!(contact["displayName"], "a@example.com");
        }
        for (mutation, input) in [("createCompany", json!({"name": "\u{200b}"})), ("createTeam", json!({"name": "\u{2060}"})),
            ("createUser", json!({"name": "\u{feff} "})), ("createPipeline", json!({"name": "\u{200b}", "stages": [{"name": "A"}]})),
            ("createPipeline", json!({"name": "A", "stages": [{"name": "\u{200b}"}]}))]
        {
            let kind = mutation.replace("create", "");
            let query = format!("mutation($input: Create{kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
            let answer = app.ask_with(&query, json!({"input": input})).await;
            assert_eq!(answer["data"][mutation]["userErrors"], json!([{"code": "NAME_REQUIRED"}]), "{answer:#}");
        }
        assert_eq!(app.faults(json!({"tags": ["\u{200b}"]})).await, ["tags.0 TAG_INVALID"]);
    }

    async fn clearing_by_a_blank_text_is_as_by_null(app: App) {
        let id = app.created(json!({"firstName": "Jane", "lastName": "Doe", "city": "Bonn", "externalId": "A-1"})).await;
        let update = "mutation($input: UpdateContactInput!) { updateContact(input: $input) {
            contact { firstName lastName city externalId } userErrors { field code } } }";
        let answer = app.ask_with(update, json!({"input": {"id": id, "set": {"lastName": "", "city": "\u{200b}", "externalId": " "}}})).await;
        let contact = json!({"firstName": "Jane", "lastName": null, "city": null, "externalId": null});
        assert_eq!(answer["data"]["updateContact"], json!({"contact": contact, "userErrors": []}), "{answer:#}");
        let answer = app.ask_with(update, json!({"input": {"id": id, "set": {"firstName": "\u{200b}"}}})).await;
        assert_eq!(answer["data"]["updateContact"]["userErrors"], json!([{"field": ["input", "set", "firstName"], "code": "FIRST_NAME_REQUIRED"}]), "{answer:#}");
    }

    async fn characters_that_are_not_seen_are_refused_within_a_text(app: App) {
        app.set_policy(LENIENT).await;
        let fields = ["firstName", "lastName", "company", "jobTitle", "industry", "addressLine1", "addressLine2", "city", "state", "zip",
            "process", "status", "stage", "source", "externalId", "notes"];
        for character in ["\u{202e}", "\u{202a}", "\u{2066}", "\u{200b}", "\u{200e}", "\u{feff}", "\u{ad}", "\u{61c}", "\u{e0001}", "\u{600}", "\u{605}", "\u{6dd}", "\u{70f}",
            "\u{890}", "\u{8e2}", "\u{110bd}", "\u{110cd}", "\u{e0067}", "\u{fffe}", "\u{ffff}", "\u{fdd0}", "\u{fdef}", "\u{1fffe}", "\u{10ffff}"] {
            let text = format!("a{character}b");
            for field in fields {
                assert_eq!(app.faults(json!({field: text})).await, [format!("{field} CHARACTER_INVALID")], "{character:?}");
            }
            assert_eq!(app.faults(json!({"tags": [text]})).await, ["tags.0 CHARACTER_INVALID"]);
            assert_eq!(app.faults(json!({"metadata": {"k": [text]}})).await, ["metadata CHARACTER_INVALID"]);
            assert_eq!(app.faults(json!({"metadata": {text: 1}})).await, ["metadata CHARACTER_INVALID"]);
        }
        for name in ["می\u{200c}خواهم", "क्\u{200d}ष", "👩\u{200d}🚀", "❤\u{fe0f}", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"] {
            assert_eq!(app.stored(json!({"firstName": name})).await["firstName"], name);
        }
        for (mutation, input) in [("createCompany", json!({"name": "a\u{202e}b"})), ("createTeam", json!({"name": "a\u{202e}b"})),
            ("createUser", json!({"name": "a\u{202e}b"})), ("createApiKey", json!({"name": "a\u{202e}b", "scopes": ["CONTACTS_READ"]}))]
        {
            let kind = mutation.replace("create", "");
            let query = format!("mutation($input: Create{kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
            let answer = app.ask_with(&query, json!({"input": input})).await;
            assert_eq!(answer["data"][mutation]["userErrors"], json!([{"code": "CHARACTER_INVALID"}]), "{answer:#}");
        }
    }
}

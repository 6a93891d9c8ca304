//! One root field that is refused leaves every other answer standing.

use contacts_gateway::access::Scope;
use serde_json::json;

use super::redact;
use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn a_refused_query_leaves_the_others_standing(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        let mut answer = app.ask(&format!("{{ before: contact(id: \"{id}\") {{ firstName }}
            tooMany: contacts(first: 201) {{ nodes {{ id }} }}
            garbled: contacts(after: \"?\") {{ nodes {{ id }} }}
            after: viewer {{ organization {{ name }} }} }}")).await;
        redact(&mut answer);
        assert_eq!(answer["data"], json!({"before": {"firstName": "Jane"}, "tooMany": null, "garbled": null,
            "after": {"organization": {"name": "Acme"}}}));
        assert_eq!(answer["errors"], json!([
            {"message": "`first` is at most 200: read further pages with cursors",
                "locations": [{"line": 2, "column": 13}], "path": ["tooMany"],
                "extensions": {"code": "BAD_USER_INPUT", "argument": "first", "maximum": 200, "requestId": "[id]"}},
            {"message": "`after`: not a cursor of this API",
                "locations": [{"line": 3, "column": 13}], "path": ["garbled"],
                "extensions": {"code": "INVALID_CURSOR", "argument": "after", "reason": "MALFORMED", "requestId": "[id]"}},
        ]));
    }

    async fn a_refused_mutation_leaves_the_others_standing_and_written(app: App) {
        let reader = app.key_with(&[Scope::ContactsRead]).await;
        let mut answer = app.ask_as(&reader, "mutation { a: createContact(input: {firstName: \"A\"}) { contact { id } }
            b: __typename }", json!({})).await;
        redact(&mut answer);
        assert_eq!(answer["data"], json!({"a": null, "b": "Mutation"}));
        assert_eq!(answer["errors"], json!([
            {"message": "This API key lacks the scope contacts:write.",
                "locations": [{"line": 1, "column": 12}], "path": ["a"],
                "extensions": {"code": "FORBIDDEN", "requiredScope": "CONTACTS_WRITE", "requestId": "[id]"}},
        ]));
        assert_eq!(app.rows().await, 0);

        // Within one request a fault in the second leaves the first and third written.
        let answer = app.ask("mutation {
            a: createContact(input: {firstName: \"A\"}) { contact { firstName } userErrors { code } }
            b: createContact(input: {}) { contact { firstName } userErrors { code } }
            c: createContact(input: {firstName: \"C\"}) { contact { firstName } userErrors { code } } }").await;
        assert_eq!(answer, json!({"data": {
            "a": {"contact": {"firstName": "A"}, "userErrors": []},
            "b": {"contact": null, "userErrors": [{"code": "FIRST_NAME_REQUIRED"}]},
            "c": {"contact": {"firstName": "C"}, "userErrors": []},
        }}));
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 2);
    }

    async fn a_fault_of_ours_in_one_mutation_leaves_the_others_written_and_says_nothing(app: App) {
        // No job can be prepared without the row of the policy's organization being readable.
        let (_, other_key) = app.organization("Other").await;
        app.execute("UPDATE organization SET required_fields = 'not JSON' WHERE name = 'Other'", []).await;
        let mut answer = app.ask_as(&other_key, "mutation { a: createContact(input: {firstName: \"A\"}) { contact { id } }
            b: __typename }", json!({})).await;
        redact(&mut answer);
        assert_eq!(answer["data"], json!({"a": null, "b": "Mutation"}));
        assert_eq!(answer["errors"], json!([
            {"message": "Something went wrong on our side.", "locations": [{"line": 1, "column": 12}], "path": ["a"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "[id]"}},
        ]));
        app.created(json!({"firstName": "A"})).await;
    }

    async fn a_key_without_the_scope_is_told_which_one_it_lacks(app: App) {
        let manager = app.key_with(&[Scope::KeysManage]).await;
        let mut answer = app.ask_as(&manager, "{ viewer { scopes } contacts { nodes { id } }
            contact(id: \"x\") { id } node(id: \"x\") { id } nodes(ids: []) { id } }", json!({})).await;
        redact(&mut answer);
        assert_eq!(answer["data"], json!({"viewer": {"scopes": ["KEYS_MANAGE"]}, "contacts": null, "contact": null,
            "node": null, "nodes": null}));
        for error in answer["errors"].as_array().expect("errors") {
            assert_eq!(error["extensions"], json!({"code": "FORBIDDEN", "requiredScope": "CONTACTS_READ", "requestId": "[id]"}));
            assert!(error["message"].as_str().is_some_and(|message| message.contains("contacts:read")), "{error:#}");
        }
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(4), "{answer:#}");
    }
}

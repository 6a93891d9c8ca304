//! What a key may do: each root field looks for itself, and a refused one hides no other.

mod matrix;

use contacts_gateway::access::Scope;
use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

/// The errors by root field: code, and scope that is missed.
fn refused(answer: &Value) -> Vec<(String, Value)> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let mut refused: Vec<_> = errors
        .map(|error| {
            let mut extensions = error["extensions"].clone();
            let id = extensions.as_object_mut().and_then(|values| values.remove("requestId"));
            assert!(id.is_some_and(|id| id.is_string()), "{error:#}");
            assert_eq!(error["path"].as_array().map(Vec::len), Some(1), "{error:#}");
            (error["path"][0].as_str().expect("a field").to_owned(), extensions)
        })
        .collect();
    refused.sort_by(|a, b| a.0.cmp(&b.0));
    refused
}

fn forbidden(field: &str, scope: Scope) -> (String, Value) {
    (field.to_owned(), json!({"code": "FORBIDDEN", "requiredScope": scope.constant()}))
}

on_each_engine! {
    async fn creating_needs_contacts_write(app: App) {
        let mutation = "mutation { one: createContact(input: {firstName: \"A\"}) { contact { id } }
            __typename
            two: createContact(input: {firstName: \"B\"}) { contact { id } userErrors { code } } }";
        let others = [Scope::ContactsRead, Scope::ContactsPurge, Scope::SettingsWrite, Scope::KeysManage];
        let key = app.key_with(&others).await;
        let answer = app.ask_as(&key, mutation, json!({})).await;
        let expected = [forbidden("one", Scope::ContactsWrite), forbidden("two", Scope::ContactsWrite)];
        assert_eq!(refused(&answer), expected, "{answer:#}");
        assert_eq!(answer["data"], json!({"one": null, "__typename": "Mutation", "two": null}), "{answer:#}");
        let data = app.data("{ contacts { totalCount } }").await;
        assert_eq!(data["contacts"]["totalCount"], 0);

        let key = app.key_with(&[Scope::ContactsWrite]).await;
        let answer = app.ask_as(&key, mutation, json!({})).await;
        assert_eq!(refused(&answer), [], "{answer:#}");
        assert!(answer["data"]["two"]["contact"]["id"].is_string(), "{answer:#}");
    }

    async fn any_key_may_ask_who_it_is(app: App) {
        let key = app.key_with(&[]).await;
        let query = "{ viewer { id organization { id name } user { id } scopes allTeams teams { id }
            apiKey { name scopes allTeams teams { id } } } }";
        let answer = app.ask_as(&key, query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        let viewer = &answer["data"]["viewer"];
        assert_eq!(viewer["organization"], json!({"id": app.org_id, "name": "Acme"}), "{answer:#}");
        assert_eq!(viewer["apiKey"], json!({"name": "test", "scopes": [], "allTeams": true, "teams": []}));
        assert_eq!((&viewer["user"], &viewer["allTeams"]), (&Value::Null, &json!(true)), "{answer:#}");
    }

    async fn an_api_key_is_a_node_for_those_only_who_manage_keys(app: App) {
        let data = app.data("{ viewer { apiKey { id } } }").await;
        let id = &data["viewer"]["apiKey"]["id"];
        let query = "query($id: ID!) { node(id: $id) { __typename id } nodes(ids: [$id]) { id } }";
        let answer = app.ask_with(query, json!({"id": id})).await;
        assert_eq!(answer["data"]["node"], json!({"__typename": "ApiKey", "id": id}), "{answer:#}");
        let key = app.key_with(&[Scope::ContactsWrite, Scope::ContactsPurge, Scope::SettingsWrite]).await;
        let answer = app.ask_as(&key, query, json!({"id": id})).await;
        assert_eq!(answer, json!({"data": {"node": null, "nodes": [null]}}), "{answer:#}");
    }
}

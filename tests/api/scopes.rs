//! What a key may do: each root field looks for itself, and a refused one hides no other.

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

/// Every query field but `viewer`, each with what it takes.
const READS: [(&str, &str); 15] = [
    ("companies", "companies { totalCount nodes { id } }"),
    ("company", "company(id: $id) { id }"),
    ("contact", "contact(id: $id) { id }"),
    ("contactByIdentifier", "contactByIdentifier(identifier: {externalId: \"none\"}) { id }"),
    ("contacts", "contacts { totalCount nodes { id } }"),
    ("node", "node(id: $id) { id }"),
    ("nodes", "nodes(ids: [$id]) { id }"),
    ("pipeline", "pipeline(id: $id) { id }"),
    ("pipelines", "pipelines { id }"),
    ("tag", "tag(name: \"vip\") { id }"),
    ("tags", "tags { totalCount nodes { id } }"),
    ("team", "team(id: $id) { id }"),
    ("teams", "teams { id }"),
    ("user", "user(id: $id) { id }"),
    ("users", "users { totalCount nodes { id } }"),
];

on_each_engine! {
    async fn every_query_field_but_viewer_and_api_keys_needs_contacts_read(app: App) {
        let schema = app.data("{ __schema { queryType { fields { name } } } }").await;
        let fields = schema["__schema"]["queryType"]["fields"].as_array().expect("fields");
        let mut covered: Vec<_> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
        covered.sort_unstable();
        let expected: Vec<_> = ["apiKeys"].into_iter().chain(READS.iter().map(|(field, _)| *field)).chain(["viewer"]).collect();
        assert_eq!(covered, expected, "a field without a test of its scope");

        let id = app.created(json!({"firstName": "Jane"})).await;
        let selections: Vec<_> = READS.iter().map(|(_, selection)| *selection).collect();
        let query = format!("query($id: ID!) {{ viewer {{ scopes }} {} __typename }}", selections.join(" "));
        for scopes in [vec![], vec![Scope::KeysManage, Scope::SettingsWrite, Scope::ContactsPurge]] {
            let key = app.key_with(&scopes).await;
            app.statements();
            let answer = app.ask_as(&key, &query, json!({"id": id})).await;
            let expected: Vec<_> =
                READS.iter().map(|(field, _)| forbidden(field, Scope::ContactsRead)).collect();
            assert_eq!(refused(&answer), expected, "{answer:#}");
            let message = answer["errors"][0]["message"].as_str().expect("a message");
            assert!(message.contains("contacts:read"), "{message}");
            let names: Vec<_> = scopes.iter().map(|scope| scope.constant()).collect();
            let mut shown: Vec<_> = answer["data"]["viewer"]["scopes"]
                .as_array()
                .expect("scopes")
                .iter()
                .filter_map(Value::as_str)
                .collect();
            shown.sort_by_key(|scope| names.iter().position(|name| name == scope));
            assert_eq!(shown, names, "{answer:#}");
            assert_eq!(answer["data"]["__typename"], "Query", "{answer:#}");
            for (field, _) in READS {
                assert_eq!(answer["data"].get(field), Some(&Value::Null), "{answer:#}");
            }
            let read = app.statements().into_iter().filter(|statement| statement.sql.contains("\"contact\""));
            assert_eq!(read.count(), 0, "contacts were read all the same");
        }
        for scope in [Scope::ContactsRead, Scope::ContactsWrite] {
            let key = app.key_with(&[scope]).await;
            let answer = app.ask_as(&key, &query, json!({"id": id})).await;
            assert_eq!(answer.get("errors"), None, "{answer:#}");
            assert_eq!(answer["data"]["contact"]["id"], json!(id), "{answer:#}");
        }
    }

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

//! Documents are executed as the specification has it.

use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

/// How many contacts there are.
async fn count(app: &App) -> Value {
    app.data("{ contacts(first: 0) { totalCount } }").await["contacts"]["totalCount"].take()
}

on_each_engine! {
    async fn a_field_selected_twice_is_one_field_and_runs_once(app: App) {
        let create = "createContact(input: {firstName: \"x\"})";
        let documents = [
            format!("mutation {{ {create} {{ contact {{ firstName }} }} {create} {{ userErrors {{ code }} }} }}"),
            format!("mutation {{ {create} {{ contact {{ firstName }} }} ...F }} fragment F on Mutation {{ {create} {{ userErrors {{ code }} }} }}"),
            format!("mutation {{ ...F ... {{ {create} {{ userErrors {{ code }} }} ...F }} }} fragment F on Mutation {{ {create} {{ contact {{ firstName }} }} }}"),
            format!("mutation($t: Boolean = true) {{ ... @include(if: $t) {{ {create} {{ contact {{ firstName }} }} }} {create} @skip(if: false) {{ userErrors {{ code }} contact {{ firstName }} }} }}"),
        ];
        for (turn, document) in documents.iter().enumerate() {
            let data = app.data(document).await;
            assert_eq!(data, json!({"createContact": {"contact": {"firstName": "x"}, "userErrors": []}}), "{document}");
            assert_eq!(count(&app).await, turn + 1, "{document}");
        }
        app.statements();
        let twice = "{ contacts(first: 1) { nodes { id: firstName } } ... { contacts(first: 1) { nodes { lastName id: firstName } totalCount } } }";
        let data = app.data(twice).await;
        let page = json!({"nodes": [{"id": "x", "lastName": ""}], "totalCount": 4});
        assert_eq!(data, json!({"contacts": page}));
        let reads = app.statements().into_iter().filter(|sent| sent.sql.contains("\"contact\"")).count();
        assert_eq!(reads, 1, "the list is read once");
    }

    async fn the_same_field_under_two_names_runs_twice(app: App) {
        let create = "createContact(input: {firstName: \"x\"}) { contact { id } }";
        app.data(&format!("mutation {{ a: {create} {create} }}")).await;
        assert_eq!(count(&app).await, 2);
    }

    async fn the_default_of_a_variable_counts_in_skip_and_include(app: App) {
        let create = "createContact(input: {firstName: \"x\"}) @skip(if: $dry) { contact { id } }";
        let mutation = format!("mutation M($dry: Boolean = true) {{ {create} }}");
        assert_eq!(app.ask_with(&mutation, json!({})).await["data"], json!({}));
        assert_eq!(count(&app).await, 0);
        app.ask_with(&mutation, json!({"dry": false})).await;
        assert_eq!(count(&app).await, 1);
        for (place, given, shown) in [
            ("viewer @include(if: $v) { scopes }", json!({}), true),
            ("viewer @include(if: $v) { scopes }", json!({"v": false}), false),
            ("... @include(if: $v) { viewer { scopes } }", json!({}), true),
            ("...F @include(if: $v)", json!({}), true),
            ("viewer @skip(if: $v) { scopes }", json!({}), false),
            ("... @skip(if: $v) { viewer { scopes } }", json!({"v": false}), true),
            ("...F @include(if: $v) @skip(if: $v)", json!({}), false),
        ] {
            let fragment = if place.contains('F') { "fragment F on Query { viewer { scopes } }" } else { "" };
            let query = format!("query Q($v: Boolean = true) {{ __typename {place} }} {fragment}");
            let answer = app.ask_with(&query, given).await;
            assert_eq!(answer.get("errors"), None, "{place}: {answer:#}");
            assert_eq!(answer["data"].get("viewer").is_some(), shown, "{place}: {answer:#}");
        }
        let data = app.data("{ viewer { id @skip(if: true) } }").await;
        assert_eq!(data, json!({"viewer": {}}));
    }

    async fn keys_come_in_the_order_in_which_they_are_first_met_for_each_type(app: App) {
        let created = "mutation { createContact(input: {firstName: \"x\", company: \"Acme\"}) { contact { id } } }";
        let id = app.data(created).await["createContact"]["contact"]["id"].take();
        let query = "query($id: ID!) { node(id: $id) { ... on Company { name } ...F id __typename ... on Node { __typename } ... on Contact { firstName: lastName b: firstName } } }
            fragment F on Contact { b: firstName ... on Node { id } company }";
        let answer = app.ask_with(query, json!({"id": id})).await;
        let expected = format!("{{\"b\":\"x\",\"id\":{id},\"company\":\"Acme\",\"__typename\":\"Contact\",\"firstName\":\"\"}}");
        assert_eq!(answer["data"]["node"].to_string(), expected);
    }

    async fn a_variable_may_stand_in_an_input_of_which_one_field_is_given_unless_it_is_null(app: App) {
        let query = "query($e: String) { contactByIdentifier(identifier: {email: $e}) { id } }";
        let answer = app.ask_with(query, json!({"e": "a@example.org"})).await;
        assert_eq!((answer.get("errors"), &answer["data"]), (None, &json!({"contactByIdentifier": null})));
        for given in [json!({}), json!({"e": null})] {
            let answer = app.ask_with(query, given).await;
            assert_eq!(answer.get("data"), None, "{answer:#}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        }
    }

    async fn values_of_literals_defaults_and_variables_are_coerced_alike(app: App) {
        let query = "query($one: [ID!] = 7, $text: String! = \"\\ud83d\\ude00\", $json: JSON, $none: Int) {
            nodes(ids: $one) { id } single: nodes(ids: \"a\") { id }
            a: contacts(first: $none, filter: {firstName: {eq: \"\\u{1F600}\"}}) { totalCount }
            b: contacts(filter: {firstName: {eq: $text}, metadata: [{key: \"k\", eq: $json}]}) { totalCount }
            c: contacts(filter: {firstName: {eq: \"\"\"😀\"\"\"}, metadata: {key: \"k\", eq: 1}}) { totalCount } }";
        app.data("mutation { createContact(input: {firstName: \"😀\", metadata: {k: 1}}) { contact { id } } }").await;
        let answer = app.ask_with(query, json!({"json": 1, "unknown": {}})).await;
        let one = json!({"totalCount": 1});
        assert_eq!(answer["data"], json!({"nodes": [null], "single": [null], "a": one, "b": one, "c": one}), "{answer:#}");
    }
}

/// What the compiler's introspection lacks, and what the library's says of its own.
#[tokio::test]
async fn introspection_tells_of_this_schema() {
    let app = App::new(crate::support::engine::Engine::Sqlite).await;
    let data = app
        .data("{ s: __schema { about: description description } __schema { description } __type(name: \"ContactIdentifierInput\") { isOneOf } }")
        .await;
    let description = &data["__schema"]["description"];
    assert!(description.as_str().is_some_and(|text| text.contains("createContact")), "{data:#}");
    assert_eq!((&data["s"]["about"], &data["s"]["description"]), (description, description));
    assert_eq!(data["__type"]["isOneOf"], true);
    let sdl = contacts_gateway::graphql::sdl();
    assert!(sdl.contains(&format!("\"{}\"\nschema {{", description.as_str().unwrap_or_default())));
}

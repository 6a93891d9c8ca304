//! Values that cannot be taken: those of variables, and those that only a field refuses.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::refusal;
use crate::support::{App, engine::Engine};

async fn app() -> App {
    App::new(Engine::Sqlite).await
}

const CREATE: &str =
    "mutation($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }";

#[tokio::test]
async fn a_variable_that_cannot_be_coerced_is_bad_user_input() {
    let app = app().await;
    let body = json!({"query": CREATE, "variables": {"input": {"firstName": 4711}}});
    assert_json_snapshot!(refusal(&app, body).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "`$input.firstName` must be a string",
          "locations": [
            {
              "line": 1,
              "column": 10
            }
          ],
          "extensions": {
            "code": "BAD_USER_INPUT",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
    let body = json!({"query": CREATE, "variables": {"input": {"firstname": "my secret"}}});
    assert_json_snapshot!(refusal(&app, body).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "`$input` has the unknown field `firstname`",
          "locations": [
            {
              "line": 1,
              "column": 10
            }
          ],
          "extensions": {
            "code": "BAD_USER_INPUT",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
    let list = "query($first: Int) { contacts(first: $first) { nodes { id } } }";
    assert_json_snapshot!(refusal(&app, json!({"query": list, "variables": {"first": "my secret"}})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "`$first` must be a whole number from -2147483648 to 2147483647",
          "locations": [
            {
              "line": 1,
              "column": 7
            }
          ],
          "extensions": {
            "code": "BAD_USER_INPUT",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_time_that_is_none_is_bad_user_input() {
    let app = app().await;
    let list = "query($since: DateTime) { contacts(updatedSince: $since) { nodes { id } } }";
    assert_json_snapshot!(refusal(&app, json!({"query": list, "variables": {"since": "my secret"}})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "`$since` must be an RFC 3339 time such as 2026-05-17T14:00:00Z",
          "locations": [
            {
              "line": 1,
              "column": 7
            }
          ],
          "extensions": {
            "code": "BAD_USER_INPUT",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_missing_required_variable_is_bad_user_input() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": CREATE})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the variable `$input` is required",
          "locations": [
            {
              "line": 1,
              "column": 10
            }
          ],
          "extensions": {
            "code": "BAD_USER_INPUT",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
    assert_json_snapshot!(refusal(&app, json!({"query": CREATE, "variables": {"input": null}})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "`$input` may not be null",
          "locations": [
            {
              "line": 1,
              "column": 10
            }
          ],
          "extensions": {
            "code": "BAD_USER_INPUT",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_value_that_only_its_field_refuses_refuses_the_whole_request_before_anything_is_written() {
    let app = app().await;
    let create = "a: createContact(input: {firstName: \"A\"}) { contact { id } }";
    let from_variable = "b: createContact(input: $b) { contact { id } }";
    for (query, variables) in [
        (format!("mutation($b: CreateContactInput!) {{ {create} {from_variable} }}"), json!({})),
        (
            format!("mutation($b: CreateContactInput!) {{ {create} {from_variable} }}"),
            json!({"b": {"sourceCreatedAt": "2026"}}),
        ),
        (
            format!(
                "mutation {{ {create} b: createContact(input: {{sourceCreatedAt: \"2026\"}}) {{ contact {{ id }} }} }}"
            ),
            json!({}),
        ),
        (
            format!(
                "mutation($b: DateTime) {{ {create} b: createContact(input: {{sourceCreatedAt: $b}}) {{ contact {{ id }} }} }}"
            ),
            json!({"b": "2026"}),
        ),
    ] {
        let refused = refusal(&app, json!({"query": query, "variables": variables})).await;
        assert_eq!(refused["status"], 400, "{refused:#}");
    }
    assert_eq!(app.rows().await, 0);
}

/// How a variable is declared, a field that uses it, its value, and the code that tells why not.
fn refused_with_variables() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "$v: Int = 4294967297",
            "b: createContact(input: {score: $v}) { contact { id } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "$v: Int",
            "b: createContact(input: {score: $v}) { contact { id } }",
            json!({"v": 4_294_967_297_u64}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: Int",
            "b: createContact(input: {score: $v}) { contact { id } }",
            json!({"v": 1.5}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: CreateContactInput!",
            "b: createContact(input: $v) { contact { id } }",
            json!({"v": {"score": 4_294_967_297_u64}}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: CreateContactInput!",
            "b: createContact(input: $v) { contact { id } }",
            json!({"v": [{"firstName": "B"}, {}]}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: CreateContactInput!",
            "b: createContact(input: $v) { contact { id } }",
            json!({"v": {"nothing": 1}}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: CreateContactInput!",
            "b: createContact(input: $v) { contact { id } }",
            json!({"v": null}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: ContactSelectionInput!",
            "b: deleteContacts(input: {where: $v}) { affectedCount }",
            json!({"v": {"ids": [], "matching": null}}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: Boolean = true",
            "viewer: createContact(input: {}) @skip(if: $v) { contact { id } }",
            json!({"v": null}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: CreateContactInput",
            "b: createContact(input: $v) { contact { id } }",
            json!({"v": {}}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "$v: CreateContactInput = null",
            "b: createContact(input: $v) { contact { id } }",
            json!({"v": {}}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "$v: ID",
            "b: deleteContact(input: {id: $v}) { contactId }",
            json!({"v": "a"}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "$v: [ID!]",
            "b: deleteContacts(input: {where: {ids: $v}}) { affectedCount }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        (
            "$v: String",
            "b: createContact(input: {score: $v}) { contact { id } }",
            json!({"v": "1"}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ]
}

/// All coercion comes before anything runs: no field of a request with a malformed value has run.
#[tokio::test]
async fn a_value_that_cannot_be_coerced_refuses_the_request_before_any_of_its_fields_runs() {
    let app = app().await;
    let create = "a: createContact(input: {firstName: \"A\"}) { contact { id } }";
    let literals = [
        "b: deleteContacts(input: {where: {matching: {expectedCount: 3000000000}}}) { affectedCount }",
        "b: createContact(input: {firstName: \"B\", score: 4294967297}) { contact { id } }",
        "b: createContact(input: {firstName: \"B\", score: \"1\"}) { contact { id } }",
        "b: createContact(input: [{firstName: \"B\"}, {firstName: \"C\"}]) { contact { id } }",
        "b: createContact(input: {firstName: \"B\", firstName: \"C\"}) { contact { id } }",
        "b: createContact(input: {firstName: \"B\", nothing: 1}) { contact { id } }",
        "b: createContact(input: {firstName: \"B\", metadata: {a: 1, a: 2}}) { contact { id } }",
        "b: createContact(input: {firstName: \"B\", phones: [{number: \"1\", type: \"MOBILE\"}]}) { contact { id } }",
        "b: createContact(input: {firstName: \"B\"}) { contact { companyRecord { contacts(filter: {score: {gt: \"1\"}}) { totalCount } } } }",
        "b: createContact(input: {firstName: \"B\"}) { contact { companyRecord { contacts(updatedSince: \"soon\") { totalCount } } } }",
        "b: deleteContacts(input: {where: {}}) { affectedCount }",
        "b: deleteContacts(input: {where: {ids: null}}) { affectedCount }",
        "b: deleteContacts(input: {where: {ids: [], matching: {expectedCount: 0}}}) { affectedCount }",
        "b: deleteContacts(input: {where: {matching: {expectedCount: 1, filter}}}) { affectedCount }",
    ];
    for literal in literals {
        let refused = refusal(&app, json!({"query": format!("mutation {{ {create} {literal} }}")})).await;
        assert_eq!(refused["status"], 400, "{literal}: {refused:#}");
        let code = refused["errors"][0]["extensions"]["code"].as_str();
        assert!(matches!(code, Some("GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED")), "{literal}");
    }
    for (declared, field, given, code) in refused_with_variables() {
        let query = format!("mutation({declared}) {{ {create} {field} }}");
        let refused = refusal(&app, json!({"query": query, "variables": given})).await;
        assert_eq!(
            (&refused["status"], &refused["errors"][0]["extensions"]["code"]),
            (&json!(400), &json!(code)),
            "{query}: {refused:#}"
        );
    }
    let (_, answer) = super::post(&app, json!({"query": "{ contacts { totalCount } }"})).await;
    assert_eq!(answer["data"]["contacts"]["totalCount"], 0);
}

/// As graphql-js has it: JSON knows no whole numbers of their own.
#[tokio::test]
async fn a_whole_number_in_json_may_have_a_point_or_an_exponent() {
    let app = app().await;
    let query = "query($n: Int, $id: ID!) { contacts(first: $n) { nodes { id } } contact(id: $id) { id } }";
    for (number, id) in [("1", "1"), ("1.0", "1.0"), ("1e2", "1e2"), ("-0", "18446744073709551615")] {
        let body = format!("{{\"query\": \"{query}\", \"variables\": {{\"n\": {number}, \"id\": {id}}}}}");
        let request = serde_json::from_str(&body).expect("JSON");
        let (_, answer) = super::post(&app, request).await;
        assert_eq!(answer.get("errors"), None, "{number}: {answer:#}");
    }
}

#[tokio::test]
async fn an_undefined_variable_is_refused() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ contacts(first: $first) { nodes { id } } }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "variable `$first` is not defined",
          "locations": [
            {
              "line": 1,
              "column": 19
            }
          ],
          "extensions": {
            "code": "GRAPHQL_VALIDATION_FAILED",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

//! Values that cannot be taken: those of variables, and those that only a field refuses.

use insta::assert_json_snapshot;
use serde_json::json;

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
          "message": "Invalid value for argument \"input.firstName\", expected type \"String\"",
          "locations": [
            {
              "line": 1,
              "column": 55
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
          "message": "Invalid value for argument \"input\", unknown field \"firstname\" of type \"CreateContactInput\"",
          "locations": [
            {
              "line": 1,
              "column": 55
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
          "message": "Invalid value for argument \"first\", expected type \"Int\"",
          "locations": [
            {
              "line": 1,
              "column": 31
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
          "message": "Invalid value for argument \"updatedSince\", expected type \"DateTime\"",
          "locations": [
            {
              "line": 1,
              "column": 36
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
          "message": "the variable `$input` is required",
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

#[tokio::test]
async fn a_number_beyond_32_bits_is_refused_by_its_own_field_alone() {
    let app = app().await;
    let query = "mutation($b: CreateContactInput!, $c: Int) {
        a: createContact(input: {firstName: \"A\"}) { contact { firstName } }
        b: createContact(input: $b) { contact { firstName } }
        c: createContact(input: {firstName: \"C\", score: $c}) { contact { firstName } }
        d: createContact(input: {firstName: \"D\", score: -2147483649}) { contact { firstName } }
        e: createContact(input: {firstName: \"E\", score: -2147483648}) { contact { firstName } } }";
    let variables = json!({"b": {"firstName": "B", "score": 3_000_000_000_u64}, "c": i64::MAX});
    let (_, mut answer) = super::post(&app, json!({"query": query, "variables": variables})).await;
    super::redact(&mut answer);
    let first_name = |name: &str| json!({"contact": {"firstName": name}});
    let expected = json!({"a": first_name("A"), "b": null, "c": null, "d": null, "e": first_name("E")});
    assert_eq!(answer["data"], expected, "{answer:#}");
    let errors = answer["errors"].as_array().expect("errors");
    let codes: Vec<_> = errors.iter().map(|error| &error["extensions"]["code"]).collect();
    assert_eq!(codes, vec!["BAD_USER_INPUT"; 3], "{answer:#}");

    let query =
        "{ a: contacts(first: 3000000000) { nodes { id } } b: contacts(offset: -3000000000) { nodes { id } }
        c: contacts(last: 3000000000) { nodes { id } } d: contacts { totalCount } }";
    let (_, mut answer) = super::post(&app, json!({"query": query})).await;
    super::redact(&mut answer);
    assert_eq!(answer["data"], json!({"a": null, "b": null, "c": null, "d": {"totalCount": 2}}));
}

#[tokio::test]
async fn an_undefined_variable_is_refused() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ contacts(first: $first) { nodes { id } } }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Variable \"$first\" is not defined",
          "locations": [
            {
              "line": 1,
              "column": 12
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

//! Requests that are wrong as a whole, or in what they give.

use axum::{body::Body, http::Request};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{refusal, send};
use crate::support::{App, engine::Engine};

async fn app() -> App {
    App::new(Engine::Sqlite).await
}

#[tokio::test]
async fn a_document_that_cannot_be_parsed_is_not_echoed() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ contacts(first: \"my secret\" { nodes"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the document is not GraphQL at line 1, column 31",
          "extensions": {
            "code": "GRAPHQL_PARSE_FAILED",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_empty_document_is_refused() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": ""})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the document is not GraphQL at line 1, column 1",
          "extensions": {
            "code": "GRAPHQL_PARSE_FAILED",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_unknown_field_is_named_without_a_suggestion() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ contacts { nodes { firstname } } }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Unknown field \"firstname\" on type \"Contact\".",
          "locations": [
            {
              "line": 1,
              "column": 22
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

#[tokio::test]
async fn an_unknown_input_field_is_named_without_a_suggestion() {
    let app = app().await;
    let query = "mutation { createContact(input: {firstname: \"my secret\"}) { contact { id } } }";
    assert_json_snapshot!(refusal(&app, json!({"query": query})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Invalid value for argument \"input\", unknown field \"firstname\" of type \"CreateContactInput\"",
          "locations": [
            {
              "line": 1,
              "column": 26
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

#[tokio::test]
async fn an_unknown_argument_is_named_without_a_suggestion() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ contacts(limit: 5) { nodes { id } } }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Unknown argument \"limit\" on field \"contacts\" of type \"Query\".",
          "locations": [
            {
              "line": 1,
              "column": 12
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

#[tokio::test]
async fn several_faults_of_a_document_are_told_at_once() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ nothing viewer }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Unknown field \"nothing\" on type \"Query\".",
          "locations": [
            {
              "line": 1,
              "column": 3
            }
          ],
          "extensions": {
            "code": "GRAPHQL_VALIDATION_FAILED",
            "requestId": "[id]"
          }
        },
        {
          "message": "Field \"viewer\" of type \"Viewer\" must have a selection of subfields",
          "locations": [
            {
              "line": 1,
              "column": 11
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

#[tokio::test]
async fn a_literal_of_the_wrong_type_is_the_documents_fault() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "{ contacts(first: \"my secret\") { nodes { id } } }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Invalid value for argument \"first\", expected type \"Int\"",
          "locations": [
            {
              "line": 1,
              "column": 12
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

#[tokio::test]
async fn several_operations_need_a_name_that_one_of_them_has() {
    let app = app().await;
    let query = "query A { viewer { id } } query B { viewer { id } }";
    assert_json_snapshot!(refusal(&app, json!({"query": query})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the document has several operations: give an `operationName`",
          "extensions": {
            "code": "BAD_REQUEST",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
    assert_json_snapshot!(refusal(&app, json!({"query": query, "operationName": "my secret"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the document has no operation of the given `operationName`",
          "extensions": {
            "code": "BAD_REQUEST",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
    let data = super::post(&app, json!({"query": query, "operationName": "B"})).await;
    assert_eq!((data.0, data.1.get("errors")), (200, None), "{data:?}");
}

#[tokio::test]
async fn an_operation_that_the_schema_lacks_is_refused() {
    let app = app().await;
    assert_json_snapshot!(refusal(&app, json!({"query": "subscription { contactChanges { cursor } }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "Schema is not configured for subscriptions.",
          "locations": [
            {
              "line": 1,
              "column": 1
            }
          ],
          "extensions": {
            "code": "GRAPHQL_VALIDATION_FAILED",
            "requestId": "[id]"
          }
        },
        {
          "message": "Schema is not configured for subscriptions.",
          "locations": [
            {
              "line": 1,
              "column": 1
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
    assert_json_snapshot!(refusal(&app, json!({"query": "fragment A on Contact { id }"})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the document is not GraphQL",
          "extensions": {
            "code": "GRAPHQL_PARSE_FAILED",
            "requestId": "[id]"
          }
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_mutation_by_get_writes_nothing() {
    let app = app().await;
    let uri =
        "/graphql?query=mutation%7BcreateContact(input:%7BfirstName:%22A%22%7D)%7Bcontact%7Bid%7D%7D%7D";
    for accept in ["application/graphql-response+json", "application/json"] {
        let request = Request::get(uri).header("x-api-key", &app.key).header("accept", accept);
        let (status, mut answer) = send(&app, request.body(Body::empty()).expect("a request")).await;
        assert_eq!(status, 405, "{answer:#}");
        super::redact(&mut answer);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED", "{answer:#}");
        assert_eq!(answer.get("data"), None::<&Value>, "{answer:#}");
    }
    assert_eq!(app.rows().await, 0);
}

#[tokio::test]
async fn no_refusal_suggests_or_echoes_anything() {
    let app = app().await;
    for (query, variables) in [
        ("{ contact(id: \"my secret\", idd: \"my secret\") { idd } }", json!({})),
        ("{ contacts { nodes { firstname } } contcts }", json!({})),
        ("query($a: Secret) { viewer { id } }", json!({"a": "my secret"})),
        ("{ viewer { ...Secret } } fragment Secret on Secret { id }", json!({})),
        ("{ viewer @secret(a: \"my secret\") { id } }", json!({})),
        (
            "query($o: ContactSortKey!) { contacts(sortKey: $o) { nodes { id } } }",
            json!({"o": {"a": "my secret"}}),
        ),
        ("mutation { createContact(input: {firstname: \"my secret\"}) { contact { id } } }", json!({})),
    ] {
        let (status, mut answer) = super::post(&app, json!({"query": query, "variables": variables})).await;
        assert_eq!(status, 400, "{query}: {answer:#}");
        super::redact(&mut answer);
        let text = answer.to_string();
        assert!(!text.to_lowercase().contains("did you mean"), "{query}: {answer:#}");
        assert!(!text.contains("my secret"), "{query}: {answer:#}");
    }
}

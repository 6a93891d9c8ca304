//! Requests that are wrong as a whole.

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
          "message": "the document is not GraphQL at line 1, column 31: it cannot be parsed",
          "locations": [
            {
              "line": 1,
              "column": 31
            }
          ],
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
          "message": "the document is not GraphQL at line 1, column 1: it cannot be parsed",
          "locations": [
            {
              "line": 1,
              "column": 1
            }
          ],
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
          "message": "type `Contact` does not have a field `firstname`",
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
          "message": "field `firstname` does not exist on `CreateContactInput`",
          "locations": [
            {
              "line": 1,
              "column": 45
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
          "message": "the argument `limit` is not supported by `Query.contacts`",
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
          "message": "type `Query` does not have a field `nothing`",
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
          "message": "the field is an object: select at least one of its fields",
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
          "message": "expected value of type Int, found a string",
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

#[tokio::test]
async fn several_operations_need_a_name_that_one_of_them_has() {
    let app = app().await;
    let query = "query A { viewer { id } } query B { viewer { id } }";
    assert_json_snapshot!(refusal(&app, json!({"query": query})).await, @r#"
    {
      "status": 400,
      "errors": [
        {
          "message": "the document has several operations: select one with `operationName`",
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
          "message": "the document has no operation with the name in `operationName`",
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
          "message": "the schema has no `subscription` operations",
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
          "message": "fragment `A` must be used in an operation",
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

#[tokio::test]
async fn many_faults_and_long_names_make_no_long_answer() {
    let app = app().await;
    let name = "x".repeat(30_000);
    let (status, answer) = super::post(&app, json!({"query": format!("{{ {name} }}")})).await;
    assert_eq!(
        (status, answer["errors"][0]["message"].as_str().map(|text| text.chars().count())),
        (400, Some(251))
    );
    let many: Vec<String> = (0..1_000).map(|index| format!("field{index}")).collect();
    let (status, answer) = super::post(&app, json!({"query": format!("{{ {} }}", many.join(" "))})).await;
    assert_eq!((status, answer["errors"].as_array().map(Vec::len)), (400, Some(10)), "{answer:#}");
}

//! Which media type an answer has, and which status follows from it.

use rstest::rstest;
use serde_json::json;

use super::{Answer, GRAPHQL_RESPONSE, Server, assert_refused, bare, server};

const RESPONSE: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

async fn accepting(server: &Server, accept: &str, document: &str) -> Answer {
    let body = json!({ "query": document }).to_string();
    let request = server.post().header("accept", accept);
    server.send(request.body(body.into()).expect("a request")).await
}

#[rstest]
#[case::named("application/graphql-response+json", RESPONSE)]
#[case::named_in_capitals("Application/GraphQL-Response+JSON", RESPONSE)]
#[case::with_charset("application/graphql-response+json; charset=utf-8", RESPONSE)]
#[case::named_first("application/graphql-response+json, application/json;q=0.9", RESPONSE)]
#[case::named_second("application/json, application/graphql-response+json", RESPONSE)]
#[case::beside_a_wildcard("application/graphql-response+json;q=0.5, */*;q=0.1", RESPONSE)]
#[case::json("application/json", JSON)]
#[case::parameter_without_a_value("application/json; foo", JSON)]
#[case::parameter_off_the_grammar("application/graphql-response+json; profile=http://x/y", RESPONSE)]
#[case::star_alone("text/html, *", JSON)]
#[case::json_preferred("application/graphql-response+json;q=0.5, application/json", JSON)]
#[case::wildcard_preferred("application/graphql-response+json;q=.5, */*", JSON)]
#[case::wildcard("*/*", JSON)]
#[case::half_a_wildcard("application/*", JSON)]
#[case::empty("", JSON)]
#[case::browser("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON)]
#[case::anything_but_json("application/json;q=0, */*", RESPONSE)]
#[case::anything_but_the_new_one("application/graphql-response+json;q=0, */*", JSON)]
#[tokio::test]
async fn the_answer_has_the_type_the_client_asks_for(#[case] accept: &str, #[case] expected: &str) {
    let server = server().await;
    let answer = accepting(&server, accept, "{ __typename }").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some(expected));
}

#[tokio::test]
async fn no_accept_means_json() {
    let server = server().await;
    let answer = server.post_body(r#"{"query":"{ __typename }"}"#).await;
    assert_eq!(answer.header("content-type"), Some(JSON));
}

#[rstest]
#[case("text/html")]
#[case("application/json;q=0")]
#[case("*/*;q=0")]
#[case("application/json; charset=iso-8859-1")]
#[tokio::test]
async fn a_client_that_accepts_neither_type_is_told_in_json(#[case] accept: &str) {
    let server = server().await;
    let answer = accepting(&server, accept, "{ __typename }").await;
    assert_refused(&answer, 406, "NOT_ACCEPTABLE");
    assert_eq!(answer.header("content-type"), Some(JSON));
}

#[rstest]
#[case::document("{", 400)]
#[case::unknown_field("{ nothingLikeThis }", 400)]
#[tokio::test]
async fn a_refused_document_has_its_status_only_in_the_new_type(#[case] document: &str, #[case] status: u16) {
    let server = server().await;
    let answer = accepting(&server, GRAPHQL_RESPONSE, document).await;
    assert_eq!(answer.refusal().0, status);
    let answer = accepting(&server, "application/json", document).await;
    assert_eq!(answer.refusal().0, 200);
}

#[tokio::test]
async fn an_unknown_operation_is_a_bad_request() {
    let server = server().await;
    let body = r#"{"query":"query A { __typename }","operationName":"B"}"#;
    let request = server.post().header("accept", GRAPHQL_RESPONSE);
    let answer = server.send(request.body(body.into()).expect("a request")).await;
    assert_refused(&answer, 400, "BAD_REQUEST");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_400_in_both_types() {
    let server = server().await;
    for accept in ["application/json", GRAPHQL_RESPONSE] {
        let request = server.post().header("accept", accept);
        let answer = server.send(request.body("{".into()).expect("a request")).await;
        assert_refused(&answer, 400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_refusal_of_the_transport_has_its_status_in_both_types() {
    let server = server().await;
    for (accept, expected) in [("application/json", JSON), (GRAPHQL_RESPONSE, RESPONSE)] {
        let request = axum::http::Request::get("/graphql?query=%7B__typename%7D");
        let answer = server.send(bare(request.header("accept", accept))).await;
        assert_refused(&answer, 401, "UNAUTHENTICATED");
        assert_eq!(answer.header("content-type"), Some(expected));
    }
}

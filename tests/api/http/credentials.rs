//! Keys and request ids.

use axum::http::Request;
use serde_json::json;

use super::{Answer, Server, assert_refused, bare, server};

async fn with_headers(server: &Server, headers: &[(&str, &str)]) -> Answer {
    let request = Request::get("/graphql?query=%7B__typename%7D");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    server.send(bare(request)).await
}

#[tokio::test]
async fn a_key_is_taken_from_either_header_or_from_both() {
    let server = server().await;
    let bearer = format!("Bearer {}", server.key);
    let lower = format!("bearer {}", server.key);
    let key = server.key.as_str();
    for headers in [
        &[("authorization", bearer.as_str())][..],
        &[("authorization", lower.as_str())],
        &[("x-api-key", key)],
        &[("x-api-key", key), ("authorization", bearer.as_str())],
    ] {
        let answer = with_headers(&server, headers).await;
        assert_eq!(answer.json(), json!({"data": {"__typename": "Query"}, "extensions": {"cost": 0}}));
    }
}

#[tokio::test]
async fn no_key_is_asked_for() {
    let server = server().await;
    let answer = with_headers(&server, &[]).await;
    assert_refused(&answer, 401, "UNAUTHENTICATED");
    let reason = &answer.json()["errors"][0]["extensions"]["reason"];
    assert_eq!(reason, "AUTHENTICATION_REQUIRED");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn a_header_without_scheme_or_without_key_says_so_and_is_no_failed_key() {
    let server = server().await;
    let key = server.key.as_str();
    for headers in [
        &[("authorization", "")][..],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer ")],
        &[("authorization", key)],
        &[("authorization", key), ("x-api-key", key)],
    ] {
        for _ in 0..20 {
            let answer = with_headers(&server, headers).await;
            assert_refused(&answer, 401, "UNAUTHENTICATED");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            let error = &answer.json()["errors"][0];
            assert_eq!(error["extensions"]["reason"], "AUTHENTICATION_REQUIRED");
            assert!(error["message"].as_str().is_some_and(|text| text.contains("Bearer KEY")), "{error:#}");
        }
    }
}

#[tokio::test]
async fn what_is_no_valid_key_is_refused_without_saying_why() {
    let server = server().await;
    let bearer = format!("Bearer {}", server.key);
    let basic = format!("Basic {}", server.key);
    let key = server.key.as_str();
    let mut answers = Vec::new();
    for headers in [
        &[("x-api-key", "cgw_wrong")][..],
        &[("x-api-key", "")],
        &[("authorization", basic.as_str())],
        &[("authorization", basic.as_str()), ("x-api-key", key)],
        &[("authorization", bearer.as_str()), ("x-api-key", "cgw_wrong")],
        &[("x-api-key", key), ("x-api-key", "cgw_wrong")],
    ] {
        let answer = with_headers(&server, headers).await;
        assert_refused(&answer, 401, "UNAUTHENTICATED");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer error=\"invalid_token\""));
        let error = &answer.json()["errors"][0];
        assert_eq!(error["extensions"]["reason"], "INVALID_KEY");
        answers.push(error["message"].clone());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_valid_request_id_is_kept() {
    let server = server().await;
    let long = "x".repeat(128);
    for id in ["a", "order-4711/retry:2", long.as_str()] {
        let answer = with_headers(&server, &[("x-request-id", id)]).await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_refused(&answer, 401, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn an_invalid_request_id_is_replaced() {
    let server = server().await;
    let long = "x".repeat(129);
    for id in ["", "two words", long.as_str(), "tab\tbed"] {
        let answer = with_headers(&server, &[("x-request-id", id)]).await;
        let made = answer.header("x-request-id").expect("an id");
        assert_eq!(made.len(), 36, "{made}");
        assert_refused(&answer, 401, "UNAUTHENTICATED");
    }
}

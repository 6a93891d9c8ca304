//! What scripts of other origins may do.

use axum::http::Request;
use contacts_gateway::http::{Limits, Origins};

use super::{Answer, Server, assert_refused, bare, server, server_with};

const ORIGIN: &str = "https://app.example.com";

async fn preflight(server: &Server, origin: &str) -> Answer {
    let request = Request::options("/graphql")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-api-key");
    server.send(bare(request)).await
}

#[tokio::test]
async fn no_origin_is_allowed_by_default() {
    let server = server().await;
    let answer = preflight(&server, ORIGIN).await;
    assert_refused(&answer, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_preflight_of_an_allowed_origin_needs_no_key() {
    let server = server_with(Limits::default(), &[ORIGIN]).await;
    let answer = preflight(&server, ORIGIN).await;
    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("access-control-allow-methods", "GET,POST"),
        (
            "access-control-allow-headers",
            "authorization,x-api-key,content-type,idempotency-key,if-none-match,x-request-id",
        ),
        ("access-control-max-age", "7200"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn another_origin_is_not_allowed() {
    let server = server_with(Limits::default(), &[ORIGIN]).await;
    let answer = preflight(&server, "https://app.example.com.evil.test").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let vary = answer.header("vary").expect("caches are told");
    assert!(vary.contains("origin"), "{vary}");
}

#[tokio::test]
async fn a_refusal_can_be_read_by_the_page() {
    let server = server_with(Limits::default(), &["*"]).await;
    let request = Request::get("/graphql?query=%7B__typename%7D").header("origin", ORIGIN);
    let answer = server.send(bare(request)).await;
    assert_refused(&answer, 401, "UNAUTHENTICATED");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(exposed, Some("retry-after,etag,x-request-id,ratelimit"));
}

#[test]
fn an_origin_is_a_scheme_and_a_host() {
    for good in ["https://a.test", "http://localhost:5173", "https://a.test/", "tauri://localhost"] {
        assert!(Origins::parse(&[good]).is_ok(), "{good}");
    }
    for bad in
        ["a.test", "https://", "https://a.test/path", "https://u@a.test", "https://*.a.test", "null", ""]
    {
        assert!(Origins::parse(&[bad]).is_err(), "{bad}");
    }
    let default_port = Origins::parse(&["https://A.test:443/"]).expect("an origin");
    assert_eq!(default_port, Origins::parse(&["https://a.test"]).expect("an origin"));
}

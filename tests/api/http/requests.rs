//! Which requests are taken for GraphQL, and which are refused as what.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use contacts_gateway::http::Limits;
use futures_util::stream;
use serde_json::json;

use super::{assert_refused, bare, server, server_with};

#[tokio::test]
async fn a_query_by_post_is_answered() {
    let server = server().await;
    let answer = server.post_body(r#"{"query":"{ __typename }"}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"data": {"__typename": "Query"}, "extensions": {"cost": 0}}));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn all_members_of_a_request_are_heard() {
    let server = server().await;
    let body = json!({
        "query": "query A { __typename } query B($n: String!) { __type(name: $n) { name } }",
        "operationName": "B",
        "variables": {"n": "Query"},
        "extensions": {"some": "thing"},
        "unknown": 1,
    });
    let answer = server.post_body(body.to_string()).await;
    let expected = json!({"data": {"__type": {"name": "Query"}}, "extensions": {"cost": 10}});
    assert_eq!(answer.json(), expected);

    let get = "query=query+A%7B__typename%7D+query+B(%24n:String!)%7B__type(name:%24n)%7Bname%7D%7D\
        &operationName=B&variables=%7B%22n%22:%22Query%22%7D&extensions=%7B%7D&unknown=1";
    let answer = server.send(bare(server.get(get))).await;
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn null_members_are_as_omitted() {
    let server = server().await;
    let body = r#"{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}"#;
    let answer = server.post_body(body).await;
    assert_eq!(answer.json(), json!({"data": {"__typename": "Query"}, "extensions": {"cost": 0}}));
}

#[tokio::test]
async fn a_body_that_is_no_graphql_request_is_refused_and_never_repeated() {
    let server = server().await;
    let bodies: [(&[u8], &str); 12] = [
        (b"", "The body is empty."),
        (b"  ", "The body is empty."),
        (br#"{"query": secret"#, "The body is not JSON: line 1, column 11."),
        (b"{\"query\":\"\xff\"}", "The body is not UTF-8."),
        (br#""secret""#, "The body is JSON, but not an object."),
        (b"{}", "The request has no `query`."),
        (br#"{"query":null}"#, "The request has no `query`."),
        (br#"{"query":{"secret":1}}"#, "`query` must be a string."),
        (br#"{"query":"{a}","operationName":0}"#, "`operationName` must be a string."),
        (br#"{"query":"{a}","variables":["secret"]}"#, "`variables` must be an object."),
        (br#"{"query":"{a}","extensions":"secret"}"#, "`extensions` must be an object."),
        (br#"{"query":"{a}","query":"{b}"}"#, "A member of the body is given twice: line 1, column 22."),
    ];
    for (body, message) in bodies {
        let answer = server.post_body(body).await;
        assert_refused(&answer, 400, "BAD_REQUEST");
        assert_eq!(answer.json()["errors"][0]["message"], message);
    }
}

#[tokio::test]
async fn json_that_is_deep_is_told_from_what_is_not_json() {
    let server = server().await;
    let body = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!("{{\"query\": \"{{ __typename }}\", \"variables\": {{\"a\": {open}{close}}}}}")
    };
    assert_eq!(server.post_body(body(125)).await.json()["data"]["__typename"], "Query");
    for levels in [126, 1_000, 400_000] {
        let answer = server.post_body(body(levels)).await;
        let too_many = levels > 100_000;
        let (status, code) = if too_many { (413, "BODY_TOO_LARGE") } else { (400, "BAD_REQUEST") };
        assert_refused(&answer, status, code);
        let message = answer.json()["errors"][0]["message"].clone();
        assert!(
            too_many || message == "The body may have at most 127 values within each other.",
            "{message}"
        );
    }
    let deep =
        format!("query=%7B__typename%7D&variables=%7B%22a%22:{}{}%7D", "[".repeat(200), "]".repeat(200));
    let answer = server.send(bare(server.get(&deep))).await;
    assert_refused(&answer, 400, "BAD_REQUEST");
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "`variables` may have at most 127 values within each other."
    );
}

#[tokio::test]
async fn what_is_empty_in_a_query_string_or_as_name_of_an_operation_counts_as_not_given() {
    let server = server().await;
    for string in [
        "query=%7B__typename%7D&variables=&operationName=&extensions=",
        "query=%7B__typename%7D&variables&operationName&extensions",
        "query=%7B__typename%7D&variables=&variables=%7B%7D",
    ] {
        let answer = server.send(bare(server.get(string))).await;
        assert_eq!(answer.json()["data"]["__typename"], "Query", "{string}");
    }
    let answer = server.post_body(r#"{"query":"query A { __typename }","operationName":""}"#).await;
    assert_eq!(answer.json()["data"]["__typename"], "Query");
    let answer = server
        .post_body(r#"{"query":"query A { __typename } query B { __typename }","operationName":""}"#)
        .await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn a_batch_is_refused() {
    let server = server().await;
    let answer = server.post_body(r#"[{"query":"{ __typename }"}]"#).await;
    assert_refused(&answer, 400, "BAD_REQUEST");
    assert!(answer.text().contains("batches"), "{}", answer.text());
}

#[tokio::test]
async fn a_query_string_that_is_no_graphql_request_is_refused() {
    let server = server().await;
    let strings = [
        "",
        "variables=%7B%7D",
        "query=%FF",
        "query=%7Ba%7D&query=%7Bb%7D",
        "query=%7Ba%7D&variables=1",
        &format!("query=%7Ba%7D&variables={}", "[".repeat(200)),
        "query=%7Ba%7D&extensions=[]",
    ];
    for string in strings {
        let answer = server.send(bare(server.get(string))).await;
        assert_refused(&answer, 400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_mutation_by_get_is_refused() {
    let server = server().await;
    for accept in ["application/json", super::GRAPHQL_RESPONSE] {
        let request = server.get("query=mutation%7B__typename%7D");
        let answer = server.send(bare(request.header("accept", accept))).await;
        assert_refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
}

#[tokio::test]
async fn other_methods_are_refused_before_the_key_is_asked() {
    let server = server().await;
    for method in [Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let request = Request::builder().method(&method).uri("/graphql");
        let answer = server.send(bare(request)).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, POST"), "{method}");
    }
}

#[tokio::test]
async fn only_json_in_utf8_is_taken() {
    let server = server().await;
    let send = async |content_type: Option<&str>| {
        let mut request = Request::post("/graphql").header("x-api-key", &server.key);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let body = Body::from(r#"{"query":"{ __typename }"}"#);
        server.send(request.body(body).expect("a request")).await
    };
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json;;",
        "application/json; foo",
        "application/json; profile=http://example.com/x",
    ] {
        assert_eq!(send(Some(good)).await.status, 200, "{good}");
    }
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=iso-8859-1",
        "application/jsonp",
        "",
    ] {
        assert_refused(&send(Some(bad)).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    assert_refused(&send(None).await, 415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let server = server().await;
    let request = server.post().header("content-encoding", "gzip");
    assert_refused(&server.send(bare(request)).await, 415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_may_have_a_mebibyte_and_no_byte_more() {
    let server = server().await;
    let mut body = r#"{"query":"{ __typename }"}"#.to_owned();
    body.push_str(&" ".repeat(1024 * 1024 - body.len()));
    assert_eq!(server.post_body(body.clone()).await.status, 200);

    body.push(' ');
    let announced = server.post_body(body.clone()).await;
    assert_refused(&announced, 413, "BODY_TOO_LARGE");

    let chunks: Vec<_> = body.as_bytes().chunks(1000).map(Bytes::copy_from_slice).collect();
    let chunks = chunks.into_iter().map(Ok::<_, Infallible>);
    let streamed = server.post_body(Body::from_stream(stream::iter(chunks))).await;
    assert_refused(&streamed, 413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn a_body_may_hold_a_hundred_thousand_values_and_none_more() {
    let server = server().await;
    let body = |values: usize| {
        let items = vec!["1"; values - 5].join(",");
        format!(r#"{{"query":"{{ __typename }}","variables":{{"a":"\\\",[{{,","v":[{items}]}}}}"#)
    };
    assert_eq!(server.post_body(body(100_000)).await.status, 200);
    assert_refused(&server.post_body(body(100_001)).await, 413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn an_announced_size_is_refused_before_the_body_is_read() {
    let server = server().await;
    let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let request = server.post().header("content-length", 1024 * 1024 + 1);
    let answer = server.send(request.body(silent).expect("a request")).await;
    assert_refused(&answer, 413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_refused() {
    let limits = Limits { body_time: Duration::from_millis(20), ..Limits::default() };
    let server = server_with(limits, &[]).await;
    let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let answer = server.post_body(silent).await;
    assert_refused(&answer, 408, "REQUEST_TIMEOUT");
    assert_eq!(answer.header("connection"), Some("close"));
}

//! The routes beside `/graphql`.

use axum::http::Request;

use super::{assert_refused, bare, server};

#[tokio::test]
async fn the_root_leads_to_the_page() {
    let server = server().await;
    for path in ["/", "/graphiql"] {
        let answer = server.send(bare(Request::get(path))).await;
        assert_eq!(answer.status, 307);
        assert_eq!(answer.header("location"), Some("/graphiql/"));
    }
}

#[tokio::test]
async fn the_page_is_served_plain_and_gzipped_under_a_strict_policy() {
    let server = server().await;
    let plain = server.send(bare(Request::get("/graphiql/"))).await;
    assert_eq!(plain.status, 200);
    assert!(plain.text().contains("<html"), "{}", plain.text());
    let policy = plain.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("vary", "accept-encoding"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(plain.header(name), Some(value));
    }
    assert_eq!(plain.header("content-encoding"), None);

    let request = Request::get("/graphiql/").header("accept-encoding", "br, gzip");
    let gzipped = server.send(bare(request)).await;
    assert_eq!(gzipped.header("content-encoding"), Some("gzip"));
    assert_eq!(gzipped.body[..2], [0x1f, 0x8b]);

    let request = Request::get("/graphiql/").header("accept-encoding", "gzip;q=0");
    let refused = server.send(bare(request)).await;
    assert_eq!(refused.body, plain.body);
}

#[tokio::test]
async fn the_page_names_files_that_are_there_and_never_change() {
    let server = server().await;
    let page = server.send(bare(Request::get("/graphiql/"))).await;
    let files: Vec<_> = page.text().split('"').filter(|part| part.starts_with("/graphiql/assets/")).collect();
    assert!(!files.is_empty(), "{}", page.text());
    for path in files {
        let answer = server.send(bare(Request::get(path))).await;
        assert_eq!(answer.status, 200, "{path}");
        let cache = answer.header("cache-control");
        assert_eq!(cache, Some("public, max-age=31536000, immutable"), "{path}");
        let expected = match path.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            _ => "image/svg+xml",
        };
        let found = answer.header("content-type").expect("a type");
        assert!(found.starts_with(expected), "{path}: {found}");
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let server = server().await;
    for path in ["/graphiql/", "/schema.graphql"] {
        let first = server.send(bare(Request::get(path))).await;
        let tag = first.header("etag").expect("a tag");
        let known = format!("\"other\", {tag}");
        let again = Request::get(path).header("if-none-match", known);
        let again = server.send(bare(again)).await;
        assert_eq!(again.status, 304, "{path}");
        assert_eq!(again.header("etag"), Some(tag));
        assert!(again.body.is_empty());

        let other = Request::get(path).header("if-none-match", "\"other\"");
        assert_eq!(server.send(bare(other)).await.body, first.body);
    }
}

#[tokio::test]
async fn the_schema_is_public() {
    let server = server().await;
    let answer = server.send(bare(Request::get("/schema.graphql"))).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(answer.text().contains("type Query"), "{}", answer.text());
}

#[tokio::test]
async fn a_live_and_ready_server_says_so() {
    let server = server().await;
    for path in ["/livez", "/readyz"] {
        let answer = server.send(bare(Request::get(path))).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok"), "{path}");
    }
}

#[tokio::test]
async fn a_server_without_its_database_lives_but_is_not_ready() {
    let server = server().await;
    server.app.database.close().await;
    let answer = server.send(bare(Request::get("/livez"))).await;
    assert_eq!(answer.status, 200);

    let answer = server.send(bare(Request::get("/readyz"))).await;
    assert_refused(&answer, 503, "UNAVAILABLE");
    let extensions = &answer.json()["errors"][0]["extensions"];
    assert_eq!(extensions["retryable"], true);
    assert_eq!(extensions["retryAfterMs"], 1000);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn head_is_get_without_body() {
    let server = server().await;
    for path in ["/", "/graphiql/", "/livez", "/readyz", "/schema.graphql", "/nowhere"] {
        let get = server.send(bare(Request::get(path))).await;
        let head = server.send(bare(Request::head(path))).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        if path != "/nowhere" {
            assert!(head.body.is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let server = server().await;
    for path in [
        "/nowhere",
        "/graphql/",
        "/graphiql/nothing.js",
        "/graphiql/%ff",
        "/graphiql/SOURCE.sha256",
        "/graphiql/../Cargo.toml",
        "/graphiql/%2e%2e/%2e%2e/Cargo.toml",
    ] {
        let answer = server.send(bare(Request::get(path))).await;
        assert_refused(&answer, 404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn other_routes_refuse_what_they_do_not_answer() {
    let server = server().await;
    for path in ["/", "/graphiql/", "/livez", "/readyz", "/schema.graphql"] {
        let answer = server.send(bare(Request::post(path))).await;
        assert_refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), Some("GET,HEAD"), "{path}");
    }
}

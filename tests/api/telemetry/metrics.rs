//! `/metrics`.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    program::{Server, folder},
    support::pages::Page,
};

/// What a server tells Prometheus.
async fn told(server: &Server) -> String {
    let address = server.greeting.iter().find_map(|line| line.strip_prefix("Metrics: "));
    let answer = reqwest::get(address.expect("an address")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let kind = answer.headers().get("content-type").map(|kind| kind.to_str().expect("text").to_owned());
    assert_eq!(kind.as_deref(), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text().await.expect("text")
}

/// The value of each series, without the buckets.
fn values(text: &str) -> BTreeMap<&str, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket"));
    let pairs = lines.filter_map(|line| line.rsplit_once(' '));
    pairs.map(|(series, value)| (series, value.parse().expect("a number"))).collect()
}

#[tokio::test]
async fn requests_statements_writes_and_cost_are_counted() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let key = server.key().expect("a key").to_owned();
    for document in [
        "mutation { createContact(input: {firstName: \"Jane\"}) { contact { id } } }",
        "{ contacts(first: 10) { nodes { id } } }",
        "{ contacts(first: 10) { nodes { id } } }",
        "{ contacts(first: 201) { nodes { id } } }",
        "{ nothing }",
        "{",
    ] {
        server.ask(&key, document).await.expect("an answer");
    }
    server.ask("cgw_wrong", "{ viewer { id } }").await.expect("an answer");
    let text = told(&server).await;
    let values = values(&text);
    let requests = |operation: &str, outcome: &str, code: &str| {
        let labels = format!("{{operation=\"{operation}\",outcome=\"{outcome}\",code=\"{code}\"}}");
        values.get(format!("contacts_gateway_requests_total{labels}").as_str()).copied()
    };
    assert_eq!(requests("mutation", "answered", "none"), Some(1.0), "{text}");
    assert_eq!(requests("query", "answered", "none"), Some(2.0), "{text}");
    assert_eq!(requests("query", "partial", "BAD_USER_INPUT"), Some(1.0), "{text}");
    assert_eq!(requests("none", "refused", "GRAPHQL_VALIDATION_FAILED"), Some(1.0), "{text}");
    assert_eq!(requests("none", "refused", "GRAPHQL_PARSE_FAILED"), Some(1.0), "{text}");
    assert_eq!(requests("none", "refused", "UNAUTHENTICATED"), Some(1.0), "{text}");
    let value = |series: &str| *values.get(series).unwrap_or_else(|| panic!("no {series}: {text}"));
    assert!((value("contacts_gateway_failed_keys_total{outcome=\"invalid\"}") - 1.0).abs() < 0.1);
    assert!(
        (value("contacts_gateway_request_duration_seconds_count{operation=\"query\"}") - 3.0).abs() < 0.1
    );
    assert!(value("contacts_gateway_write_batch_size_sum") > 0.5, "{text}");
    assert!(value("contacts_gateway_request_cost_points_sum") > 20.0, "{text}");
    assert!(value("contacts_gateway_statement_duration_seconds_count{outcome=\"done\"}") > 5.0, "{text}");
    assert!(value("contacts_gateway_statement_duration_seconds_sum{outcome=\"done\"}") > 0.0, "{text}");
    assert!(value("contacts_gateway_database_connections{pool=\"read\",state=\"idle\"}") > 0.5, "{text}");
    assert!(value("contacts_gateway_waiting_writes") >= 0.0, "{text}");
    let looked_up = ["hit", "miss"].map(|outcome| {
        value(&format!("contacts_gateway_answer_cache_lookups_total{{outcome=\"{outcome}\"}}"))
    });
    assert!((looked_up[0] - 1.0).abs() < 0.1, "the same page was asked for twice: {text}");
    assert!((looked_up[1] - 2.0).abs() < 0.1, "an answer with errors is not kept: {text}");
    assert!(value("contacts_gateway_wal_bytes") > 4_096.0, "{text}");
}

#[tokio::test]
async fn costs_and_writes_add_up_to_what_was_asked() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let key = server.key().expect("a key").to_owned();
    // As many at once share transactions.
    let create = "mutation { createContact(input: {firstName: \"Jane\"}) { contact { id } } }";
    let created = join_all((0..30).map(|_| server.ask(&key, create))).await;
    assert!(created.iter().flatten().all(|answer| answer.get("errors").is_none()), "{created:?}");
    server.ask(&key, "{ contacts(first: 70) { nodes { id } } }").await.expect("an answer");
    let text = told(&server).await;
    let values = values(&text);
    let value = |series: &str| *values.get(series).unwrap_or_else(|| panic!("no {series}: {text}"));
    let is =
        |series: &str, expected: f64| assert!((value(series) - expected).abs() < 0.1, "{series}: {text}");
    is("contacts_gateway_request_cost_points_count", 31.0);
    is("contacts_gateway_request_cost_points_sum", 30.0 * 12.0 + 70.0);
    is("contacts_gateway_request_duration_seconds_count{operation=\"mutation\"}", 30.0);
    is("contacts_gateway_request_duration_seconds_count{operation=\"query\"}", 1.0);
    assert!(value("contacts_gateway_request_duration_seconds_sum{operation=\"mutation\"}") > 0.0, "{text}");
    // Besides, the use of the key may have been written down.
    let writes = value("contacts_gateway_write_batch_size_sum");
    assert!((30.0..34.0).contains(&writes), "{text}");
    assert!(value("contacts_gateway_write_batch_size_count") < writes, "{text}");
    let statements = value("contacts_gateway_statement_duration_seconds_count{outcome=\"done\"}");
    assert!(statements > value("contacts_gateway_write_batch_size_count"), "{text}");
    // SQLite has one writer, whether it is at rest already or not.
    let writers = ["idle", "in_use"].map(|state| {
        value(&format!("contacts_gateway_database_connections{{pool=\"write\",state=\"{state}\"}}"))
    });
    assert!((writers[0] + writers[1] - 1.0).abs() < 0.1, "{text}");
}

/// Sends a request as the last one of its connection; what comes back until the server closes it.
async fn last(mut stream: TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn connections_are_counted_while_they_last() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let address = server.greeting.iter().find_map(|line| line.strip_prefix("Metrics: http://"));
    let address = address.and_then(|address| address.strip_suffix("/metrics")).expect("an address");
    let count = async || {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let text = last(stream, "/metrics").await;
        values(text.split_once("\r\n\r\n").expect("a body").1)["contacts_gateway_client_connections"]
    };
    let mut kept = vec![];
    for expected in [1.0, 2.0, 3.0] {
        // That which asks is one.
        assert!((count().await - expected).abs() < 0.1);
        let mut stream = TcpStream::connect(&server.address).await.expect("a connection");
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
        assert!(stream.read(&mut [0; 512]).await.expect("an answer") > 0);
        kept.push(stream);
    }
    for stream in kept {
        assert!(last(stream, "/livez").await.starts_with("HTTP/1.1 200 "));
    }
    assert!((count().await - 1.0).abs() < 0.1);
}

/// The names in the first column of the table of metrics.
fn documented() -> BTreeSet<String> {
    let page = Page::read("docs/operations.md");
    let section = page.section("Metrics").into_iter();
    let cells = section.filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.map(|name| format!("contacts_gateway_{name}")).collect()
}

#[tokio::test]
async fn every_metric_is_described_and_stands_in_the_documentation() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let key = server.key().expect("a key").to_owned();
    server
        .ask(&key, "mutation { createTeam(input: {name: \"North\"}) { team { id } } }")
        .await
        .expect("an answer");
    server.ask("cgw_wrong", "{ viewer { id } }").await.expect("an answer");
    let text = told(&server).await;
    let words = |kind: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.split(' ').next());
        lines.map(str::to_owned).collect()
    };
    assert_eq!(words("# TYPE "), words("# HELP "));
    assert_eq!(words("# TYPE "), documented());
}

#[tokio::test]
async fn without_an_address_nothing_is_told_and_a_stopped_server_tells_no_more() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    assert!(!server.greeting.iter().any(|line| line.contains("Metrics")), "{:?}", server.greeting);
    let answer = reqwest::get(format!("http://{}/metrics", server.address)).await.expect("an answer");
    assert_eq!(answer.status(), 404);
    drop(server);

    let server = Server::start(folder.path(), &["--metrics-listen", "127.0.0.1:0"]);
    let address = server.greeting.iter().find_map(|line| line.strip_prefix("Metrics: ")).expect("an address");
    let address = address.to_owned();
    assert!(reqwest::get(&address).await.is_ok());
    server.signal("TERM");
    assert_eq!(server.wait().0.code(), Some(0));
    assert!(reqwest::get(&address).await.is_err());
}

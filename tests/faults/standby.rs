//! Servers of PostgreSQL that take no writes, or serve nobody, among others that do.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::task::block_in_place;

use crate::{
    alone,
    client::{Answer, Client},
    cluster::Cluster,
    load::Load,
    program::{Server, folder, run},
    rows,
    support::server::free_port,
};

/// From a promotion to the first write, of every client.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

const VERSION_1: &str = include_str!("certificates/version-1.crt");
const VERSION_3: &str = include_str!("certificates/version-3.crt");
const KEY: &str = include_str!("certificates/server.key");

/// A gateway on these servers, and a client of it.
fn serve(url: &str, key: Option<&str>) -> (Server, Client) {
    let folder = folder();
    let server = block_in_place(|| Server::start(folder.path(), &["--database-url", url]));
    let key = key.or(server.key()).expect("a key").to_owned();
    let client = Client::new(&server, &key);
    (server, client)
}

#[track_caller]
fn assert_refused(answer: &Answer, expected: &str) {
    assert!(matches!(answer, Answer::Refused { code, .. } if code == expected), "{expected}: {answer:?}");
}

#[track_caller]
fn assert_names(answer: &Answer, expected: &[&str]) {
    let Answer::Data(data) = answer else { panic!("{answer:?}") };
    let nodes = data["contacts"]["nodes"].as_array().expect("contacts");
    let mut names: Vec<&str> = nodes.iter().filter_map(|node| node["firstName"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
}

#[track_caller]
fn assert_created(answer: &Answer) {
    let created =
        matches!(answer, Answer::Data(data) if data["createContact"]["contact"]["id"] != Value::Null);
    assert!(created, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_started_on_a_standby_reads_at_once_and_writes_after_its_promotion() {
    let _alone = alone().await;
    let cluster = Cluster::replicated();
    let (first, client) = serve(&cluster.database().await, None);
    let key = first.key().expect("a key").to_owned();
    assert_created(&client.create("A", None).await);
    drop(first);

    let standby = block_in_place(|| cluster.standby());
    let (_second, client) = serve(&standby.url(), Some(&key));
    assert_names(&client.list().await, &["A"]);
    assert_refused(&client.create("B", None).await, "UNAVAILABLE");
    assert_eq!(client.readiness().await, 503);
    assert_names(&client.list().await, &["A"]);
    let listed = run(folder().path(), &["keys", "list", "--database-url", &standby.url()]).ok();
    assert!(listed.contains("First key"), "{listed}");

    block_in_place(|| standby.promote());
    let promoted = Instant::now();
    while client.readiness().await != 200 {
        assert!(promoted.elapsed() < WRITTEN_WITHIN, "not ready");
    }
    let ready = promoted.elapsed();
    assert_created(&client.create("C", None).await);
    println!("standby: ready {ready:?} and written {:?} after the promotion", promoted.elapsed());
    assert_names(&client.list().await, &["A", "C"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_lacks_the_tables_is_one_line() {
    let _alone = alone().await;
    let cluster = Cluster::replicated();
    cluster.database().await;
    let standby = block_in_place(|| cluster.standby());
    for command in [&["migrate"][..], &["--listen", "127.0.0.1:0"], &["keys", "list"]] {
        let url = standby.url();
        let arguments = [command, &["--database-url", &url]].concat();
        let done = block_in_place(|| run(folder().path(), &arguments));
        let line = done.complaint(78);
        assert!(line.contains("standby") && line.contains("m2026") && line.contains("primary"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_of_a_list_that_takes_writes_is_found_behind_those_that_do_not() {
    let _alone = alone().await;
    let cluster = Cluster::replicated();
    let url = cluster.database().await;
    run(folder().path(), &["migrate", "--database-url", &url]).ok();
    let standby = block_in_place(|| cluster.standby());
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let primary = cluster.address().to_string();
    let refused = format!("127.0.0.1:{}", free_port());
    let silent = silent.local_addr().map(|address| (silent, address.to_string())).expect("an address");
    let list = |servers: &[&str]| url.replace(&primary, &servers.join(","));

    let all = list(&[&refused, &silent.1, &standby.address().to_string(), &primary]);
    let began = Instant::now();
    let (first, client) = serve(&all, None);
    println!("standby: started in {:?} behind a silent server", began.elapsed());
    let key = first.key().expect("a key").to_owned();
    assert_created(&client.create("A", None).await);
    assert_eq!(client.readiness().await, 200);
    drop(first);

    let none = list(&[&refused, &silent.1, &standby.address().to_string()]);
    let done = block_in_place(|| run(folder().path(), &["migrate", "--database-url", &none]));
    let line = done.complaint(78);
    for expected in [&refused, "refused", &silent.1, "no answer", &standby.address().to_string(), "a standby"]
    {
        assert!(line.contains(expected), "{expected}: {line}");
    }

    let any = list(&[&standby.address().to_string(), &primary]) + "?target_session_attrs=any";
    let (_second, client) = serve(&any, Some(&key));
    assert_refused(&client.create("B", None).await, "UNAVAILABLE");
}

/// As Patroni does it: the server that takes writes ends, and another one takes its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_are_served_again_when_another_server_of_the_list_is_promoted() {
    let _alone = alone().await;
    let cluster = Cluster::replicated();
    let url = cluster.database().await;
    let standby = block_in_place(|| cluster.standby());
    cluster.wait_for_standbys().await;
    let (primary, other) = (cluster.address().to_string(), standby.address().to_string());
    let (_server, client) = serve(&url.replace(&primary, &format!("{primary},{other}")), None);
    let load = Load::start(&client, 16);
    load.all_served_since(Instant::now()).await;

    block_in_place(|| cluster.stop());
    let refused = load.refused();
    load.until(|load| load.refused() > refused).await;
    let before = load.served();
    block_in_place(|| standby.promote());
    let promoted = Instant::now();
    load.all_served_since(promoted).await;
    let back = promoted.elapsed();
    let seen = load.stop().await;
    println!("standby: 16 clients served {back:?} after a promotion, {before} answers before; {seen}");
    seen.check(&rows::contacts(&rows::connect(&standby.url()).await).await);
    assert!(back < WRITTEN_WITHIN, "served again only after {back:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_version_1_is_told_as_such() {
    let _alone = alone().await;
    let cluster = Cluster::start();
    let url = cluster.database().await;
    for (certificate, sslmode, works) in [
        (VERSION_1, "require", false),
        (VERSION_1, "prefer", false),
        (VERSION_1, "disable", true),
        (VERSION_3, "require", true),
        (VERSION_3, "verify-full", false),
    ] {
        cluster.certify(certificate, KEY).await;
        let url = format!("{url}?sslmode={sslmode}");
        let done = block_in_place(|| run(folder().path(), &["migrate", "--database-url", &url]));
        if works {
            done.ok();
            continue;
        }
        let line = done.complaint(78);
        let expected = if certificate == VERSION_1 { "X.509 version 1" } else { "sslrootcert" };
        assert!(line.contains(expected) && line.contains("sslmode"), "{sslmode}: {line}");
    }
}

//! `serve`: the first start, later ones, and an orderly end.

use serde_json::json;

use crate::program::{Server, folder, run};

#[tokio::test]
async fn the_first_start_prints_a_key_and_a_ready_address_and_no_later_one_does() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let key = server.key().expect("a key").to_owned();
    let ready = format!("http://{}/#key={key}", server.address);
    assert_eq!(
        server.greeting.iter().filter(|line| line.contains(&ready)).count(),
        1,
        "{:?}",
        server.greeting
    );
    let answer = server
        .ask(&key, "mutation { createContact(input: {firstName: \"A\"}) { contact { firstName } } }")
        .await;
    assert_eq!(answer, Some(json!({"data": {"createContact": {"contact": {"firstName": "A"}}}})));
    let scopes = server.ask(&key, "{ viewer { scopes } }").await.expect("an answer");
    assert_eq!(scopes["data"]["viewer"]["scopes"].as_array().map(Vec::len), Some(5), "{scopes:#}");
    drop(server);

    let server = Server::start(folder.path(), &[]);
    assert_eq!(server.key(), None);
    assert!(!server.greeting.iter().any(|line| line.contains("cgw_")), "{:?}", server.greeting);
    let answer = server.ask(&key, "{ contacts { nodes { firstName } } }").await;
    assert_eq!(
        answer,
        Some(json!({"data": {"contacts": {"nodes": [{"firstName": "A"}]}}})),
        "it is still there"
    );
}

#[test]
fn on_any_other_address_nothing_is_made_and_the_command_is_told() {
    use std::io::{BufRead as _, BufReader};
    let folder = folder();
    let mut child = crate::program::command(folder.path(), &["--listen", "0.0.0.0:0"])
        .env("LOG", "off")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        told.push(line.expect("text"));
        if told.last().is_some_and(|line| line.starts_with("Listening on http://0.0.0.0:")) {
            break;
        }
    }
    child.kill().expect("it is stopped");
    child.wait().expect("it ends");
    assert!(told.iter().any(|line| line.contains("contacts-gateway keys create")), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("cgw_")), "{told:?}");
    let keys = run(folder.path(), &["keys", "list"]).ok();
    assert_eq!(keys.lines().count(), 1, "only the heading: {keys}");
}

#[tokio::test]
async fn both_signals_end_it_well() {
    for signal in ["TERM", "INT"] {
        let folder = folder();
        let server = Server::start(folder.path(), &[]);
        let key = server.key().expect("a key").to_owned();
        server.ask(&key, "{ viewer { id } }").await.expect("an answer");
        server.signal(signal);
        let (status, rest) = server.wait();
        assert_eq!(status.code(), Some(0), "SIG{signal}: {rest:?}");
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert!(!folder.path().join("contacts.db-wal").exists(), "the log is merged: {left} files");
        let used = run(folder.path(), &["keys", "list"]).ok();
        assert!(!used.contains("never"), "the last use is written down: {used}");
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let key = server.key().expect("a key").to_owned();
    server.ask(&key, "{ viewer { id } }").await.expect("an answer");
    let rows = (0..8).map(|_| "{firstName: \"A\"}").collect::<Vec<_>>().join(" ");
    let aliases: Vec<String> = (0..30)
        .map(|n| format!("a{n}: createContacts(input: {{contacts: [{rows}]}}) {{ createdCount }}"))
        .collect();
    let query = format!("mutation {{ {} }}", aliases.join(" "));
    let (answer, ()) = tokio::join!(server.ask(&key, &query), async {
        tokio::task::yield_now().await;
        server.ask(&key, "{ viewer { id } }").await.expect("an answer");
        server.signal("TERM");
    });
    let (status, _) = server.wait();
    assert_eq!(status.code(), Some(0));
    let answer = answer.expect("an answer, since it was under way");
    assert!(answer["data"]["a29"]["createdCount"] == 8, "{answer:#}");
}

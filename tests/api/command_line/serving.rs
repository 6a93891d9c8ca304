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

/// The status and the body of an answer to a request of these lines.
fn exchange(address: &str, head: &str) -> (String, String) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head[9..12].to_owned(), body.to_owned())
}

#[test]
fn on_loopback_only_its_names_and_those_that_are_added_are_answered() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--host", "contacts.example"]);
    let status = |head: &str| exchange(&server.address, head).0;
    for host in ["localhost", "127.0.0.1:1", "[::1]:1", "a.localhost", "Contacts.Example:443"] {
        assert_eq!(status(&format!("GET /graphiql/ HTTP/1.1\r\nhost: {host}\r\n")), "200", "{host}");
    }
    for head in [
        "GET /graphiql/ HTTP/1.1\r\nhost: evil.example\r\n",
        "GET http://evil.example/graphiql/ HTTP/1.1\r\nhost: localhost\r\n",
        "POST /graphql HTTP/1.1\r\nhost: evil.example:8080\r\ncontent-length: 0\r\n",
        "GET /nothing HTTP/1.1\r\nhost: evil.example\r\n",
    ] {
        let (status, body) = exchange(&server.address, head);
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(status, "421", "{head}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "MISDIRECTED_REQUEST", "{body}");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(status(&format!("GET {path} HTTP/1.1\r\nhost: 10.0.0.1\r\n")), "200", "{path}");
    }
    assert_eq!(status("GET /livez HTTP/1.1\r\n"), "400", "HTTP/1.1 needs the header");
}

#[test]
fn a_setting_with_a_star_in_a_name_is_refused() {
    let folder = folder();
    for (setting, value) in [("--cors-origin", "https://*.example.com"), ("--host", "*.example.com")] {
        let done = run(folder.path(), &[setting, value, "--listen", "127.0.0.1:0"]);
        let complaint = done.complaint(78);
        assert!(complaint.contains(value) && complaint.contains("`*`"), "{complaint}");
    }
}

#[cfg(unix)]
mod files {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt as _, symlink},
        path::Path,
    };

    use super::{Server, folder, json, run};

    const CREATE: &str = "mutation { createContact(input: {firstName: \"A\"}) { contact { firstName } } }";

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn a_database_and_what_lies_beside_it_are_for_their_owner_alone() {
        let folder = folder();
        for name in ["contacts.db", "contacts.db.lock"] {
            fs::write(folder.path().join(name), "").expect("a file");
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o666)).expect("a mode");
        }
        let _server = Server::start(folder.path(), &[]);
        for name in ["contacts.db", "contacts.db-wal", "contacts.db-shm", "contacts.db.lock"] {
            assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn a_symbolic_link_is_no_way_around_the_lock() {
        let (folder, links) = (folder(), folder());
        let _server = Server::start(folder.path(), &[]);
        let link = links.path().join("contacts.db");
        symlink(folder.path().join("contacts.db"), &link).expect("a link");
        let done = run(links.path(), &["--listen", "127.0.0.1:0"]);
        assert!(done.complaint(78).contains("another process is writing"), "{done:?}");
        assert!(!links.path().join("contacts.db.lock").exists());
    }

    #[test]
    fn a_link_to_a_file_that_is_missing_makes_that_file() {
        let (folder, links) = (folder(), folder());
        symlink(folder.path().join("other.db"), links.path().join("contacts.db")).expect("a link");
        let _server = Server::start(links.path(), &[]);
        assert!(folder.path().join("other.db.lock").exists() && folder.path().join("other.db-wal").exists());
    }

    #[test]
    fn a_file_with_several_names_is_refused_by_every_command() {
        let folder = folder();
        run(folder.path(), &["migrate"]).ok();
        let (file, other) = (folder.path().join("contacts.db"), folder.path().join("other.db"));
        fs::hard_link(&file, &other).expect("a link");
        for arguments in [&["--listen", "127.0.0.1:0"][..], &["migrate"], &["keys", "list"], &["new-epoch"]] {
            let done = run(folder.path(), arguments);
            assert!(done.complaint(78).contains("hard links"), "{arguments:?}: {done:?}");
        }
        fs::remove_file(other).expect("removed");
        run(folder.path(), &["migrate"]).ok();
    }

    #[tokio::test]
    async fn a_file_that_is_deleted_or_replaced_is_noticed_and_no_write_is_lost_with_it() {
        for (name, replaced) in [("contacts.db", false), ("contacts.db", true), ("contacts.db-wal", false)] {
            let folder = folder();
            let server = Server::start(folder.path(), &[]);
            let key = server.key().expect("a key").to_owned();
            let written = json!({"data": {"createContact": {"contact": {"firstName": "A"}}}});
            assert_eq!(server.ask(&key, CREATE).await, Some(written));
            let ready = || super::exchange(&server.address, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n").0;
            assert_eq!(ready(), "200");
            let file = folder.path().join(name);
            fs::rename(&file, folder.path().join("moved")).expect("moved");
            if replaced {
                fs::copy(folder.path().join("moved"), &file).expect("copied");
            }
            let refused = server.ask(&key, CREATE).await.expect("an answer");
            assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{name}: {refused}");
            assert_eq!(ready(), "503", "{name}");
        }
    }
}

/// Runs three at once on an empty database.
#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_make_one_organization_and_one_key() {
    use crate::support::engine::{Engine, TestDatabase};
    let (database, folders) = (TestDatabase::empty(Engine::Postgres), [folder(), folder(), folder()]);
    let servers: Vec<_> = std::thread::scope(|scope| {
        let url = &database.url;
        let start = |folder| scope.spawn(move || Server::start(folder, &["--database-url", url]));
        let starting: Vec<_> = folders.iter().map(|folder| start(folder.path())).collect();
        starting.into_iter().map(|server| server.join().expect("it starts")).collect()
    });
    let keys: Vec<_> = servers.iter().filter_map(Server::key).collect();
    assert_eq!(keys.len(), 1);
    for server in &servers {
        let answer = server.ask(keys[0], "{ viewer { scopes } }").await.expect("an answer");
        assert_eq!(answer.get("errors"), None, "{answer}");
    }
    let listed = run(folders[0].path(), &["keys", "list", "--database-url", &database.url]).ok();
    assert_eq!(listed.lines().count(), 2, "{listed}");
}

//! `keys`: making, listing and revoking, also beside a running server.

use serde_json::json;

use crate::program::{Server, folder, run};

fn made(folder: &std::path::Path, arguments: &[&str]) -> String {
    let key = run(folder, &[&["keys", "create"], arguments].concat()).ok();
    assert_eq!(key.lines().count(), 1, "only the key: {key}");
    let key = key.trim().to_owned();
    assert!(key.starts_with("cgw_") && key.len() == 54, "{key}");
    key
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked_while_a_server_runs() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let reader = made(folder.path(), &["--name", "reader", "--scopes", "contacts:read"]);
    let writer = made(folder.path(), &["--name", "writer", "--scopes", "contacts:write,keys:manage"]);
    let scopes = "{ viewer { scopes apiKey { name } } }";
    assert_eq!(
        server.ask(&reader, scopes).await,
        Some(json!({"data": {"viewer": {"scopes": ["CONTACTS_READ"], "apiKey": {"name": "reader"}}}}))
    );
    let wide = json!(["CONTACTS_READ", "CONTACTS_WRITE", "KEYS_MANAGE"]);
    assert_eq!(server.ask(&writer, scopes).await.expect("an answer")["data"]["viewer"]["scopes"], wide);

    let list = run(folder.path(), &["keys", "list"]).ok();
    assert_eq!(list.lines().count(), 4, "{list}");
    for key in [&reader, &writer] {
        assert!(list.contains(&key[..16]) && !list.contains(&key[..17]), "{list}");
    }

    let unused = made(folder.path(), &["--name", "unused", "--scopes", "all"]);
    run(folder.path(), &["keys", "revoke", &unused[..16]]).ok();
    let refused = server.ask(&unused, scopes).await.expect("an answer");
    assert_eq!(refused["errors"][0]["extensions"]["reason"], "INVALID_KEY", "{refused:#}");
    let list = run(folder.path(), &["keys", "list"]).ok();
    assert!(list.lines().any(|line| line.starts_with(&unused[..16]) && line.contains("revoked")), "{list}");
    let again = run(folder.path(), &["keys", "revoke", &unused[..16]]);
    assert!(again.complaint(1).contains(&unused[..16]));
}

#[test]
fn each_organization_has_its_own_keys_and_must_be_named_where_there_are_several() {
    let folder = folder();
    made(folder.path(), &["--name", "first", "--scopes", "all"]);
    made(folder.path(), &["--name", "other", "--scopes", "all", "--new-organization", "Other"]);
    made(folder.path(), &["--name", "second", "--scopes", "all", "--organization", "Other"]);
    let unnamed = run(folder.path(), &["keys", "create", "--name", "x", "--scopes", "all"]);
    assert!(unnamed.complaint(78).contains("--organization"));
    let unknown =
        run(folder.path(), &["keys", "create", "--name", "x", "--scopes", "all", "--organization", "No"]);
    assert!(unknown.complaint(78).contains("Other"));
    let list = run(folder.path(), &["keys", "list"]).ok();
    assert_eq!(list.lines().filter(|line| line.contains(" Other ")).count(), 2, "{list}");
    assert_eq!(list.lines().filter(|line| line.contains(" My organization ")).count(), 1, "{list}");
}

#[test]
fn a_key_that_makes_no_sense_is_not_made() {
    let folder = folder();
    for (arguments, word) in [
        (&["--name", "x", "--scopes", "contacts:fly"][..], "contacts:fly"),
        (&["--name", " ", "--scopes", "all"], "--name"),
        (&["--name", "x", "--scopes", "all", "--new-organization", " "], "--new-organization"),
        (&["--name", "x", "--scopes", "all", "--expires-at", "tomorrow"], "tomorrow"),
        (&["--name", "x"], "--scopes"),
    ] {
        let done = run(folder.path(), &[&["keys", "create"], arguments].concat());
        assert_eq!((done.code, done.stdout.as_str()), (Some(78), ""), "{done:?}");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        assert!(done.stderr.contains(word), "{arguments:?} is not explained: {done:?}");
    }
    assert_eq!(run(folder.path(), &["keys", "list"]).ok().lines().count(), 1);
}

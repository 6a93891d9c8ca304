//! `backup` and `restore`.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use contacts_gateway::database::{self, Options};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::json;

use crate::{
    program::{Server, folder, run},
    support::{App, engine::Engine},
};

async fn open(file: &Path) -> DatabaseConnection {
    Database::connect(format!("sqlite:{}", file.display())).await.expect("a database")
}

async fn number(database: &DatabaseConnection, sql: &str) -> i64 {
    let row = database.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
    row.expect("a statement").expect("a row").try_get_by_index(0).expect("a number")
}

async fn text(database: &DatabaseConnection, sql: &str) -> String {
    let row = database.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
    row.expect("a statement").expect("a row").try_get_by_index(0).expect("a text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_backups_beside_writes_are_each_whole_and_a_prefix_of_the_changes() {
    let app = App::new(Engine::Sqlite).await;
    let folder = folder();
    let over = AtomicBool::new(false);
    let write = async |client: usize| {
        let mut number = 0;
        while !over.load(Ordering::Relaxed) {
            let email = format!("{client}-{number}@example.com");
            app.created(json!({"firstName": "A", "email": email, "tags": [format!("t{client}")]})).await;
            number += 1;
        }
    };
    let back_up = async {
        for number in 0..20 {
            let file = folder.path().join(format!("{number}.db"));
            let bytes = database::back_up(&Options::new(app.url()), file.clone()).await.expect("a backup");
            assert_eq!(fs::metadata(&file).expect("a file").len(), bytes);
        }
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(back_up, join_all((0..8).map(write)));

    let mut last = -1;
    for number_of_backup in 0..20 {
        let backup = open(&folder.path().join(format!("{number_of_backup}.db"))).await;
        let whole = text(&backup, "PRAGMA integrity_check").await;
        assert_eq!(whole, "ok", "backup {number_of_backup}");
        let contacts = number(&backup, "SELECT count(*) FROM contact").await;
        for same in [
            "SELECT coalesce(max(change_seq), 0) FROM contact",
            "SELECT coalesce(max(change_seq), 0) FROM change_clock",
            "SELECT count(DISTINCT change_seq) FROM contact",
            "SELECT count(*) FROM contact_email",
            "SELECT count(*) FROM contact_tag",
            "SELECT count(*) FROM contact_search",
            "SELECT count(*) FROM contact_search_index_docsize",
        ] {
            assert_eq!(number(&backup, same).await, contacts, "backup {number_of_backup}: {same}");
        }
        assert!(contacts >= last, "backup {number_of_backup}");
        last = contacts;
    }
    assert!(last > 20, "{last} contacts beside 20 backups");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 20, "nothing else is left");
}

#[tokio::test]
async fn a_restore_brings_back_what_the_backup_has_and_keeps_what_was_there() {
    let folder = folder();
    run(folder.path(), &["demo", "--contacts", "5"]).ok();
    let told = run(folder.path(), &["backup", "saved.db"]).ok();
    assert!(told.contains("saved.db"), "{told}");
    let saved = folder.path().join("saved.db");
    assert_eq!(fs::metadata(&saved).expect("a file").permissions().mode() & 0o777, 0o600);
    run(folder.path(), &["demo", "--contacts", "3", "--seed", "2"]).ok();
    let epoch = "SELECT hex(epoch) FROM store";
    let before = text(&open(&folder.path().join("contacts.db")).await, epoch).await;
    // What lies in the log only is kept too.
    let server = Server::start(folder.path(), &[]);
    let done = run(folder.path(), &["restore", "saved.db"]);
    let refused = done.complaint(78);
    assert!(refused.contains("another process"), "{refused}");
    drop(server);

    let told = run(folder.path(), &["restore", "saved.db"]).ok();
    let database = open(&folder.path().join("contacts.db")).await;
    assert_eq!(number(&database, "SELECT count(*) FROM contact").await, 5);
    assert_ne!(text(&database, epoch).await, before, "cursors of the changes since are refused");
    assert_eq!(
        fs::metadata(folder.path().join("contacts.db")).expect("a file").permissions().mode() & 0o777,
        0o600
    );
    let aside = told.split_whitespace().find(|word| word.contains(".replaced-")).expect("where it is kept");
    assert_eq!(
        number(&open(&folder.path().join(aside)).await, "SELECT count(*) FROM contact").await,
        8,
        "{aside}"
    );
    assert_eq!(number(&open(&saved).await, "SELECT count(*) FROM contact").await, 5, "the backup stays");
    drop(database);
    // It is as good as any.
    run(folder.path(), &["demo", "--contacts", "1", "--seed", "3"]).ok();
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_but_a_sound_backup_is_put_in_place() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    run(folder.path(), &["demo", "--contacts", "5"]).ok();
    fs::write(path("taken.db"), "a letter").expect("a file");
    let done = run(folder.path(), &["backup", "taken.db"]);
    let refused = done.complaint(78);
    assert!(refused.contains("exists"), "{refused}");
    assert_eq!(fs::read_to_string(path("taken.db")).expect("a file"), "a letter");
    run(folder.path(), &["backup", "no/such/folder.db"]).complaint(1);

    run(folder.path(), &["backup", "saved.db"]).ok();
    fs::write(path("text.db"), "This is a letter, not a database. ".repeat(100)).expect("a file");
    let other =
        Database::connect(format!("sqlite:{}?mode=rwc", path("other.db").display())).await.expect("a file");
    other.execute_unprepared("CREATE TABLE letter (text TEXT)").await.expect("a table");
    other.close().await.expect("it is closed");
    fs::copy(path("saved.db"), path("newer.db")).expect("a copy");
    let newer = open(&path("newer.db")).await;
    let migration = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000_future', 0)";
    newer.execute_unprepared(migration).await.expect("a row");
    newer.close().await.expect("it is closed");
    let mut damaged = fs::read(path("saved.db")).expect("a file");
    let middle = damaged.len() / 2;
    damaged[middle..middle + 20_000].fill(0x5a);
    fs::write(path("damaged.db"), damaged).expect("a file");
    for (file, code, words) in [
        ("text.db", 1, "is not a database of contacts-gateway"),
        ("other.db", 1, "is not a database of contacts-gateway"),
        ("newer.db", 78, "newer"),
        ("damaged.db", 1, "damaged"),
        ("none.db", 78, "does not exist"),
        ("contacts.db", 78, "the database itself"),
    ] {
        let done = run(folder.path(), &["restore", file]);
        let refused = done.complaint(code);
        assert!(refused.contains(words), "{file}: {refused}");
        let database = open(&path("contacts.db")).await;
        assert_eq!(number(&database, "SELECT count(*) FROM contact").await, 5, "{file}");
        database.close().await.expect("it is closed");
    }
    let left = fs::read_dir(folder.path())
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let left: Vec<String> =
        left.filter(|name| name.contains("partial") || name.contains("replaced")).collect();
    assert_eq!(left, [] as [String; 0]);
}

#[test]
fn for_postgres_its_own_tools_are_named() {
    let folder = folder();
    for command in ["backup", "restore"] {
        let postgres = ["--database-url", "postgres://localhost/contacts"];
        let done = run(folder.path(), &[&[command, "file.db"][..], &postgres].concat());
        let refused = done.complaint(78);
        assert!(refused.contains("pg_dump"), "{refused}");
    }
}

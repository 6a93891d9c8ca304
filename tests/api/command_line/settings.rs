//! Settings: `--help` tells them all, and a bad one is one line that says how to mend it.

use std::{fs, net::TcpListener};

use sea_orm::ConnectionTrait as _;

use crate::{
    program::{Server, folder, run},
    support::engine::{Engine, ForEngine as _, TestDatabase, on_each_engine},
};

#[test]
fn help_tells_every_command_and_setting_with_its_variable_and_default() {
    let folder = folder();
    let help = run(folder.path(), &["--help"]).ok();
    for (flag, variable) in [
        ("--database-url", "DATABASE_URL"),
        ("--read-connections", "READ_CONNECTIONS"),
        ("--write-connections", "WRITE_CONNECTIONS"),
        ("--log", "LOG"),
        ("--log-format", "LOG_FORMAT"),
        ("--listen", "LISTEN"),
        ("--cors-origin", "CORS_ORIGINS"),
        ("--request-timeout", "REQUEST_TIMEOUT"),
        ("--max-requests", "MAX_REQUESTS"),
        ("--max-requests-per-organization", "MAX_REQUESTS_PER_ORGANIZATION"),
        ("--host", "HOSTS"),
        ("--max-untaken-answer-bytes", "MAX_UNTAKEN_ANSWER_BYTES"),
        ("--max-untaken-answer-bytes-per-organization", "MAX_UNTAKEN_ANSWER_BYTES_PER_ORGANIZATION"),
        ("--max-connections", "MAX_CONNECTIONS"),
        ("--max-connections-per-address", "MAX_CONNECTIONS_PER_ADDRESS"),
        ("--failed-keys", "FAILED_KEYS"),
        ("--answer-cache-bytes", "ANSWER_CACHE_BYTES"),
        ("--metrics-listen", "METRICS_LISTEN"),
    ] {
        assert!(help.contains(&format!("{flag} <")), "{flag}: {help}");
        assert!(help.contains(&format!("[env: {variable}")), "{variable}: {help}");
    }
    for command in ["serve", "migrate", "schema", "keys", "new-epoch", "backup", "restore", "demo"] {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(&format!("{command} "))),
            "{command}: {help}"
        );
        run(folder.path(), &[command, "--help"]).ok();
    }
    assert!(help.contains("127.0.0.1:8080") && help.contains("sqlite:contacts.db"), "{help}");
    let version = run(folder.path(), &["--version"]).ok();
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "asking leaves nothing behind");
}

#[test]
fn what_is_no_argument_is_one_line() {
    let folder = folder();
    for arguments in [
        &["--nonsense"][..],
        &["nonsense"],
        &["--listen", "here"],
        &["--listen", "127.0.0.1:99999"],
        &["--read-connections", "1"],
        &["--write-connections", "0"],
        &["--read-connections", "many"],
        &["--request-timeout", "0"],
        &["--request-timeout", "61"],
        &["--max-requests", "0"],
        &["--max-requests-per-organization", "many"],
        &["--max-connections", "0"],
        &["--max-connections-per-address", "-1"],
        &["--log-format", "xml"],
        &["--log", "contacts=loud"],
        &["--failed-keys", "many"],
        &["--answer-cache-bytes", "16M"],
        &["--metrics-listen", "here"],
        &["--cors-origin", "not an origin"],
        &["demo"],
        &["keys"],
    ] {
        let done = run(folder.path(), arguments);
        let line = done.complaint(78);
        assert!(line.len() > 20, "{arguments:?}: {line}");
    }
}

#[test]
fn a_url_that_cannot_be_used_is_one_line() {
    let folder = folder();
    for url in [
        "",
        "contacts.db",
        "mysql://localhost/contacts",
        "postgres://user:secret@host:port/contacts",
        "postgres://[::1/contacts",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:contacts.db?mode=nonsense",
        "http://localhost",
        "\u{1f600}",
    ] {
        for command in [&["migrate"][..], &["keys", "list"], &["new-epoch"], &["--listen", "127.0.0.1:0"]] {
            let done = run(folder.path(), &[command, &["--database-url", url]].concat());
            let line = done.complaint(78);
            assert!(line.contains("sqlite:") || line.contains("--database-url"), "{url:?}: {line}");
            assert!(!line.contains("secret"), "a password is told: {line}");
        }
    }
}

#[test]
fn a_database_that_cannot_be_read_is_one_line() {
    let folder = folder();
    fs::create_dir(folder.path().join("folder")).expect("a folder");
    fs::write(folder.path().join("text.db"), "This is a letter, not a database. ".repeat(100))
        .expect("a file");
    for url in ["sqlite:folder", "sqlite:text.db", "sqlite:nowhere/contacts.db", "sqlite:/proc/contacts.db"] {
        for command in [&["migrate"][..], &["keys", "list"], &["--listen", "127.0.0.1:0"]] {
            let done = run(folder.path(), &[command, &["--database-url", url]].concat());
            let line = done.complaint(78);
            assert!(line.contains("check") || line.contains("give"), "{url}: {line}");
        }
    }
    let letter = fs::read_to_string(folder.path().join("text.db")).expect("the file");
    assert!(letter.starts_with("This is a letter"), "what is not ours is left alone");
}

#[test]
fn a_postgres_that_is_not_there_is_one_line() {
    let folder = folder();
    let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
    let url = format!("postgres://me:secret@{free}/contacts");
    let done = run(folder.path(), &["--database-url", &url, "--listen", "127.0.0.1:0"]);
    let line = done.complaint(78);
    assert!(line.contains("--database-url") && !line.contains("secret"), "{line}");
    assert!(line.contains("the connection was refused"), "{line}");
}

#[cfg(postgres_found)]
#[test]
fn what_is_wrong_with_a_postgres_is_one_line_that_says_how_to_mend_it() {
    let database = TestDatabase::empty(Engine::Postgres);
    let url = &database.url;
    let (server, _) = url.rsplit_once('/').expect("a database");
    let (user, address) = server.rsplit_once('@').expect("a user");
    let (_, password) = user.rsplit_once(':').expect("a password");
    let folder = folder();
    for (url, expected) in [
        (url.replace(password, "wrong"), "28P01); check the user and the password"),
        (format!("{server}/nowhere"), "3D000); create the database"),
        (format!("{url}?sslmode=require"), "sslmode"),
        (format!("{url}?options[nonsense]=1"), "42704); check the options"),
        (format!("{url}?options[work_mem]=much"), "22023); check the options"),
        (format!("{url}?connect_timeout=1"), "connect_timeout is not a parameter"),
        (format!("{url}?target_session_attrs=standby"), "read-write, primary and any"),
    ] {
        let done = run(folder.path(), &["migrate", "--database-url", &url]);
        let line = done.complaint(78);
        assert!(line.contains(expected), "{expected}: {line}");
        assert!(!line.contains(password), "a password is told: {line}");
    }
    let list = format!("{user}@{address},{address}/{}", url.rsplit('/').next().expect("a name"));
    run(folder.path(), &["migrate", "--database-url", &list]).ok();
}

#[test]
fn a_port_in_use_is_one_line() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let line = run(folder.path(), &["--listen", &address]).complaint(78).to_owned();
    assert!(line.contains(&address) && line.contains("--listen"), "{line}");
    let line = run(folder.path(), &["--listen", "203.0.113.1:80"]).complaint(78).to_owned();
    assert!(line.contains("203.0.113.1:80"), "{line}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing was made");
}

#[tokio::test]
async fn a_second_writing_process_on_the_same_file_is_kept_off() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let key = server.key().expect("a key").to_owned();
    for command in
        [&["--listen", "127.0.0.1:0"][..], &["migrate"], &["new-epoch"], &["demo", "--contacts", "1"]]
    {
        let line = run(folder.path(), command).complaint(78).to_owned();
        assert!(line.contains("another process") && line.contains("contacts.db"), "{line}");
    }
    assert!(server.ask(&key, "{ viewer { id } }").await.is_some_and(|answer| answer.get("errors").is_none()));
    drop(server);
    run(folder.path(), &["migrate"]).ok();
}

on_each_engine! {
    async fn a_database_newer_than_the_program_is_one_line_and_left_alone(database: TestDatabase) {
        let raw = sea_orm::Database::connect(&database.url).await.expect("a connection");
        raw.execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_001_later', 1)")
            .await.expect("a later migration");
        let folder = folder();
        for command in [&["migrate"][..], &["keys", "list"], &["new-epoch"], &["--listen", "127.0.0.1:0"]] {
            let done = run(folder.path(), &[command, &["--database-url", &database.url]].concat());
            let line = done.complaint(78);
            assert!(line.contains("newer") && line.contains("m20990101_001_later"), "{line}");
        }
    }

    async fn a_database_of_a_development_version_is_one_line_and_left_alone(engine: Engine) {
        let database = TestDatabase::empty(engine);
        let raw = sea_orm::Database::connect(&database.url).await.expect("a connection");
        for sql in [
            "CREATE TABLE seaql_migrations (version VARCHAR NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)",
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_001_initial', 1)",
            "CREATE TABLE store (id INTEGER NOT NULL PRIMARY KEY)",
        ] {
            raw.execute_unprepared(sql).await.expect("the older list");
        }
        let folder = folder();
        for command in [&["migrate"][..], &["keys", "list"], &["new-epoch"], &["--listen", "127.0.0.1:0"]] {
            let done = run(folder.path(), &[command, &["--database-url", &database.url]].concat());
            let line = done.complaint(78);
            assert!(line.contains("made by a development version") && line.contains("m20261121_001_initial"), "{line}");
            assert!(line.contains("--database-url"), "{line}");
        }
        let tables = sea_orm::Statement::from_string(raw.get_database_backend(), "SELECT id FROM store");
        assert!(raw.query_all_raw(tables).await.expect("the table is left").is_empty());
        raw.query_all_raw(sea_orm::Statement::from_string(raw.get_database_backend(), "SELECT id FROM contact"))
            .await.expect_err("nothing is added");
    }

    async fn migrating_twice_is_as_migrating_once(engine: Engine) {
        let database = TestDatabase::empty(engine);
        let folder = folder();
        for _ in 0..2 {
            run(folder.path(), &["migrate", "--database-url", &database.url]).ok();
        }
        let migrated = TestDatabase::for_engine(engine).await;
        run(folder.path(), &["migrate", "--database-url", &migrated.url]).ok();
    }

    async fn a_new_epoch_differs_from_the_one_before(database: TestDatabase) {
        let folder = folder();
        let raw = sea_orm::Database::connect(&database.url).await.expect("a connection");
        let mut epochs = Vec::new();
        run(folder.path(), &["migrate", "--database-url", &database.url]).ok();
        for _ in 0..3 {
            let sql = sea_orm::Statement::from_string(raw.get_database_backend(), "SELECT epoch FROM store");
            let rows = raw.query_all_raw(sql).await.expect("the store's row");
            assert_eq!(rows.len(), 1);
            epochs.push(rows[0].try_get::<uuid::Uuid>("", "epoch").expect("an epoch"));
            run(folder.path(), &["new-epoch", "--database-url", &database.url]).ok();
        }
        epochs.sort_unstable();
        epochs.dedup();
        assert_eq!(epochs.len(), 3);
    }
}

//! A server that is killed while it writes, again and again, on SQLite.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, Statement};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::program::{Server, folder};

const ROUNDS: usize = 20;

/// Writes from eight clients until the server is killed, after so many answers; the ids that were
/// answered.
async fn write_until_killed(server: &mut Server, key: &str, answers: usize) -> Vec<Uuid> {
    let (count, enough) = (AtomicUsize::new(0), Notify::new());
    let pid = server.child.id();
    let asked = &*server;
    let clients = join_all((0..8).map(async |client| {
        let mut ids = Vec::new();
        let query = format!(
            "mutation {{ createContact(input: {{firstName: \"{client}\", tags: [\"a\", \"b\"],
                phone: \"+14165550100\"}}) {{ contact {{ id }} }} }}"
        );
        while let Some(answer) = asked.ask(key, &query).await {
            let id = answer["data"]["createContact"]["contact"]["id"].as_str().and_then(|id| id.parse().ok());
            ids.push(id.unwrap_or_else(|| panic!("{answer:#}")));
            if count.fetch_add(1, Ordering::Relaxed) + 1 == answers {
                enough.notify_one();
            }
        }
        ids
    }));
    let kill = async {
        enough.notified().await;
        let killed = std::process::Command::new("kill").arg("-KILL").arg(pid.to_string()).status();
        assert!(killed.is_ok_and(|status| status.success()));
    };
    let (ids, ()) = tokio::join!(clients, kill);
    server.child.wait().expect("it is dead");
    ids.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let folder = folder();
    let file = folder.path().join("contacts.db");
    let url = format!("sqlite://{}", file.display());
    let mut key = None;
    let mut answered: Vec<Uuid> = Vec::new();
    for round in 0..ROUNDS {
        let mut server = Server::start(folder.path(), &[]);
        let key = key.get_or_insert_with(|| server.key().expect("the first start prints a key").to_owned());
        answered.extend(write_until_killed(&mut server, key, 8 + round * 5 % 37).await);
    }
    let _server = Server::start(folder.path(), &[]);
    let database =
        Database::connect(ConnectOptions::new(&url).sqlx_logging(false).to_owned()).await.expect("it opens");
    let rows = async |sql: &str| {
        let statement = Statement::from_string(database.get_database_backend(), sql);
        database.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    let check: Vec<String> = rows("PRAGMA integrity_check")
        .await
        .iter()
        .map(|row| row.try_get_by_index(0).expect("text"))
        .collect();
    assert_eq!(check, ["ok"]);
    assert_eq!(rows("PRAGMA foreign_key_check").await.len(), 0);
    let kept: Vec<Uuid> = rows("SELECT id FROM contact")
        .await
        .iter()
        .map(|row| row.try_get("", "id").expect("an id"))
        .collect();
    let lost: Vec<&Uuid> = answered.iter().filter(|id| !kept.contains(id)).collect();
    assert_eq!(lost, Vec::<&Uuid>::new(), "of {} answered", answered.len());
    assert!(answered.len() > ROUNDS * 8, "{} answered", answered.len());
    let halves = rows(
        "SELECT id FROM contact WHERE (SELECT count(*) FROM contact_tag WHERE contact_id = contact.id) <> 2
        OR (SELECT count(*) FROM contact_phone WHERE contact_id = contact.id) <> 1",
    );
    assert_eq!(halves.await.len(), 0, "half-written contacts");
}

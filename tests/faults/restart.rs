//! PostgreSQL ends as in a crash and starts again, under a gateway that goes on.

use std::time::{Duration, Instant};

use rand::RngExt as _;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use tokio::task::{JoinSet, block_in_place};

use crate::{
    alone,
    client::{Answer, Client, created},
    cluster::Cluster,
    load::Load,
    program::{self, Server, folder},
    rows, seeded,
};

const RESTARTS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_again_and_again_costs_nothing_that_was_answered() {
    let _alone = alone().await;
    let mut random = seeded("restart");
    let cluster = Cluster::start();
    let url = cluster.database().await;
    let folder = folder();
    let mut server = Server::start(folder.path(), &["--database-url", &url]);
    let client = Client::new(&server, server.key().expect("a key"));
    let load = Load::start(&client, 16);
    load.all_served_since(Instant::now()).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..RESTARTS {
        let more = random.random_range(1..100);
        let before = load.served();
        load.until(|load| load.served() >= before + more).await;
        block_in_place(|| cluster.restart());
        let back = Instant::now();
        load.all_served_since(back).await;
        slowest = slowest.max(back.elapsed());
        assert!(back.elapsed() < Duration::from_secs(5), "served again only after {:?}", back.elapsed());
    }
    assert!(server.child.try_wait().is_ok_and(|ended| ended.is_none()), "the gateway ended");
    let seen = load.stop().await;
    println!("restart: {RESTARTS} restarts, all 16 clients served again after {slowest:?} at most; {seen}");
    seen.check(&rows::contacts(&rows::connect(&url).await).await);
}

/// Those of the default that one organization may have: three quarters of five.
const READ_CONNECTIONS: usize = 3;
/// Each organization writes on one connection at a time.
const WRITE_CONNECTIONS: usize = 3;

/// Every connection that the gateway has is dead after that, and it has as many as it may have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_between_requests_is_not_noticed() {
    let _alone = alone().await;
    let cluster = Cluster::start();
    let url = cluster.database().await;
    let folder = folder();
    let server = Server::start(folder.path(), &["--database-url", &url]);
    let client = Client::new(&server, server.key().expect("a key"));
    let writers: Vec<Client> = (0..WRITE_CONNECTIONS)
        .map(|number| {
            let name = format!("organization {number}");
            let arguments = ["keys", "create", "--name", "a", "--scopes", "all", "--new-organization", &name];
            let url = ["--database-url", &url];
            let key = program::run(folder.path(), &[&arguments[..], &url].concat()).ok();
            let key = key.split_whitespace().find(|word| word.starts_with("cgw_"));
            Client::new(&server, key.expect("a key"))
        })
        .collect();
    // A key is remembered for some seconds: the connections below are not asked for it.
    for client in writers.iter().chain([&client]) {
        assert!(matches!(client.list().await, Answer::Data(_)));
    }
    occupy_all(&url, &client, &writers).await;

    block_in_place(|| cluster.restart());
    for (number, writer) in writers.iter().enumerate() {
        match writer.create(&number.to_string(), None).await {
            Answer::Data(data) => {
                created(&data);
            }
            refused => panic!("write {number}: {refused:?}"),
        }
    }
    for number in 0..READ_CONNECTIONS {
        let answer = client.list().await;
        assert!(matches!(answer, Answer::Data(_)), "read {number}: {answer:?}");
    }
    println!(
        "restart between requests: {WRITE_CONNECTIONS} writes and {READ_CONNECTIONS} reads as if nothing was"
    );
}

/// Makes the gateway open every connection it may have, by letting as many statements wait.
async fn occupy_all(url: &str, reader: &Client, writers: &[Client]) {
    let database = rows::connect(url).await;
    let lock = database.begin().await.expect("a transaction");
    lock.execute_unprepared("LOCK TABLE contact").await.expect("a lock");
    let mut waiting = JoinSet::new();
    for writer in writers {
        let client = writer.clone();
        waiting.spawn(async move { client.create("waiting", None).await });
    }
    // They read settings before they write: that takes a connection that reads.
    statements_wait(&database, WRITE_CONNECTIONS).await;
    for number in 0..READ_CONNECTIONS {
        let client = reader.clone();
        waiting.spawn(async move { client.list_of(1 + number).await });
    }
    statements_wait(&database, WRITE_CONNECTIONS + READ_CONNECTIONS).await;
    lock.commit().await.expect("the lock is released");
    for answer in waiting.join_all().await {
        assert!(matches!(answer, Answer::Data(_)), "{answer:?}");
    }
}

/// Waits until so many of the gateway's statements wait for a lock.
async fn statements_wait(database: &DatabaseConnection, wanted: usize) {
    let count = "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'contacts-gateway' AND wait_event_type = 'Lock'";
    let began = Instant::now();
    loop {
        let waiting: i64 = rows::query(database, count).await[0].try_get_by_index(0).expect("a number");
        if usize::try_from(waiting) == Ok(wanted) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{waiting} statements wait, not {wanted}");
    }
}

//! A gateway that is killed while it writes, again and again, and clients that repeat each write
//! under its `Idempotency-Key` until it is answered.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::RngExt as _;
use tokio::{
    sync::Notify,
    task::{JoinSet, block_in_place},
};
use uuid::Uuid;

use crate::{
    alone,
    client::{Answer, Client, created},
    program::{Server, folder},
    rows, seeded,
};

const CLIENTS: usize = 8;

/// How far the clients are, all together.
#[derive(Default)]
struct Progress {
    answered: AtomicUsize,
    /// Sent more than once, because of no answer or one that is none.
    repeated: AtomicUsize,
    another: Notify,
    enough: AtomicBool,
}

/// Writes one contact after the other; the ids that were answered, by name.
async fn write(client: Client, number: usize, progress: Arc<Progress>) -> HashMap<String, Uuid> {
    let mut written = HashMap::new();
    while !progress.enough.load(Ordering::Relaxed) {
        let name = format!("{number}-{}", written.len());
        let mut attempts = 0;
        let id = loop {
            attempts += 1;
            match client.create(&name, Some(&name)).await {
                Answer::Data(data) => break created(&data),
                Answer::Refused { code, retryable } => {
                    let known = ["UNAVAILABLE", "OVERLOADED", "OUTCOME_UNKNOWN"].contains(&code.as_str());
                    assert!(known && retryable == Some(true), "{code}, retryable: {retryable:?}");
                }
                // As long as the next one starts.
                Answer::Nothing => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        progress.repeated.fetch_add(usize::from(attempts > 1), Ordering::Relaxed);
        progress.answered.fetch_add(1, Ordering::Relaxed);
        progress.another.notify_one();
        written.insert(name, id);
    }
    written
}

impl Progress {
    /// Waits until so many have been answered in all.
    async fn reach(&self, answered: usize) {
        while self.answered.load(Ordering::Relaxed) < answered {
            self.another.notified().await;
        }
    }
}

/// Kills it so many times; what was answered is there, once, and nothing else is.
async fn kill_again_and_again(test: &str, folder: &Path, url: &str, kills: usize) {
    let mut random = seeded(test);
    let start = || block_in_place(|| Server::start(folder, &["--database-url", url]));
    let began = Instant::now();
    let mut server = start();
    let key = server.key().expect("the first start prints a key").to_owned();
    let client = Client::new(&server, &key);
    let progress = Arc::new(Progress::default());
    let mut clients: JoinSet<_> =
        (0..CLIENTS).map(|number| write(client.clone(), number, progress.clone())).collect();
    for _ in 0..kills {
        // None at all kills it with the first requests; many, while it is at its ease.
        let more = random.random_range(0..2 * CLIENTS);
        progress.reach(progress.answered.load(Ordering::Relaxed) + more).await;
        drop(server);
        server = start();
        client.follow(&server);
    }
    progress.enough.store(true, Ordering::Relaxed);
    let mut answered = HashMap::new();
    while let Some(written) = clients.join_next().await {
        answered.extend(written.expect("a client"));
    }

    let database = rows::connect(url).await;
    let kept = rows::contacts(&database).await;
    let repeated = progress.repeated.load(Ordering::Relaxed);
    println!(
        "{test}: {kills} kills in {:.1} s, {} writes answered, {repeated} of them repeated, {} rows",
        began.elapsed().as_secs_f32(),
        answered.len(),
        kept.len(),
    );
    assert_eq!(kept, answered);
    assert!(repeated >= kills, "kills that hit no write");
    if url.starts_with("sqlite:") {
        rows::assert_sound(&database).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_kills_and_is_there_once_on_sqlite() {
    let _alone = alone().await;
    let folder = folder();
    let url = format!("sqlite://{}", folder.path().join("contacts.db").display());
    kill_again_and_again("kill, SQLite", folder.path(), &url, 100).await;
}

#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_kills_and_is_there_once_on_postgres() {
    let _alone = alone().await;
    let folder = folder();
    let cluster = crate::cluster::Cluster::start();
    let url = cluster.database().await;
    kill_again_and_again("kill, PostgreSQL", folder.path(), &url, 50).await;
}

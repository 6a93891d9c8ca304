//! A database that is slow, silent or cut off, and one that has no connection left: every answer
//! comes in its time, and all is as before soon after.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{RngExt as _, rngs::StdRng};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    alone,
    client::{Answer, Client},
    cluster::Cluster,
    is_quiet,
    load::{Kind, Load},
    program::{Server, folder},
    proxy::{Proxy, Weather},
    rows, seeded,
};

/// A write is answered, or said to be of unknown outcome, after 15 seconds; the rest is for a busy
/// machine.
const SLOWEST_ANSWER: Duration = Duration::from_secs(15 + 3);
/// A batch is given up after 20 seconds, and its connection asked for 2; by then the server has ended what
/// waits in a transaction. The rest is for a busy machine.
const REPLACED_WITHIN: Duration = Duration::from_secs(20 + 2 + 10);
/// `/livez` asks nobody: all of it is for a busy machine.
const SLOWEST_SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// What a fault is done to.
struct Scene {
    client: Client,
    proxy: Proxy,
    load: Load,
    /// Past the gateway and the wire.
    database: DatabaseConnection,
    random: StdRng,
}

/// A database, and a wire to it.
struct Wired {
    proxy: Proxy,
    /// Past the wire.
    url: String,
    through: String,
}

impl Wired {
    async fn to(cluster: &Cluster) -> Self {
        let url = cluster.database().await;
        let proxy = Proxy::start(cluster.address()).await;
        let through = url.replace(&cluster.address().to_string(), &proxy.address.to_string());
        Self { proxy, url, through }
    }
}

/// Clients work; something fails; it ends. Checks what they were answered, and how soon.
async fn survives(test: &str, arguments: &[&str], fault: impl AsyncFnOnce(&mut Scene)) {
    let _alone = alone().await;
    let random = seeded(test);
    let cluster = Cluster::start();
    let Wired { proxy, url, through } = Wired::to(&cluster).await;
    let folder = folder();
    let arguments = [&["--database-url", &through], arguments].concat();
    let server = tokio::task::block_in_place(|| Server::start(folder.path(), &arguments));
    let client = Client::new(&server, server.key().expect("a key"));
    let watched = Arc::new(AtomicBool::new(true));
    let watch = watch(client.clone(), watched.clone());

    let load = Load::start(&client, 16);
    load.all_served_since(Instant::now()).await;
    let before = load.rate().await;
    let mut scene = Scene { client, proxy, load, database: rows::connect(&url).await, random };
    let began = Instant::now();
    fault(&mut scene).await;
    let (load, lasted, ended) = (scene.load, began.elapsed(), Instant::now());
    // A second to come back in, and one to count in; up to three, should somebody else use the machine.
    load.rate().await;
    let mut after = load.rate().await;
    for _ in 0..2 {
        if 2 * after < before && !is_quiet() {
            after = load.rate().await;
        }
    }
    load.all_served_since(ended).await;

    let seen = load.stop().await;
    watched.store(false, Ordering::Relaxed);
    let alive = watch.await.expect("the gateway lives");
    println!(
        "{test}: {before} answers a second before {:.1} s of it, {after} after; {seen}; /livez after {alive:?} at most",
        lasted.as_secs_f32()
    );
    seen.check(&rows::contacts(&scene.database).await);
    let percent = if is_quiet() { 90 } else { 50 };
    assert!(100 * after >= percent * before, "{before} answers a second before, {after} after");
    for (kind, took) in &seen.slowest {
        assert!(*took <= SLOWEST_ANSWER, "a {kind:?} was answered after {took:?}");
    }
    assert!(alive <= SLOWEST_SIGN_OF_LIFE, "a sign of life came after {alive:?}");
}

/// Asks all the time whether the gateway lives; how long that took at most.
fn watch(client: Client, watched: Arc<AtomicBool>) -> JoinHandle<Duration> {
    tokio::spawn(async move {
        let mut slowest = Duration::ZERO;
        while watched.load(Ordering::Relaxed) {
            let asked = Instant::now();
            assert!(client.lives().await, "no sign of life");
            slowest = slowest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        slowest
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_database_is_only_slow() {
    survives("slow wire", &[], async |scene| {
        let latency = Duration::from_millis(scene.random.random_range(20..60));
        scene.proxy.set(Weather::Slow(latency));
        let slowed = Instant::now();
        for _ in 0..3 {
            scene.load.all_served_since(Instant::now()).await;
        }
        assert!(slowed.elapsed() >= 3 * 2 * latency, "the wire was not slow");
        scene.proxy.set(Weather::Clear);
        assert_eq!(scene.load.refused(), 0, "slow is not away");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_reset_are_replaced() {
    survives("resets", &[], async |scene| {
        for _ in 0..10 {
            let more = scene.random.random_range(1..50);
            let before = scene.load.served();
            scene.load.until(|load| load.served() >= before + more).await;
            scene.proxy.reset();
            scene.load.all_served_since(Instant::now()).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_cut_off_is_told_as_such() {
    survives("cut wire", &[], async |scene| {
        scene.proxy.set(Weather::Cut);
        let before = scene.load.refused();
        scene.load.until(|load| load.refused() >= before + 100).await;
        scene.proxy.set(Weather::Clear);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent_keeps_no_writer_beyond_its_deadline() {
    survives("stalled wire", &[], async |scene| {
        scene.proxy.set(Weather::Stalled);
        scene.load.until(|load| load.refused_with(Kind::Write, "OUTCOME_UNKNOWN") > 0).await;
        scene.proxy.set(Weather::Clear);
    })
    .await;
}

/// As when a server's address moves to another one: the old connections are never told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_fall_silent_for_ever_are_replaced() {
    survives("silent wires", &[], async |scene| {
        scene.proxy.strand();
        let stranded = Instant::now();
        scene.load.all_served_since(Instant::now()).await;
        let replaced = stranded.elapsed();
        println!("silent wires: all are served again after {replaced:.1?}");
        assert!(replaced <= REPLACED_WITHIN, "all are served again only after {replaced:?}");
    })
    .await;
}

/// None of the connections that nobody uses is lent once one of them was found silent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_connections_at_rest_that_fall_silent_only_one_is_tried() {
    let _alone = alone().await;
    let cluster = Cluster::start();
    let Wired { proxy, through, .. } = Wired::to(&cluster).await;
    let folder = folder();
    let arguments = ["--database-url", &through, "--request-timeout", "2"];
    let server = tokio::task::block_in_place(|| Server::start(folder.path(), &arguments));
    let client = Client::new(&server, server.key().expect("a key"));
    // As many as there can be.
    let load = Load::start(&client, 32);
    load.all_served_since(Instant::now()).await;
    drop(load.stop().await);

    proxy.strand();
    let refused = client.list().await;
    assert!(matches!(&refused, Answer::Refused { code, .. } if code == "TIMEOUT"), "{refused:?}");
    // A statement has 5 seconds more than its request, and its connection 2 more to answer.
    tokio::time::sleep(Duration::from_secs(5 + 2 + 2)).await;
    let answered = client.list().await;
    assert!(matches!(answered, Answer::Data(_)), "{answered:?}");
}

/// One connection for an organization, kept by a statement that waits: who cannot have its turn in time is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_without_a_turn_are_told_so_in_time() {
    survives("no turn", &["--read-connections", "2", "--request-timeout", "5"], async |scene| {
        let lock = scene.database.begin().await.expect("a transaction");
        lock.execute_unprepared("LOCK TABLE contact").await.expect("a lock");
        let locked = Instant::now();
        // As they are not read together, only one of them has a turn before the time of all is over.
        let mut others: JoinSet<Answer> = JoinSet::new();
        for size in 11..20 {
            let client = scene.client.clone();
            others.spawn(async move { client.list_of(size).await });
        }
        let codes: Vec<_> = others.join_all().await.into_iter().filter_map(Answer::refusal).collect();
        let told = locked.elapsed();
        lock.rollback().await.expect("the lock is released");
        assert_eq!(codes.len(), 9, "{codes:?}");
        assert!(codes.iter().filter(|code| *code == "OVERLOADED").count() >= 7, "{codes:?}");
        assert!(codes.iter().all(|code| ["OVERLOADED", "TIMEOUT"].contains(&code.as_str())), "{codes:?}");
        assert!(told <= Duration::from_secs(5 + 3), "told after {told:?}");
    })
    .await;
}

//! Clients that ask for large answers and take nothing of them.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
    task::yield_now,
};

use super::{BESIDE, Trial, store::Store, usage::MIB};
use crate::{
    client::{Answer, Client},
    program::Server,
    raw,
};

/// Number of clients that take nothing.
pub(super) const CLIENTS: usize = 50;
/// Maximum memory of the gateway: one organization's answers that are made, and those that are not taken.
const MAX_MEMORY: u64 = 300 * MIB;
/// Time in which places and bytes must be free again once the clients have gone. A gateway that is not optimised is
/// still making answers for those whose end it has not seen.
const FREE_WITHIN: Duration = Duration::from_secs(5);
/// Time in which the limit must be reached.
const REACHED_WITHIN: Duration = Duration::from_secs(30);
/// Size of what a client's system takes by itself.
const RECEIVE_BUFFER: u32 = 4 * 1024;

/// Connections on which answers lie.
pub(super) struct Untaken(Vec<TcpStream>);

impl Untaken {
    /// Asks for large answers on so many connections, on half of them by GET.
    pub(super) async fn start(server: &Server, key: &str, clients: usize) -> Self {
        let address: SocketAddr = server.address.parse().expect("an address");
        let mut connections = Vec::new();
        for number in 0..clients {
            let socket = TcpSocket::new_v4().expect("a socket");
            socket.set_recv_buffer_size(RECEIVE_BUFFER).expect("a small buffer");
            let mut stream = socket.connect(address).await.expect("a connection");
            let request = match number % 2 {
                0 => raw::request(key, &json!({"query": LARGE}), None),
                _ => raw::get(key, LARGE),
            };
            stream.write_all(&request).await.expect("a request");
            connections.push(stream);
        }
        Self(connections)
    }

    /// Waits until so much lies there that another request is refused.
    pub(super) async fn reach_limit(&self, client: &Client) {
        let began = Instant::now();
        while client.ask(&json!({"query": SMALL}), None).await.refusal().as_deref() != Some("OVERLOADED") {
            assert!(began.elapsed() < REACHED_WITHIN, "the limit is not reached");
            yield_now().await;
        }
    }

    /// Returns the beginnings of the answers that have come, taking as little of them as can be.
    async fn beginnings(&self) -> Vec<String> {
        let mut beginnings = Vec::new();
        for stream in &self.0 {
            let mut beginning = vec![0; 2_048];
            // What has not come by now is not waited for.
            if let Some(Ok(length)) = futures_util::FutureExt::now_or_never(stream.peek(&mut beginning)) {
                beginnings.push(String::from_utf8_lossy(&beginning[..length]).into_owned());
            }
        }
        beginnings
    }
}

/// All contacts of a demo organization, with notes of the maximum length.
const LARGE: &str = "{ contacts(first: 200) { nodes { id notes } } }";
const SMALL: &str = "{ viewer { id } }";

pub(super) async fn answers(name: &'static str, store: Store) {
    store.fill_notes(&Store::attacker_id(), '\u{1f600}').await;
    let trial = Trial::start(name, store, &[]);
    let without = trial.without().await;
    let untaken = Untaken::start(&trial.server, &trial.store.attacker, CLIENTS).await;
    untaken.reach_limit(&trial.attacker).await;
    let beside = trial.bystander.watch_for(BESIDE).await;
    let beside = trial.at_best(beside, &without).await;
    let statuses = statuses(&untaken.beginnings().await);
    let memory = trial.processes().peak_memory();
    println!("{name}: without: {without}");
    println!("{name}: beside: {beside}; memory {} MiB; {statuses:?}", memory / MIB);
    beside.assert_unnoticed(&without);
    assert!(memory <= MAX_MEMORY, "{} MiB of memory", memory / MIB);
    // Two that are not taken are more than an organization may have.
    assert!(statuses.get("200").is_some_and(|made| (1..=2).contains(made)), "{statuses:?}");
    assert!(statuses.get("503").is_some_and(|refused| *refused > 0), "{statuses:?}");

    let gone = Instant::now();
    drop(untaken);
    while trial.attacker.ask(&json!({"query": SMALL}), None).await.refusal().is_some() {
        assert!(
            gone.elapsed() < FREE_WITHIN,
            "bytes are not free {:?} after the clients have gone",
            gone.elapsed()
        );
        yield_now().await;
    }
    println!("{name}: served again after {:.1?}", gone.elapsed());
    let Answer::Data(taken) = trial.attacker.ask(&json!({"query": LARGE}), None).await else {
        panic!("a large answer is refused although nothing is left of others");
    };
    assert_eq!(taken["contacts"]["nodes"].as_array().map(Vec::len), Some(200));
}

/// Counts answers by their status, and checks that refusals are what they should be.
fn statuses(beginnings: &[String]) -> BTreeMap<String, usize> {
    let mut statuses = BTreeMap::new();
    for answer in beginnings {
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        if status == "503" {
            let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
            let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
            let extensions = &body["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "OVERLOADED", "{body}");
            assert!(extensions["retryAfterMs"].is_u64(), "{body}");
        }
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

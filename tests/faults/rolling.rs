//! Two gateways on one database, stopped and started again in turn, as a new version is rolled out.

use std::{
    collections::HashMap,
    io::ErrorKind,
    net::TcpListener,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
    task::{JoinSet, block_in_place},
};
use uuid::Uuid;

use crate::{
    alone,
    client::{contact, created},
    cluster::Cluster,
    program::{Server, folder},
    raw, rows, seeded,
};

const RESTARTS: usize = 20;
const CLIENTS: usize = 16;
const EXIT_WITHIN: Duration = Duration::from_secs(10);

/// What clients know, and what became of their requests.
struct Replicas {
    addresses: [String; 2],
    key: String,
    enough: AtomicBool,
    /// Answers, by replica.
    answered: [AtomicUsize; 2],
    another: Notify,
    /// Connections that were refused, and made to the other replica.
    refused: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

impl Replicas {
    /// Asks one replica, or the other if it refuses the connection. Nothing else is tried again.
    async fn ask(&self, first: usize, body: &Value) -> Result<Value, String> {
        // Either may have come back since it refused, before the other one stopped.
        for turn in first..first + 4 {
            let replica = turn % 2;
            match TcpStream::connect(&self.addresses[replica]).await {
                Ok(stream) => {
                    let data = self.converse(stream, body).await?;
                    self.answered[replica].fetch_add(1, Ordering::Relaxed);
                    self.another.notify_one();
                    return Ok(data);
                }
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => return Err(format!("no connection: {error}")),
            }
        }
        Err("both refused".to_owned())
    }

    async fn converse(&self, mut stream: TcpStream, body: &Value) -> Result<Value, String> {
        let sent = stream.write_all(&raw::request(&self.key, body, None)).await;
        sent.map_err(|error| format!("not sent: {error}"))?;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer).await;
        read.map_err(|error| format!("broken off after {} bytes: {error}", answer.len()))?;
        raw::data(&answer)
    }

    /// Writes and reads until it is enough; what was written.
    async fn use_them(self: Arc<Self>, number: usize) -> HashMap<String, Uuid> {
        let mut written = HashMap::new();
        for count in 0.. {
            if self.enough.load(Ordering::Relaxed) {
                break;
            }
            let name = format!("{number}x{count}");
            let writes = count % 2 == 0;
            // Each client asks each replica for both.
            match self.ask(number + count / 2, &if writes { write(&name) } else { read() }).await {
                Ok(data) if writes => drop(written.insert(name, created(&data))),
                Ok(_) => {}
                Err(failure) => self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure),
            }
        }
        written
    }

    /// Waits until each replica has answered so many more.
    async fn both_answer(&self, more: usize) {
        let now = || [0, 1].map(|replica: usize| self.answered[replica].load(Ordering::Relaxed));
        let goal = now().map(|answered| answered + more);
        while now().iter().zip(goal).any(|(answered, goal)| *answered < goal) {
            self.another.notified().await;
        }
    }
}

fn write(name: &str) -> Value {
    let query = "mutation($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }";
    json!({"query": query, "variables": {"input": contact(name)}})
}

fn read() -> Value {
    json!({"query": "{ contacts(first: 10) { nodes { id firstName tags } } }"})
}

/// A port that nobody is given for a connection of theirs while a replica is away.
fn port(random: &mut StdRng) -> String {
    loop {
        let address = format!("127.0.0.1:{}", random.random_range(10_000..30_000));
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_are_restarted_in_turn_and_no_request_fails() {
    let _alone = alone().await;
    let mut random = seeded("rolling restarts");
    let cluster = Cluster::start();
    let url = cluster.database().await;
    let folders = [folder(), folder()];
    let addresses = [port(&mut random), port(&mut random)];
    let start = |replica: usize| {
        let arguments = ["--database-url", &url];
        block_in_place(|| Server::start_on(&addresses[replica], folders[replica].path(), &arguments))
    };
    let mut servers = [0, 1].map(|replica| Some(start(replica)));
    let key = servers[0].as_ref().and_then(Server::key).expect("a key").to_owned();
    let replicas = Arc::new(Replicas {
        addresses: addresses.clone(),
        key,
        enough: AtomicBool::new(false),
        answered: Default::default(),
        another: Notify::new(),
        refused: AtomicUsize::new(0),
        failures: Mutex::default(),
    });
    let mut clients: JoinSet<_> = (0..CLIENTS).map(|number| replicas.clone().use_them(number)).collect();

    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for restart in 0..RESTARTS {
        replicas.both_answer(random.random_range(1..100)).await;
        let server = servers[restart % 2].take().expect("it runs");
        let told = Instant::now();
        server.signal("TERM");
        let (status, _) = block_in_place(|| server.wait());
        slowest = slowest.max(told.elapsed());
        assert_eq!(status.code(), Some(0), "restart {restart}");
        assert!(told.elapsed() < EXIT_WITHIN, "it ended after {:?}", told.elapsed());
        // Half of the time it is away for longer than a client's system waits to try again.
        tokio::time::sleep(Duration::from_millis(random.random_range(0..2_000))).await;
        servers[restart % 2] = Some(start(restart % 2));
    }
    replicas.both_answer(100).await;
    let lasted = began.elapsed();
    replicas.enough.store(true, Ordering::Relaxed);
    let mut written = HashMap::new();
    while let Some(of_one) = clients.join_next().await {
        written.extend(of_one.expect("a client"));
    }

    let failures = std::mem::take(&mut *replicas.failures.lock().unwrap_or_else(PoisonError::into_inner));
    println!(
        "rolling restarts: {RESTARTS} in {:.1} s, each ended after {slowest:?} at most; {:?} answers, \
        {} connections refused and made to the other, {} requests failed",
        lasted.as_secs_f32(),
        replicas.answered,
        replicas.refused.load(Ordering::Relaxed),
        failures.len(),
    );
    assert!(failures.is_empty(), "{failures:?}");
    assert!(replicas.refused.load(Ordering::Relaxed) > 0, "nobody noticed the restarts");
    assert_eq!(rows::contacts(&rows::connect(&url).await).await, written);
}

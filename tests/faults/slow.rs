//! Thousands of clients that are slow, or say nothing at all, beside one that is neither.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinHandle, JoinSet, block_in_place},
    time::{interval, timeout},
};

use crate::{
    alone,
    client::{Answer, Client},
    pace,
    program::{Server, folder},
};

/// Of each kind.
const CONNECTIONS: usize = 1_000;
/// A head, a body, and a pause between requests may take as long.
const DEADLINE: Duration = Duration::from_secs(10);
/// For a busy machine.
const SLACK: Duration = Duration::from_secs(4);
/// Between two bytes of those who send some.
const DRIP: Duration = Duration::from_secs(1);
/// Between two requests of the normal client.
const PAUSE: Duration = Duration::from_millis(25);
const SLOWEST_OF_HUNDRED: Duration = Duration::from_millis(100);

/// What a client does until it is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Sends nothing.
    Silent,
    /// Sends its head byte by byte.
    Head,
    /// Sends its head at once, and its body byte by byte.
    Body,
    /// Asks nothing more after its first answer.
    Idle,
}

impl Kind {
    /// What is sent at once.
    fn start(self, key: &str) -> String {
        match self {
            Self::Silent => String::new(),
            Self::Head => "POST /graphql HTTP/1.1\r\nhost: a\r\nx-slow: ".to_owned(),
            Self::Body => format!(
                "POST /graphql HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\n\
                content-type: application/json\r\ncontent-length: 1000\r\n\r\n"
            ),
            Self::Idle => "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(),
        }
    }

    /// Keeps a connection until the server closes it; how long that took from when its time began.
    async fn keep(self, mut stream: TcpStream, key: &str) -> Duration {
        stream.write_all(self.start(key).as_bytes()).await.expect("sent");
        let mut answer = [0; 1024];
        if self == Self::Idle {
            let length = stream.read(&mut answer).await.expect("an answer");
            assert!(answer[..length].starts_with(b"HTTP/1.1 200 "), "{answer:?}");
        }
        let began = Instant::now();
        let mut drip = interval(DRIP);
        loop {
            tokio::select! {
                read = stream.read(&mut answer) => if matches!(read, Ok(0) | Err(_)) {
                    return began.elapsed();
                },
                // The end is what the read tells.
                _ = drip.tick(), if matches!(self, Self::Head | Self::Body) => {
                    stream.write_all(b" ").await.ok();
                }
            }
        }
    }
}

/// As many as are wanted, or as this process may have.
fn of_each_kind() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let files = files.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    files.map_or(CONNECTIONS, |files| (files.saturating_sub(200) / 4).min(CONNECTIONS))
}

/// Writes and reads in turn until it is enough; how long each answer took, in order of that.
fn normal_client(client: Client, enough: Arc<AtomicBool>) -> JoinHandle<Vec<Duration>> {
    tokio::spawn(async move {
        let mut took = Vec::new();
        while !enough.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let answer = match took.len() % 2 {
                0 => client.create(&format!("normal{}", took.len()), None).await,
                _ => client.list().await,
            };
            assert!(matches!(answer, Answer::Data(_)), "{answer:?}");
            took.push(asked.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        took.sort();
        took
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_off_in_time_and_slow_nobody_down() {
    let _alone = alone().await;
    let folder = folder();
    // Slow bodies are requests under way: they must not be refused, but be slow.
    let mut arguments = vec!["--max-connections-per-address", "10000"];
    arguments.extend(["--max-requests", "5000", "--max-requests-per-organization", "5000"]);
    let mut server = block_in_place(|| Server::start(folder.path(), &arguments));
    let key: Arc<str> = server.key().expect("a key").into();
    let client = Client::new(&server, &key);
    let before = pace::before(&client).await;
    let enough = Arc::new(AtomicBool::new(false));
    let normal = normal_client(client.clone(), enough.clone());

    let connections = of_each_kind();
    let began = Instant::now();
    let mut slow = JoinSet::new();
    for _ in 0..connections {
        for kind in [Kind::Silent, Kind::Head, Kind::Body, Kind::Idle] {
            let stream = TcpStream::connect(&server.address).await.expect("a connection");
            let key = key.clone();
            slow.spawn(async move { (kind, kind.keep(stream, &key).await) });
        }
    }
    let opened = began.elapsed();
    let mut closed: BTreeMap<Kind, Vec<Duration>> = BTreeMap::new();
    while let Ok(Some(ended)) = timeout(2 * (DEADLINE + SLACK), slow.join_next()).await {
        let (kind, after) = ended.expect("a slow client");
        closed.entry(kind).or_default().push(after);
    }
    let lasted = began.elapsed();
    enough.store(true, Ordering::Relaxed);
    let normal = normal.await.expect("a normal client");
    let (median, slowest) = (normal[normal.len() / 2], normal[normal.len() * 99 / 100]);
    let after = pace::after(&client, before).await;
    assert!(server.child.try_wait().is_ok_and(|ended| ended.is_none()), "the gateway ended");

    println!(
        "slow clients: 4 kinds of {connections}, opened within {opened:.1?}, all closed after {lasted:.1?}; \
        {} answers to a normal client, p50 {median:.1?}, p99 {slowest:.1?}; \
        {before:.0} answers a second before, {after:.0} after",
        normal.len()
    );
    for (kind, after) in &closed {
        let (first, last) = (after.iter().min().expect("one"), after.iter().max().expect("one"));
        println!("slow clients: {kind:?} closed after {first:.2?} to {last:.2?}");
        assert_eq!(after.len(), connections, "{kind:?}");
        // The server may have begun to count a little earlier than the client.
        assert!(*first >= DEADLINE - SLACK / 4, "{kind:?} was cut off after {first:?}");
        assert!(*last <= DEADLINE + SLACK, "{kind:?} was cut off after {last:?}");
    }
    assert_eq!(closed.len(), 4, "a kind that was never cut off");
    assert!(slowest < SLOWEST_OF_HUNDRED, "p99 is {slowest:?}");
}

//! Thousands of clients that are slow, or say nothing at all, beside one that is neither.

use std::{
    collections::BTreeMap,
    fmt, fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinSet, block_in_place},
    time::{interval, timeout},
};

use crate::{
    alone,
    client::{Answer, Client},
    is_quiet, pace,
    program::{Server, folder},
};

/// Of each kind.
const CONNECTIONS: usize = 1_000;
/// A head, a body, and a pause between requests may take 10 seconds; the server may begin to count
/// them a little earlier than the client.
const EARLIEST: Duration = Duration::from_secs(9);
/// Four seconds are for a busy machine.
const LATEST: Duration = Duration::from_secs(10 + 4);
/// Between two bytes of those who send some.
const DRIP: Duration = Duration::from_secs(1);
/// Between two requests of the normal client.
const PAUSE: Duration = Duration::from_millis(25);
/// Its p99 beside the slow ones; unless the machine is quiet, what they may add to it.
const SLOWED_BY: Duration = Duration::from_millis(100);
/// Answers to it before they come.
const UNDISTURBED: usize = 100;

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
            Self::Head => "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-slow: ".to_owned(),
            Self::Body => format!(
                "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\n\
                content-type: application/json\r\ncontent-length: 1000\r\n\r\n"
            ),
            Self::Idle => "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(),
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

/// How long the answers to the normal client took, the fastest first.
struct Took(Vec<Duration>);

impl Took {
    /// Writes and reads in turn until it is enough of answers.
    async fn until(client: Client, enough: impl Fn(usize) -> bool) -> Self {
        let mut took = Vec::new();
        while !enough(took.len()) {
            let asked = Instant::now();
            let answer = match took.len() % 2 {
                0 => client.create("normal", None).await,
                _ => client.list().await,
            };
            assert!(matches!(answer, Answer::Data(_)), "{answer:?}");
            took.push(asked.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        took.sort();
        Self(took)
    }

    fn percentile(&self, percent: usize) -> Duration {
        self.0[self.0.len() * percent / 100]
    }
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, slowest) = (self.percentile(50), self.percentile(99));
        write!(f, "{} answers, p50 {median:.1?}, p99 {slowest:.1?}", self.0.len())
    }
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
    let undisturbed = Took::until(client.clone(), |answers| answers == UNDISTURBED).await;
    let normal = {
        let enough = enough.clone();
        tokio::spawn(Took::until(client.clone(), move |_| enough.load(Ordering::Relaxed)))
    };

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
    while let Ok(Some(ended)) = timeout(2 * LATEST, slow.join_next()).await {
        let (kind, after) = ended.expect("a slow client");
        closed.entry(kind).or_default().push(after);
    }
    let lasted = began.elapsed();
    enough.store(true, Ordering::Relaxed);
    let normal = normal.await.expect("a normal client");
    let after = pace::after(&client, before).await;
    assert!(server.child.try_wait().is_ok_and(|ended| ended.is_none()), "the gateway ended");

    println!(
        "slow clients: 4 kinds of {connections}, opened within {opened:.1?}, all closed after {lasted:.1?}; \
        a normal client meanwhile: {normal}; before: {undisturbed}; \
        pace: {before:.0} answers a second before, {after:.0} after",
    );
    for (kind, after) in &closed {
        let (first, last) = (after.iter().min().expect("one"), after.iter().max().expect("one"));
        println!("slow clients: {kind:?} closed after {first:.2?} to {last:.2?}");
        assert_eq!(after.len(), connections, "{kind:?}");
        assert!(*first >= EARLIEST, "{kind:?} was cut off after {first:?}");
        assert!(*last <= LATEST, "{kind:?} was cut off after {last:?}");
    }
    assert_eq!(closed.len(), 4, "a kind that was never cut off");
    let slowest = normal.percentile(99);
    let before = if is_quiet() { Duration::ZERO } else { undisturbed.percentile(99) };
    assert!(slowest < before + SLOWED_BY, "p99 is {slowest:?}, and was {before:?} before");
}

//! The closed-loop load generator: each connection sends its next request when the last one is answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{failure::Failure, workload::Requests};

/// Threads of the generator: as many as the machine that the figures are for has processors.
const THREADS: usize = 2;

/// Answers of a run.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Time at which each answer came, and the time that it took.
    pub(crate) times: Vec<(Instant, Duration)>,
    /// Number of answers that were refused or garbled.
    pub(crate) errors: u64,
    /// The first of them.
    pub(crate) first_error: Option<String>,
}

/// A run that is under way.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<Answers>>,
}

impl Load {
    /// Starts connections that send requests to a port.
    pub(crate) fn start(port: u16, requests: &Arc<Requests>, connections: usize) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for thread in 0..THREADS.min(connections) {
            let connections = connections / THREADS + usize::from(thread < connections % THREADS);
            let (requests, stop) = (requests.clone(), stop.clone());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            threads.push(thread::spawn(move || {
                runtime.block_on(async {
                    let mut clients = JoinSet::new();
                    for _ in 0..connections.max(1) {
                        clients.spawn(client(port, requests.clone(), stop.clone()));
                    }
                    let mut all = Answers::default();
                    while let Some(answers) = clients.join_next().await {
                        all.add(answers.unwrap_or_default());
                    }
                    all
                })
            }));
        }
        Ok(Self { stop, threads })
    }

    /// Waits for the answers that are under way, and returns all.
    pub(crate) fn stop(self) -> Answers {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Answers::default();
        for thread in self.threads {
            all.add(thread.join().unwrap_or_default());
        }
        all
    }
}

impl Answers {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    fn add_error(&mut self, error: &str) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| error.chars().take(500).collect());
    }
}

async fn client(port: u16, requests: Arc<Requests>, stop: Arc<AtomicBool>) -> Answers {
    let mut answers = Answers::default();
    let mut connection = match Connection::open(port).await {
        Ok(connection) => connection,
        Err(error) => {
            answers.add_error(&error.to_string());
            return answers;
        }
    };
    let mut request = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        request.clear();
        requests.next(|next| request.extend_from_slice(next));
        let started = Instant::now();
        match connection.ask(&request).await {
            Ok(answer) if answer.is_data() => {}
            Ok(answer) => answers.add_error(&answer.to_string()),
            Err(error) => {
                answers.add_error(&error.to_string());
                return answers;
            }
        }
        let now = Instant::now();
        answers.times.push((now, now - started));
    }
    answers
}

/// Connection to a server, kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Answer in the connection's buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: &'a [u8],
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(128 * 1024) })
    }

    /// Sends a request and reads its answer, whose length stands in its head.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, Failure> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut expected = None;
        while expected.is_none_or(|(_, end)| self.buffer.len() < end) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server has closed the connection".into());
            }
            if expected.is_none() {
                expected = lengths(&self.buffer)?;
            }
        }
        let (body, end) = expected.unwrap_or_default();
        let status = self.buffer.get(9..12).unwrap_or_default();
        Ok(Answer { status, body: &self.buffer[body..end] })
    }
}

/// Returns where the body begins and ends; `None` if the head is not complete yet.
fn lengths(buffer: &[u8]) -> Result<Option<(usize, usize)>, Failure> {
    let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse::<usize>().ok());
    let length = length.ok_or("an answer does not tell its length")?;
    Ok(Some((head + 4, head + 4 + length)))
}

impl Answer<'_> {
    /// Returns true for an answer without errors. Errors stand before or after the data.
    fn is_data(&self) -> bool {
        const EDGE: usize = 300;
        let body = self.body;
        let edges = [&body[..EDGE.min(body.len())], &body[body.len().saturating_sub(EDGE)..]];
        let has = |edge: &[u8], text: &[u8]| edge.windows(text.len()).any(|window| window == text);
        self.status == b"200"
            && body.starts_with(b"{\"data\":{")
            && !edges.iter().any(|edge| has(edge, b"\"errors\":") || has(edge, b"\"code\":"))
    }
}

impl std::fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", String::from_utf8_lossy(self.status), String::from_utf8_lossy(self.body))
    }
}

//! Clients that write and read all the time, each at the pace of a person's program, and what they
//! were answered.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::client::{Answer, Client, created};

/// Between an answer and the next request: so the rate is that of the clients, not of the machine,
/// and does not change when somebody else uses it.
const PAUSE: Duration = Duration::from_millis(80);
/// Longer than anything a client may wait for, several times.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at what the clients have done.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Write,
    Read,
}

/// The clients at work.
pub(crate) struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    client: Client,
    began: Instant,
    stop: AtomicBool,
    clients: Vec<OneClient>,
    seen: Mutex<Seen>,
}

struct OneClient {
    kind: Kind,
    /// When it sent the last request that was answered with data, in microseconds; 0: none was.
    served: AtomicU64,
}

/// What was answered.
#[derive(Default)]
pub(crate) struct Seen {
    /// The ids that were answered, by name.
    pub(crate) written: HashMap<String, Uuid>,
    /// The names whose writes were answered with a code, which it is.
    pub(crate) refused: HashMap<String, String>,
    pub(crate) reads: usize,
    /// How often, by code.
    pub(crate) codes: BTreeMap<(Kind, String), usize>,
    pub(crate) slowest: BTreeMap<Kind, Duration>,
}

impl Load {
    /// Half of the clients write, each its own contacts; half of them read.
    pub(crate) fn start(client: &Client, clients: usize) -> Self {
        let kinds = [Kind::Write, Kind::Read].into_iter().cycle().take(clients);
        let one = |kind| OneClient { kind, served: AtomicU64::new(0) };
        let shared = Arc::new(Shared {
            client: client.clone(),
            began: Instant::now(),
            stop: AtomicBool::new(false),
            clients: kinds.map(one).collect(),
            seen: Mutex::default(),
        });
        let tasks = (0..clients).map(|number| work(shared.clone(), number)).collect();
        Self { shared, tasks }
    }

    /// How many requests were answered with data.
    pub(crate) fn served(&self) -> usize {
        let seen = self.shared.seen();
        seen.written.len() + seen.reads
    }

    /// How many requests were answered with a code.
    pub(crate) fn refused(&self) -> usize {
        self.shared.seen().codes.values().sum()
    }

    /// How many requests of this kind were answered with this code.
    pub(crate) fn refused_with(&self, kind: Kind, code: &str) -> usize {
        self.shared.seen().codes.get(&(kind, code.to_owned())).copied().unwrap_or_default()
    }

    /// How many were answered with data within a second from now.
    pub(crate) async fn rate(&self) -> usize {
        let before = self.served();
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.served() - before
    }

    /// Waits until every client was answered with data to a request that it sent after this moment.
    pub(crate) async fn all_served_since(&self, moment: Instant) {
        let moment = self.shared.micros(moment);
        let late = |client: &OneClient| client.served.load(Ordering::Relaxed) <= moment;
        self.until(|load| !load.shared.clients.iter().any(late)).await;
    }

    /// Waits until this has come to be so of it.
    pub(crate) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "it does not come to be so");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Lets every client finish what it has begun; all that was answered.
    pub(crate) async fn stop(mut self) -> Seen {
        self.shared.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a client");
        }
        std::mem::take(&mut *self.shared.seen())
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn micros(&self, moment: Instant) -> u64 {
        u64::try_from((moment - self.began).as_micros()).expect("a test ends some day")
    }
}

async fn work(shared: Arc<Shared>, number: usize) {
    let me = &shared.clients[number];
    let mut count = 0;
    while !shared.stop.load(Ordering::Relaxed) {
        count += 1;
        let name = format!("{number}-{count}");
        let sent = Instant::now();
        let answer = match me.kind {
            Kind::Write => shared.client.create(&name, None).await,
            Kind::Read => shared.client.list().await,
        };
        shared.seen().note(me.kind, name, &answer, sent.elapsed());
        if matches!(answer, Answer::Data(_)) {
            me.served.store(shared.micros(sent), Ordering::Relaxed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Seen {
    fn note(&mut self, kind: Kind, name: String, answer: &Answer, took: Duration) {
        let slowest = self.slowest.entry(kind).or_default();
        *slowest = took.max(*slowest);
        match (answer, kind) {
            (Answer::Data(data), Kind::Write) => {
                self.written.insert(name, created(data));
            }
            (Answer::Data(_), Kind::Read) => self.reads += 1,
            (Answer::Refused { code, .. }, _) => {
                *self.codes.entry((kind, code.clone())).or_default() += 1;
                if kind == Kind::Write {
                    self.refused.insert(name, code.clone());
                }
            }
            (Answer::Nothing, _) => panic!("the gateway did not answer a {kind:?}"),
        }
    }

    /// Every code is one that a client is told to expect, and what it says is true: what was
    /// answered as written is there, what was answered as not written is not.
    pub(crate) fn check(&self, kept: &HashMap<String, Uuid>) {
        for ((kind, code), times) in &self.codes {
            let expected: &[&str] = match kind {
                Kind::Write => &["UNAVAILABLE", "OVERLOADED", "OUTCOME_UNKNOWN"],
                Kind::Read => &["UNAVAILABLE", "OVERLOADED", "TIMEOUT"],
            };
            assert!(expected.contains(&code.as_str()), "a {kind:?} was answered {code}, {times} times");
        }
        let lost = self.written.iter().find(|(name, id)| kept.get(*name) != Some(*id));
        assert_eq!(lost, None, "answered as written, and not there");
        for name in kept.keys().filter(|name| !self.written.contains_key(*name)) {
            let code = self.refused.get(name).map(String::as_str);
            assert_eq!(code, Some("OUTCOME_UNKNOWN"), "{name} is there");
        }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} writes, {} reads, refused {:?}", self.written.len(), self.reads, self.codes)?;
        write!(f, ", slowest {:?}", self.slowest)
    }
}

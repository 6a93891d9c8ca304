//! Clients of one organization that ask for as much as they can.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
    time::sleep,
};

use crate::client::Client;

/// Pause of a client that was refused. Who asks again at once attacks what stands before the store.
const PAUSE: Duration = Duration::from_millis(20);

/// Maximum number of conditions of a document, but for one.
const CONDITIONS: usize = 99;
/// Number of conditions of which one must hold: more are refused as too complex.
const ALTERNATIVES: usize = 15;

/// The clients at work, on a thread of their own: what they take of the processor delays no other client's
/// requests before they are sent.
pub(super) struct Attack {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
    /// `None` once it has ended.
    runtime: Option<Runtime>,
}

struct Shared {
    client: Client,
    body: Box<dyn Fn(usize) -> Value + Send + Sync>,
    /// Number of the next request.
    next: AtomicUsize,
    stop: AtomicBool,
    answers: Mutex<Answers>,
}

/// The answers to an attack.
#[derive(Clone, Default)]
pub(super) struct Answers {
    pub(super) served: usize,
    /// Number of refusals by code.
    pub(super) refused: BTreeMap<String, usize>,
    pub(super) slowest: Duration,
}

impl Attack {
    /// Lets so many clients send the requests of this body one after the other, until they are stopped.
    pub(super) fn start(
        client: &Client,
        clients: usize,
        body: impl Fn(usize) -> Value + Send + Sync + 'static,
    ) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let shared = Arc::new(Shared {
            client: client.with_own_connections(),
            body: Box::new(body),
            next: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            answers: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            tasks.spawn_on(shared.clone().ask_on(), runtime.handle());
        }
        Self { shared, clients: tasks, runtime: Some(runtime) }
    }

    /// Has all clients hang up on what they have asked.
    pub(super) async fn hang_up(mut self) -> Answers {
        self.clients.shutdown().await;
        self.shared.answers().clone()
    }

    /// Waits until every client has been answered, and lets none ask again.
    pub(super) async fn finish(mut self) -> Answers {
        self.shared.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client");
        }
        self.shared.answers().clone()
    }

    /// Waits until so many requests have been sent, and all of them answered.
    pub(super) async fn finish_after(self, requests: usize) -> Answers {
        while self.shared.next.load(Ordering::Relaxed) < requests {
            sleep(PAUSE).await;
        }
        self.finish().await
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        // Any other way of dropping it would wait, which is not allowed here.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    async fn ask_on(self: Arc<Self>) {
        while !self.stop.load(Ordering::Relaxed) {
            let body = (self.body)(self.next.fetch_add(1, Ordering::Relaxed));
            let asked = Instant::now();
            let refusal = self.client.ask(&body, None).await.refusal();
            let was_refused = refusal.is_some();
            self.answers().note(refusal, asked.elapsed());
            if was_refused {
                sleep(PAUSE).await;
            }
        }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    fn note(&mut self, refusal: Option<String>, took: Duration) {
        self.slowest = self.slowest.max(took);
        match refusal {
            Some(code) => *self.refused.entry(code).or_default() += 1,
            None => self.served += 1,
        }
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} served, refused {:?}, slowest {:.1?}", self.served, self.refused, self.slowest)
    }
}

/// Returns a request that counts the contacts of a filter.
pub(super) fn count(filter: &Value) -> Value {
    let query = "query($filter: ContactFilter) { contacts(first: 0, filter: $filter) { totalCount } }";
    json!({"query": query, "variables": {"filter": filter}})
}

/// Returns a count for which no index helps: of contacts for which one of some conditions holds, or all of many.
pub(super) fn scan(number: usize) -> Value {
    let text = |condition| json!({"city": {"contains": format!("{number}x{condition}")}});
    let absent = |condition| json!({"not": text(condition)});
    count(&match number % 2 {
        0 => json!({"or": (0..ALTERNATIVES).map(text).collect::<Vec<_>>()}),
        _ => json!({"and": (0..CONDITIONS).map(absent).collect::<Vec<_>>()}),
    })
}

/// Returns such a count of contacts with keys in their `metadata` that none has.
pub(super) fn metadata_scan(number: usize) -> Value {
    let key = |condition: usize| format!("{number}x{condition}");
    let equal = |condition| json!({"metadata": [{"key": key(condition), "eq": "a"}]});
    let absent = |condition| json!({"key": key(condition), "isNull": true});
    count(&match number % 2 {
        0 => json!({"or": (0..ALTERNATIVES).map(equal).collect::<Vec<_>>()}),
        _ => json!({"metadata": (0..CONDITIONS).map(absent).collect::<Vec<_>>()}),
    })
}

/// Returns a JSON object of 16 KB and 190 keys.
pub(super) fn large_metadata() -> String {
    let member = |number| (format!("key{number}"), Value::from("value ".repeat(12)));
    Value::Object((0..190).map(member).collect()).to_string()
}

/// Number of a shape as large as any.
pub(super) const LARGEST: usize = 999_959;

/// Returns a page whose filter has a shape of its own for each number below a million, and so a statement
/// whose text no other has: a short one, or a long one.
pub(super) fn shape(number: usize) -> Value {
    const FIELDS: [&str; 10] = [
        "firstName",
        "lastName",
        "company",
        "jobTitle",
        "industry",
        "city",
        "state",
        "country",
        "stage",
        "source",
    ];
    let digit = |place: u32| number / 10_usize.pow(place % 6) % 10;
    let conditions = (0..u32::try_from(10 + number % 60).expect("small")).map(|place| {
        let field = FIELDS[(digit(place) + usize::try_from(place).expect("small")) % FIELDS.len()];
        let operator = if place % 2 == 0 { "neq" } else { "contains" };
        json!({"not": {(field): {(operator): "x"}}})
    });
    let filter = json!({"and": conditions.collect::<Vec<_>>()});
    let query = "query($filter: ContactFilter) { contacts(first: 1, filter: $filter) { nodes { id } } }";
    json!({"query": query, "variables": {"filter": filter}})
}

/// Returns a plain page.
pub(super) fn page(_: usize) -> Value {
    json!({"query": "{ contacts(first: 10) { nodes { id firstName tags phones { number } } } }"})
}

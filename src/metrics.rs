//! Metrics for Prometheus: all that `docs/operations.md` lists.
//!
//! Labels have few values, none of them a client's. Before [`install`], and without it, what is
//! counted goes nowhere and costs next to nothing.

use std::{sync::LazyLock, time::Duration};

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "contacts_gateway_requests_total";
const REQUEST_DURATION: &str = "contacts_gateway_request_duration_seconds";
const REQUEST_COST: &str = "contacts_gateway_request_cost_points";
const CHARGED_POINTS: &str = "contacts_gateway_charged_points_total";
const FAILED_KEYS: &str = "contacts_gateway_failed_keys_total";
const STATEMENT_DURATION: &str = "contacts_gateway_statement_duration_seconds";
const CLIENTS: &str = "contacts_gateway_client_connections";
const CONNECTIONS: &str = "contacts_gateway_database_connections";
const WAITING_WRITES: &str = "contacts_gateway_waiting_writes";
const WAL_BYTES: &str = "contacts_gateway_wal_bytes";
const ANSWER_CACHE_LOOKUPS: &str = "contacts_gateway_answer_cache_lookups_total";
const BATCH_SIZE: &str = "contacts_gateway_write_batch_size";

/// Bounds of the buckets for durations of requests and statements. The last is the default deadline.
const SECONDS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
const POINTS: [f64; 9] = [1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 10_000.0];
const JOBS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Everything counted so far.
#[derive(Clone)]
pub struct Exposition(PrometheusHandle);

impl std::fmt::Debug for Exposition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exposition").finish_non_exhaustive()
    }
}

impl Exposition {
    /// Returns it in the text format of Prometheus.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.render()
    }

    /// Sorts what was measured since the last time into its buckets. Otherwise measurements that
    /// are not read would take more and more memory.
    pub fn fold(&self) {
        self.0.run_upkeep();
    }
}

/// Starts counting. It is to be called once, before anything is counted.
///
/// # Errors
/// It was called before.
pub fn install() -> Result<Exposition, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for (name, buckets) in [
        (REQUEST_DURATION, &SECONDS[..]),
        (STATEMENT_DURATION, &SECONDS),
        (REQUEST_COST, &POINTS),
        (BATCH_SIZE, &JOBS),
    ] {
        let whole = Matcher::Full(name.to_owned());
        builder = builder.set_buckets_for_metric(whole, buckets)?;
    }
    let exposition = Exposition(builder.install_recorder()?);
    describe();
    // What may never be counted is told as zero.
    charged(0);
    for is_hit in [true, false] {
        answer_cache_lookups(is_hit, 0);
    }
    Ok(exposition)
}

fn describe() {
    describe_counter!(REQUESTS, Unit::Count, "Requests to the API that were answered");
    describe_histogram!(REQUEST_DURATION, Unit::Seconds, "Time from a request's head to its answer");
    describe_histogram!(REQUEST_COST, Unit::Count, "Points that requests cost");
    describe_counter!(CHARGED_POINTS, Unit::Count, "Points charged after the work they are for");
    describe_counter!(
        ANSWER_CACHE_LOOKUPS,
        Unit::Count,
        "Queries that were looked up in the cache of answers"
    );
    describe_counter!(FAILED_KEYS, Unit::Count, "Requests with an API key that is not valid");
    describe_histogram!(STATEMENT_DURATION, Unit::Seconds, "Time of statements to the database");
    describe_gauge!(CLIENTS, Unit::Count, "Connections of clients");
    describe_gauge!(CONNECTIONS, Unit::Count, "Connections to the database");
    describe_gauge!(WAITING_WRITES, Unit::Count, "Writes that wait for their transaction");
    describe_gauge!(WAL_BYTES, Unit::Bytes, "Length of SQLite's write-ahead log");
    describe_histogram!(BATCH_SIZE, Unit::Count, "Writes that shared a transaction");
}

/// The operation of a request to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operation {
    Query,
    Mutation,
    Subscription,
}

impl Operation {
    /// Value of the label, and of the field in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// The outcome of a request to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered without an error.
    Answered,
    /// Answered with errors of some fields.
    Partial,
    /// Answered with nothing but errors.
    Refused,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Partial => "partial",
            Self::Refused => "refused",
        }
    }
}

/// Counts a request to the API. `code` is that of its first error, one of the table in docs/api.md.
pub fn request(
    operation: Option<Operation>,
    outcome: Outcome,
    code: Option<&'static str>,
    duration: Duration,
    cost: Option<usize>,
) {
    let of_kind = match operation {
        Some(Operation::Query) => &REQUEST.query,
        Some(Operation::Mutation) => &REQUEST.mutation,
        // The schema has no subscriptions: they are refused as what is not an operation.
        Some(Operation::Subscription) | None => &REQUEST.none,
    };
    match code {
        None => of_kind.answered.increment(1),
        Some(code) => requests(operation, outcome, code).increment(1),
    }
    of_kind.duration.record(duration);
    if let Some(cost) = cost.and_then(|cost| u32::try_from(cost).ok()) {
        REQUEST.cost.record(cost);
    }
}

fn requests(operation: Option<Operation>, outcome: Outcome, code: &'static str) -> Counter {
    let operation = operation.map_or("none", Operation::name);
    counter!(REQUESTS, "operation" => operation, "outcome" => outcome.name(), "code" => code)
}

/// Looked up once, since every request counts in them.
static REQUEST: LazyLock<Requests> = LazyLock::new(|| {
    let kind = |operation: Option<Operation>| OfOperation {
        answered: requests(operation, Outcome::Answered, "none"),
        duration: histogram!(REQUEST_DURATION, "operation" => operation.map_or("none", Operation::name)),
    };
    Requests {
        query: kind(Some(Operation::Query)),
        mutation: kind(Some(Operation::Mutation)),
        none: kind(None),
        cost: histogram!(REQUEST_COST),
    }
});

struct Requests {
    query: OfOperation,
    mutation: OfOperation,
    none: OfOperation,
    cost: Histogram,
}

struct OfOperation {
    answered: Counter,
    duration: Histogram,
}

/// A connection of a client's, counted as long as this lives.
#[derive(Debug)]
pub struct ClientConnection(());

static CLIENT_CONNECTIONS: LazyLock<Gauge> = LazyLock::new(|| gauge!(CLIENTS));

impl ClientConnection {
    /// Counts one more.
    #[must_use]
    pub fn begin() -> Self {
        CLIENT_CONNECTIONS.increment(1);
        Self(())
    }
}

impl Drop for ClientConnection {
    fn drop(&mut self) {
        CLIENT_CONNECTIONS.decrement(1);
    }
}

/// Counts a request whose key is not valid: `invalid`, or `limited` where it was one too many.
pub fn failed_key(outcome: &'static str) {
    counter!(FAILED_KEYS, "outcome" => outcome).increment(1);
}

/// Counts points that an organization is charged for work that is done.
pub fn charged(points: usize) {
    static CHARGED: LazyLock<Counter> = LazyLock::new(|| counter!(CHARGED_POINTS));
    CHARGED.increment(u64::try_from(points).unwrap_or(u64::MAX));
}

/// Counts a query that was looked up in the cache of answers.
pub fn answer_cache_lookup(is_hit: bool) {
    answer_cache_lookups(is_hit, 1);
}

fn answer_cache_lookups(is_hit: bool, number: u64) {
    static HITS: LazyLock<Counter> = LazyLock::new(|| counter!(ANSWER_CACHE_LOOKUPS, "outcome" => "hit"));
    static MISSES: LazyLock<Counter> = LazyLock::new(|| counter!(ANSWER_CACHE_LOOKUPS, "outcome" => "miss"));
    if is_hit { &HITS } else { &MISSES }.increment(number);
}

/// Counts a statement.
pub fn statement(duration: Duration, failed: bool) {
    static DONE: LazyLock<Histogram> = LazyLock::new(|| histogram!(STATEMENT_DURATION, "outcome" => "done"));
    static FAILED: LazyLock<Histogram> =
        LazyLock::new(|| histogram!(STATEMENT_DURATION, "outcome" => "failed"));
    if failed { &FAILED } else { &DONE }.record(duration);
}

/// Counts a transaction of so many writes.
pub fn batch(writes: usize) {
    static SIZE: LazyLock<Histogram> = LazyLock::new(|| histogram!(BATCH_SIZE));
    SIZE.record(u32::try_from(writes).unwrap_or(u32::MAX));
}

/// Connections and writes at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Connections that read.
    pub readers: Pool,
    /// Connections that write.
    pub writers: Pool,
    /// Writes that wait for their transaction.
    pub waiting_writes: usize,
    /// Length of SQLite's write-ahead log; 0 on PostgreSQL.
    pub wal_bytes: u64,
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Connections at work.
    pub in_use: usize,
    /// Open connections that are free.
    pub idle: usize,
}

/// Sets the gauges of connections and writes.
#[expect(clippy::cast_precision_loss, reason = "numbers that a double holds")]
pub fn load(load: Load) {
    for (pool, Pool { in_use, idle }) in [("read", load.readers), ("write", load.writers)] {
        gauge!(CONNECTIONS, "pool" => pool, "state" => "in_use").set(in_use as f64);
        gauge!(CONNECTIONS, "pool" => pool, "state" => "idle").set(idle as f64);
    }
    gauge!(WAITING_WRITES).set(load.waiting_writes as f64);
    gauge!(WAL_BYTES).set(load.wal_bytes as f64);
}

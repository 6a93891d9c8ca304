//! A client of an organization that does nothing unusual.

use std::{
    collections::BTreeMap,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{client::Client, is_quiet};

/// Pause between an answer and the next request.
const PAUSE: Duration = Duration::from_millis(8);
/// Pause between two questions for the gateway's readiness.
const READINESS_PAUSE: Duration = Duration::from_millis(100);

/// Maximum ratio of the p99 beside an attack to that without.
const MAX_RATIO: u32 = 5;

/// Minimum p99 to compare with, below which it says more of the machine than of the gateway. With other programs
/// beside, each change of threads can take as long as theirs have their turns.
fn min_p99() -> Duration {
    Duration::from_millis(if is_quiet() { 5 } else { 40 })
}

/// A client that reads and, if it is to, writes in turn.
pub(super) struct Bystander {
    pub(super) client: Client,
    pub(super) writes: bool,
}

/// The answers that it got.
#[derive(Default)]
pub(super) struct Seen {
    reads: Vec<Duration>,
    writes: Vec<Duration>,
    /// Number of refusals by code.
    refused: BTreeMap<String, usize>,
    /// Number of answers of `/readyz` by status.
    readiness: BTreeMap<u16, usize>,
}

impl Bystander {
    /// Asks on and on while something else is done; what it saw, and the other's outcome.
    pub(super) async fn watch<T>(&self, meanwhile: impl Future<Output = T>) -> (Seen, T) {
        let over = AtomicBool::new(false);
        let meanwhile = async {
            let outcome = meanwhile.await;
            over.store(true, Ordering::Relaxed);
            outcome
        };
        let (mut seen, readiness, outcome) = tokio::join!(self.ask(&over), self.readiness(&over), meanwhile);
        seen.readiness = readiness;
        (seen, outcome)
    }

    /// Asks for so long.
    pub(super) async fn watch_for(&self, time: Duration) -> Seen {
        self.watch(sleep(time)).await.0
    }

    async fn ask(&self, over: &AtomicBool) -> Seen {
        let mut seen = Seen::default();
        let mut writes = self.writes;
        while !over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let answer =
                if writes { self.client.create("bystander", None).await } else { self.client.list().await };
            let took = if writes { &mut seen.writes } else { &mut seen.reads };
            took.push(asked.elapsed());
            if let Some(code) = answer.refusal() {
                *seen.refused.entry(code).or_default() += 1;
            }
            writes = self.writes && !writes;
            sleep(PAUSE).await;
        }
        seen.reads.sort();
        seen.writes.sort();
        seen
    }

    async fn readiness(&self, over: &AtomicBool) -> BTreeMap<u16, usize> {
        let mut readiness = BTreeMap::new();
        while !over.load(Ordering::Relaxed) {
            *readiness.entry(self.client.readiness().await).or_default() += 1;
            sleep(READINESS_PAUSE).await;
        }
        readiness
    }
}

impl Seen {
    /// Checks that every request was served.
    #[track_caller]
    pub(super) fn assert_served(&self) {
        assert!(self.refused.is_empty(), "refused: {:?}", self.refused);
        assert_eq!(self.readiness.keys().collect::<Vec<_>>(), [&200], "readiness: {:?}", self.readiness);
    }

    /// Returns the p99 of its writes.
    pub(super) fn writes_p99(&self) -> Duration {
        p99(&self.writes)
    }

    /// Checks that this, beside an attack, is as it was without.
    #[track_caller]
    pub(super) fn assert_unnoticed(&self, without: &Self) {
        self.assert_served();
        let slowed = self.slowed(without);
        assert!(slowed.is_empty(), "the p99 of {}", slowed.join(", and that of "));
    }

    /// Returns true if this, beside an attack, was as fast as without.
    pub(super) fn is_as_fast_as(&self, without: &Self) -> bool {
        self.slowed(without).is_empty()
    }

    /// Returns the kinds of requests that were slower than they may be, in words.
    fn slowed(&self, without: &Self) -> Vec<String> {
        let kinds = [("reads", &self.reads, &without.reads), ("writes", &self.writes, &without.writes)];
        let slowed = kinds.into_iter().filter_map(|(kind, beside, without)| {
            let (beside, without) = (p99(beside), p99(without));
            let is_slow = beside > MAX_RATIO * without.max(min_p99());
            is_slow.then(|| format!("{kind} is {beside:.1?}, and {without:.1?} without the attack"))
        });
        slowed.collect()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, took) in [("reads", &self.reads), ("writes", &self.writes)] {
            write!(f, "{} {kind} p50 {:.1?} p99 {:.1?}, ", took.len(), percentile(took, 50), p99(took))?;
        }
        write!(f, "refused {:?}, readiness {:?}", self.refused, self.readiness)
    }
}

fn p99(took: &[Duration]) -> Duration {
    percentile(took, 99)
}

fn percentile(took: &[Duration], percent: usize) -> Duration {
    took.get(took.len() * percent / 100).copied().unwrap_or_default()
}

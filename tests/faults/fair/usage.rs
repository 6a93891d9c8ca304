//! Processor time and memory of the gateway, and of the processes that PostgreSQL has for it.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use sea_orm::DatabaseConnection;
use tokio::time::sleep;

use super::store::Store;
use crate::{is_quiet, program::Server, rows};

/// Number of bytes of a MiB.
pub(super) const MIB: u64 = 1 << 20;

/// Time after which nothing may be left of an attack that has stopped.
const IDLE_AFTER: Duration = Duration::from_secs(1);
/// Time for which the processes are watched.
const WATCHED: Duration = Duration::from_millis(500);
/// Maximum processor time of processes that do nothing, in that time. A statement that runs on would have
/// most of it, on a busy machine a third.
const MAX_IDLE: Duration = Duration::from_millis(60);

/// Maximum time for which a statement runs on after its deadline.
fn max_running_on() -> Duration {
    if is_quiet() { Duration::from_millis(100) } else { Duration::from_millis(500) }
}

/// The processes of a gateway.
pub(super) struct Processes<'a> {
    gateway: u32,
    postgres: Option<&'a DatabaseConnection>,
}

impl<'a> Processes<'a> {
    pub(super) fn of(server: &Server, store: &'a Store) -> Self {
        Self { gateway: server.child.id(), postgres: store.is_postgres().then_some(&store.database) }
    }

    /// Returns the processor time that each has spent.
    pub(super) async fn spent(&self) -> BTreeMap<u32, Duration> {
        let all = self.backends().await.into_iter().chain([self.gateway]);
        all.filter_map(|process| Some((process, processor_time(process)?))).collect()
    }

    /// Returns the processor time that all of them have spent since then.
    pub(super) async fn spent_since(&self, then: &BTreeMap<u32, Duration>) -> Duration {
        let since =
            |(process, now): (u32, Duration)| now.saturating_sub(then.get(&process).copied().unwrap_or(now));
        self.spent().await.into_iter().map(since).sum()
    }

    /// Checks that an attack that stops now keeps no process busy; the processor time that they still spend.
    pub(super) async fn assert_idle_after_a_second(&self) -> Duration {
        sleep(IDLE_AFTER).await;
        self.assert_idle().await
    }

    /// Checks that statements whose deadline was now have ended; the processor time that is still spent.
    pub(super) async fn assert_ended(&self) -> Duration {
        let deadline = Instant::now();
        sleep(max_running_on()).await;
        if let Some(database) = self.postgres {
            let active = "SELECT 1 FROM pg_stat_activity
                WHERE application_name = 'contacts-gateway' AND state = 'active'";
            let active = rows::query(database, active).await.len();
            assert_eq!(active, 0, "statements run {:?} after their deadline", deadline.elapsed());
        }
        self.assert_idle().await
    }

    async fn assert_idle(&self) -> Duration {
        let before = self.spent().await;
        sleep(WATCHED).await;
        let spent = self.spent_since(&before).await;
        assert!(spent <= MAX_IDLE, "{spent:?} of processor time within {WATCHED:?}, after the attack");
        spent
    }

    /// Returns the most memory that the gateway has had, in bytes.
    pub(super) fn peak_memory(&self) -> u64 {
        memory(self.gateway, "VmHWM")
    }

    /// Returns the memory that the gateway has, in bytes.
    pub(super) fn memory(&self) -> u64 {
        memory(self.gateway, "VmRSS")
    }

    /// Returns the memory that each process of PostgreSQL has for itself, in bytes.
    pub(super) async fn backend_memory(&self) -> BTreeMap<u32, u64> {
        self.backends().await.into_iter().map(|process| (process, memory(process, "RssAnon"))).collect()
    }

    async fn backends(&self) -> Vec<u32> {
        let Some(database) = self.postgres else {
            return Vec::new();
        };
        let processes = "SELECT pid FROM pg_stat_activity WHERE application_name = 'contacts-gateway'";
        let process = |row: &sea_orm::QueryResult| row.try_get_by_index::<i32>(0).expect("a number");
        let processes = rows::query(database, processes).await;
        processes.iter().filter_map(|row| u32::try_from(process(row)).ok()).collect()
    }
}

/// Returns the processor time of a process; `None` if it has ended.
fn processor_time(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program before it may contain anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    // Linux tells hundredths of a second on every machine.
    Some(Duration::from_millis(10 * ticks.sum::<u64>()))
}

/// Returns a line of a process's status, in bytes; 0 if it has ended.
fn memory(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    1024 * number.unwrap_or_default()
}

//! One organization takes all that it may of the store, and another one notices nothing.
//!
//! Each test measures what the other one sees twice: while nobody else asks, and beside the attack. It compares
//! the two, so that a slow machine is not a fault of the gateway.

mod attack;
mod bulk;
mod bystander;
mod drips;
mod memory;
mod stop;
mod store;
mod untaken;
mod usage;
mod wal;

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use self::{
    attack::{Answers, Attack, large_metadata, metadata_scan, page, scan},
    bystander::{Bystander, Seen},
    store::Store,
    usage::{MIB, Processes},
};
use crate::{alone, client::Client, is_quiet, program::Server};

/// Time for which the bystander is watched without an attack.
const WITHOUT: Duration = Duration::from_secs(3);
/// Time for which it is watched beside one.
const BESIDE: Duration = Duration::from_secs(6);
/// Time that an attack has before the bystander is watched beside it.
const RISE: Duration = Duration::from_millis(500);

/// Maximum number of times that a bystander is watched again.
const MAX_REPEATS: usize = 2;

/// Maximum memory of the gateway.
const MAX_MEMORY: u64 = 400 * MIB;

/// A gateway, and the clients of both organizations.
struct Trial {
    name: &'static str,
    store: Store,
    server: Server,
    attacker: Client,
    bystander: Bystander,
}

impl Trial {
    fn start(name: &'static str, store: Store, arguments: &[&str]) -> Self {
        let server = store.serve(arguments);
        let attacker = Client::new(&server, &store.attacker);
        let bystander = Bystander { client: Client::new(&server, &store.bystander), writes: true };
        Self { name, store, server, attacker, bystander }
    }

    fn processes(&self) -> Processes<'_> {
        Processes::of(&self.server, &self.store)
    }

    /// Returns what the bystander sees while nobody else asks, when everything has been used once.
    async fn without(&self) -> Seen {
        self.bystander.watch_for(RISE).await;
        self.bystander.watch_for(WITHOUT).await
    }

    /// Starts an attack, and returns what the bystander sees beside it.
    async fn beside(
        &self,
        clients: usize,
        body: impl Fn(usize) -> Value + Send + Sync + 'static,
    ) -> (Attack, Seen) {
        let attack = Attack::start(&self.attacker, clients, body);
        sleep(RISE).await;
        let before = self.processes().spent().await;
        let seen = self.bystander.watch_for(BESIDE).await;
        let spent = self.processes().spent_since(&before).await;
        println!("{}: {spent:.1?} of processor time within {BESIDE:.1?}", self.name);
        assert!(3 * spent >= BESIDE, "an attack that keeps nobody busy");
        (attack, seen)
    }

    /// Returns what the bystander sees at best: should it be slow, somebody else may have begun to use the machine,
    /// and it is watched again.
    async fn at_best(&self, mut seen: Seen, without: &Seen) -> Seen {
        for _ in 0..if is_quiet() { 0 } else { MAX_REPEATS } {
            if seen.is_as_fast_as(without) {
                break;
            }
            println!("{}: slow beside: {seen}", self.name);
            seen.assert_served();
            seen = self.bystander.watch_for(BESIDE).await;
        }
        seen
    }

    /// Prints the figures, and checks that the bystander has noticed nothing.
    fn assert_unnoticed(&self, without: &Seen, beside: &Seen, answers: &Answers) {
        self.assert_served(without, beside, answers);
        beside.assert_unnoticed(without);
    }

    /// Prints the figures, and checks that the bystander was served.
    fn assert_served(&self, without: &Seen, beside: &Seen, answers: &Answers) {
        let memory = self.processes().peak_memory();
        println!("{}: without: {without}", self.name);
        println!("{}: beside: {beside}; memory {} MiB; attack: {answers}", self.name, memory / MIB);
        beside.assert_served();
        assert!(memory <= MAX_MEMORY, "{} MiB of memory", memory / MIB);
    }
}

/// One test, on each engine. Those on PostgreSQL exist only where it was found.
macro_rules! on_both_engines {
    ($($sqlite:ident, $postgres:ident: $test:path;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sqlite() {
            let _alone = alone().await;
            $test(concat!(stringify!($test), ", SQLite"), Store::on_sqlite().await).await;
        }

        #[cfg(postgres_found)]
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $postgres() {
            let _alone = alone().await;
            $test(concat!(stringify!($test), ", PostgreSQL"), Store::on_postgres().await).await;
        }
    )+};
}

on_both_engines! {
    scans_are_not_noticed_on_sqlite, scans_are_not_noticed_on_postgres: scans;
    scans_of_large_metadata_are_not_noticed_and_end_in_time_on_sqlite,
    scans_of_large_metadata_are_not_noticed_and_end_in_time_on_postgres: scans_of_large_metadata;
    many_plain_pages_at_once_are_all_served_on_sqlite,
    many_plain_pages_at_once_are_all_served_on_postgres: plain_pages;
    filters_of_many_shapes_take_no_memory_on_sqlite,
    filters_of_many_shapes_take_no_memory_on_postgres: memory::shapes;
    writes_wait_for_one_large_change_at_most_on_sqlite,
    writes_wait_for_one_large_change_at_most_on_postgres: bulk::updates;
    deletions_that_look_through_many_contacts_are_not_noticed_on_sqlite,
    deletions_that_look_through_many_contacts_are_not_noticed_on_postgres: bulk::deletions;
    large_answers_that_nobody_takes_are_not_noticed_on_sqlite,
    large_answers_that_nobody_takes_are_not_noticed_on_postgres: untaken::answers;
    bodies_that_drip_cost_their_own_organization_nothing_on_sqlite,
    bodies_that_drip_cost_their_own_organization_nothing_on_postgres: drips::bodies;
    a_stop_under_the_heaviest_load_ends_in_time_and_keeps_what_was_answered_on_sqlite,
    a_stop_under_the_heaviest_load_ends_in_time_and_keeps_what_was_answered_on_postgres: stop::under_load;
}

async fn scans(name: &'static str, store: Store) {
    store.multiply(100, "{}").await;
    let clients = if store.is_postgres() { 32 } else { 8 };
    let trial = Trial::start(name, store, &[]);
    let without = trial.without().await;
    let (attack, beside) = trial.beside(clients, scan).await;
    let beside = trial.at_best(beside, &without).await;
    let answers = attack.hang_up().await;
    let left = trial.processes().assert_idle_after_a_second().await;
    println!("{name}: {left:?} of processor time a second after the attack");
    trial.assert_unnoticed(&without, &beside, &answers);
}

/// A time that passes within the test. No statement of the attack ends before it.
const REQUEST_TIMEOUT: &str = "2";

async fn scans_of_large_metadata(name: &'static str, store: Store) {
    store.multiply(10, &large_metadata()).await;
    let trial = Trial::start(name, store, &["--request-timeout", REQUEST_TIMEOUT]);
    let without = trial.without().await;
    let (attack, beside) = trial.beside(8, metadata_scan).await;
    let beside = trial.at_best(beside, &without).await;
    let backends = trial.processes().spent().await;
    let answers = attack.finish().await;
    let left = trial.processes().assert_ended().await;
    println!("{name}: {left:?} of processor time after the deadline");
    trial.assert_unnoticed(&without, &beside, &answers);
    assert!(answers.refused.contains_key("TIMEOUT"), "no statement that lasted: {answers}");
    // The connections that the statements were ended on are as good as before.
    let after = trial.processes().spent().await;
    assert!(backends.keys().all(|backend| after.contains_key(backend)), "{backends:?}, then {after:?}");
    trial.bystander.watch_for(RISE).await.assert_served();
}

async fn plain_pages(name: &'static str, store: Store) {
    let trial = Trial::start(name, store, &[]);
    let without = trial.without().await;
    let (attack, beside) = trial.beside(64, page).await;
    let answers = attack.finish().await;
    trial.assert_served(&without, &beside, &answers);
    assert!(answers.refused.is_empty(), "{answers}");
    // The processor is what these share. A gateway that is not optimised takes ten times as much of it for the 32
    // pages that it works on at once, which the bystander does notice.
    if !cfg!(debug_assertions) {
        beside.assert_unnoticed(&without);
    }
}

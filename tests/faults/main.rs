//! What happens to the gateway's clients when something underneath fails: its database, the wire
//! to it, its disk, or the gateway itself; or when other clients do not behave.
//!
//! Each test starts the gateway's own program, prints its seed and its figures, and has the machine
//! for itself. `FAULTS_SEED` repeats a seed.

#![expect(clippy::print_stdout, reason = "the figures are part of what a test says")]

mod client;
#[cfg(postgres_found)]
mod cluster;
mod disk;
mod fair;
mod kill;
#[cfg(postgres_found)]
mod load;
mod pace;
#[path = "../api/program.rs"]
#[expect(dead_code, reason = "the tests of the API use the rest")]
mod program;
#[cfg(postgres_found)]
mod proxy;
mod raw;
#[cfg(postgres_found)]
mod restart;
#[cfg(postgres_found)]
mod rolling;
mod rows;
mod slow;
#[cfg(postgres_found)]
mod standby;
mod storm;
mod support;
#[cfg(postgres_found)]
mod wire;

use rand::{SeedableRng as _, rngs::StdRng};
use tokio::sync::{Mutex, MutexGuard};

/// Lets the tests of this binary run one after another: each measures, and loads the machine.
async fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::const_new(());
    MACHINE.lock().await
}

/// The random numbers of a test, which it can be repeated with.
fn seeded(test: &str) -> StdRng {
    let given = std::env::var_os("FAULTS_SEED").and_then(|seed| seed.to_str()?.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("{test}: FAULTS_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Whether nobody else uses the machine, so that figures can be held to the letter.
fn is_quiet() -> bool {
    std::env::var_os("QUIET_MACHINE").is_some_and(|quiet| quiet == "1")
}

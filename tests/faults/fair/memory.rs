//! Statements of many shapes, none of which should stay in anyone's memory.

use super::{
    Trial,
    attack::{Attack, LARGEST, shape},
    store::Store,
    usage::MIB,
};

/// Number of shapes.
const SHAPES: usize = 500;
/// Number of times that each is sent in a row: often enough to be prepared.
const TIMES: usize = 4;
/// Number of pages of one shape before memory is measured: each connection is open then, and the gateway has
/// what it needs for filters of this size.
const WARM_UP: usize = 200;
/// Number of clients: more than an organization has connections.
const CLIENTS: usize = 8;

/// Maximum memory that the shapes may take, of the gateway or of one process of PostgreSQL.
const MAX_TAKEN: u64 = 20 * MIB;

pub(super) async fn shapes(name: &'static str, store: Store) {
    let trial = Trial::start(name, store, &[]);
    Attack::start(&trial.attacker, CLIENTS, |_| shape(LARGEST)).finish_after(WARM_UP).await;
    let (gateway, backends) = (trial.processes().memory(), trial.processes().backend_memory().await);
    let attack = Attack::start(&trial.attacker, CLIENTS, |number| shape(number / TIMES));
    let answers = attack.finish_after(TIMES * SHAPES).await;
    let gateway = trial.processes().memory().saturating_sub(gateway);
    let grown = trial.processes().backend_memory().await.into_iter().map(|(process, memory)| {
        // One that is new was opened in the meantime, and has nothing else.
        memory.saturating_sub(backends.get(&process).copied().unwrap_or_default())
    });
    let backend = grown.max().unwrap_or_default();
    println!(
        "{name}: {SHAPES} shapes took {:.1} MiB of the gateway and {:.1} MiB of a process of PostgreSQL; {answers}",
        mib(gateway),
        mib(backend),
    );
    assert!(answers.refused.is_empty(), "{answers}");
    assert!(gateway <= MAX_TAKEN, "{:.1} MiB of the gateway", mib(gateway));
    assert!(backend <= MAX_TAKEN, "{:.1} MiB of a process of PostgreSQL", mib(backend));
}

fn mib(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).expect("less than all memory")) / 1024.0
}

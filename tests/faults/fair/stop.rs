//! A gateway that is told to stop while everything at once is asked of it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sea_orm::QueryResult;
use uuid::Uuid;

use super::{
    Trial,
    attack::{Attack, scan},
    bulk,
    drips::{CONNECTIONS, Drips},
    store::Store,
    untaken::{CLIENTS, Untaken},
};
use crate::{
    client::{Answer, Client, created},
    rows,
};

/// Number of clients that look through all contacts.
const SCANNING_CLIENTS: usize = 8;
/// Number of writes that are answered before the gateway is told to stop.
const WRITES_BEFORE: usize = 5;
/// Maximum time from the signal to the end.
const EXIT_WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn under_load(name: &'static str, store: Store) {
    store.multiply(bulk::COPIES, "{}").await;
    store.fill_notes(&Store::bystander_id(), '\u{1f600}').await;
    let Trial { server, store, attacker, bystander, .. } = Trial::start(name, store, &[]);
    let untaken = Untaken::start(&server, &store.bystander, CLIENTS).await;
    untaken.reach_limit(&bystander.client).await;
    let drips = Drips::start(&server, &store.attacker, CONNECTIONS).await;
    let updates = Attack::start(&attacker, bulk::UPDATING_CLIENTS, bulk::update);
    let scans = Attack::start(&attacker, SCANNING_CLIENTS, scan);
    let mut written = HashMap::new();
    while written.len() < WRITES_BEFORE {
        write(&attacker, &mut written).await;
    }

    let told = Instant::now();
    server.signal("TERM");
    let writing = async {
        // A write that is under way then is answered, or not begun.
        while write(&attacker, &mut written).await {}
        written
    };
    let waiting = tokio::task::spawn_blocking(move || server.wait());
    let (written, ended) = tokio::join!(writing, waiting);
    let (status, _) = ended.expect("a thread");
    let took = told.elapsed();
    println!(
        "{name}: ended after {took:.1?}, {} writes answered; bulk updates: {}; scans: {}",
        written.len(),
        updates.hang_up().await,
        scans.hang_up().await,
    );
    drop((untaken, drips));
    assert_eq!(status.code(), Some(0));
    assert!(took < EXIT_WITHIN, "it ended after {took:?}");

    let again = store.serve(&[]);
    attacker.follow(&again);
    let kept = kept(&store).await;
    for (name, id) in &written {
        assert_eq!(kept.get(name), Some(id), "{name} was answered");
    }
    let after = attacker.create("after", None).await;
    assert!(matches!(after, Answer::Data(_)), "{after:?}");
}

/// Returns the contacts that [`write()`] has created, by their names.
async fn kept(store: &Store) -> HashMap<String, Uuid> {
    let written = "SELECT first_name, id FROM contact WHERE first_name LIKE 'written%'";
    let cells = |row: &QueryResult| Some((row.try_get_by_index(0).ok()?, row.try_get_by_index(1).ok()?));
    rows::query(&store.database, written).await.iter().map(|row| cells(row).expect("a contact")).collect()
}

/// Creates a contact, and notes it if that was answered; false if nobody answers any more.
async fn write(client: &Client, written: &mut HashMap<String, Uuid>) -> bool {
    let name = format!("written{}", written.len());
    match client.create(&name, None).await {
        Answer::Data(data) => {
            written.insert(name, created(&data));
            true
        }
        Answer::Refused { .. } => true,
        Answer::Nothing => false,
    }
}

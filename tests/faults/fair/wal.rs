//! SQLite's log of writes beside reads of which each begins before the one before it has ended.

use std::{fs, path::Path, time::Instant};

use serde_json::json;
use uuid::Uuid;

use super::{
    Trial,
    attack::{Attack, scan},
    store::Store,
    usage::MIB,
};
use crate::{
    alone,
    client::{Answer, Client},
    rows,
};

const NAME: &str = "wal, SQLite";

/// Number of clients that scan.
const SCANS: usize = 3;
/// Length of the notes that each write gives every contact of a list, in bytes.
const NOTES: usize = 60_000;
/// Maximum size of the log: 256 MiB, beyond which no slow read is begun, and what is written in some seconds
/// until those under way have ended.
const MAX_LOG: u64 = 480 * MIB;
/// Number of bytes of notes that are written in all. With all else, the log gets a third more.
const WRITTEN: u64 = 560 * MIB;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_sqlite_stays_bounded_beside_reads_that_overlap() {
    let _alone = alone().await;
    let store = Store::on_sqlite().await;
    let contacts = contacts(&store).await;
    store.multiply(100, "{}").await;
    let mut trial = Trial::start(NAME, store, &[]);
    // Its writes would wait in one queue with the attacker's, which are large.
    trial.bystander.writes = false;
    let without = trial.without().await;

    let attack = Attack::start(&trial.attacker, SCANS, scan);
    let log = trial.store.folder.path().join("contacts.db-wal");
    let began = Instant::now();
    let (beside, largest) = trial.bystander.watch(write(&trial.attacker, &contacts, &log)).await;
    let lasted = began.elapsed();
    let answers = attack.hang_up().await;
    println!(
        "{NAME}: {} MiB written in {lasted:.1?}, the log had {} MiB at most",
        WRITTEN / MIB,
        largest / MIB,
    );
    trial.processes().assert_idle_after_a_second().await;
    trial.assert_unnoticed(&without, &beside, &answers);
    assert!(largest <= MAX_LOG, "a log of {} MiB", largest / MIB);
}

/// Returns the ids of the attacker's contacts.
async fn contacts(store: &Store) -> Vec<Uuid> {
    let ids = format!("SELECT id FROM contact WHERE org_id = ({})", Store::attacker_id());
    let ids = rows::query(&store.database, &ids).await;
    ids.iter().map(|row| row.try_get_by_index(0).expect("an id")).collect()
}

/// Writes all that is to be written; the largest size that the log had.
async fn write(client: &Client, contacts: &[Uuid], log: &Path) -> u64 {
    let query = "mutation($input: UpdateContactsInput!) { updateContacts(input: $input) { affectedCount } }";
    let (mut written, mut largest) = (0, 0);
    for number in 0_u32.. {
        let notes = format!("{number:x>NOTES$}");
        let input = json!({"where": {"ids": contacts}, "set": {"notes": notes}});
        let answer = client.ask(&json!({"query": query, "variables": {"input": input}}), None).await;
        let Answer::Data(data) = answer else { panic!("a write: {answer:?}") };
        assert_eq!(data["updateContacts"]["affectedCount"], contacts.len());
        largest = fs::metadata(log).expect("the log is there").len().max(largest);
        written += u64::try_from(NOTES * contacts.len()).expect("not so many");
        if written >= WRITTEN {
            break;
        }
    }
    largest
}

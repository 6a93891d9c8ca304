//! Writes of many contacts at once, and writes for which many are looked through, beside another's small ones.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Trial, store::Store};

/// Number of clients that change all contacts at once.
pub(super) const UPDATING_CLIENTS: usize = 6;
/// Number of clients that look for contacts to delete.
const DELETING_CLIENTS: usize = 4;

/// Number of times that the attacker's 200 contacts are copied. Changing them all takes a second or so.
pub(super) const COPIES: usize = if cfg!(debug_assertions) { 9 } else { 29 };

/// Maximum p99 of a write that waits for one change of many contacts.
const MAX_WAIT: Duration = Duration::from_secs(3);

pub(super) async fn updates(name: &'static str, store: Store) {
    store.multiply(COPIES, "{}").await;
    let trial = Trial::start(name, store, &[]);
    let without = trial.without().await;
    let (attack, beside) = trial.beside(UPDATING_CLIENTS, update).await;
    let answers = attack.finish().await;
    trial.assert_served(&without, &beside, &answers);
    assert!(answers.served > 0, "{answers}");
    let p99 = beside.writes_p99();
    assert!(p99 <= MAX_WAIT, "a write waited for {p99:.1?}");
}

pub(super) async fn deletions(name: &'static str, store: Store) {
    store.multiply(100, "{}").await;
    let trial = Trial::start(name, store, &[]);
    let without = trial.without().await;
    let (attack, beside) = trial.beside(DELETING_CLIENTS, delete).await;
    let beside = trial.at_best(beside, &without).await;
    let answers = attack.hang_up().await;
    trial.assert_unnoticed(&without, &beside, &answers);
}

/// A change of all contacts of the organization.
pub(super) fn update(number: usize) -> Value {
    let query = "mutation($input: UpdateContactsInput!) {
        updateContacts(input: $input) { affectedCount userErrors { code } } }";
    let matching = json!({"filter": {}, "expectedCount": 200 * (COPIES + 1)});
    let set = json!({"notes": number.to_string(), "status": format!("s{}", number % 3)});
    json!({"query": query, "variables": {"input": {"where": {"matching": matching}, "set": set}}})
}

/// A deletion of contacts that are looked for among all, and of which there are none.
fn delete(number: usize) -> Value {
    let query = "mutation($input: DeleteContactsInput!) {
        deleteContacts(input: $input) { affectedCount userErrors { code } } }";
    let filter =
        json!({"jobTitle": {"contains": format!("nobody {number}")}, "website": {"contains": "nowhere"}});
    let matching = json!({"filter": filter, "expectedCount": 1});
    json!({"query": query, "variables": {"input": {"where": {"matching": matching}}}})
}

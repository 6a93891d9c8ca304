//! Changing contacts: updates, upserts, bulk writes, deletions, and repeats of them.

mod bulk;
mod deleting;
mod matching;
mod racing;
mod repeating;
mod updating;
mod upserting;

use serde_json::{Value, json};

use crate::support::App;

/// What the tests look at of a contact.
const CONTACT: &str = "id version firstName lastName email phone whatsappNumber company companyId
    status source isActive emailSubscribed score notes tags metadata externalId country
    emails { address isPrimary } phones { number isPrimary isWhatsapp doNotCall label }
    createdAt updatedAt tagAddedAt enrichedAt enrichmentStatus deletedAt";

const ERRORS: &str = "userErrors { code field conflictingContacts { id } }";

/// Runs a mutation that answers one contact; the payload.
async fn mutate(app: &App, field: &str, input: Value) -> Value {
    mutate_for(app, field, &format!("contact {{ {CONTACT} }}"), input).await
}

/// Runs a mutation with a selection of its payload.
pub(crate) async fn mutate_for(app: &App, field: &str, selection: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let query = format!("mutation($input: {kind}!) {{ {field}(input: $input) {{ {selection} {ERRORS} }} }}");
    let mut answer = app.ask_with(&query, json!({"input": input})).await;
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    answer["data"][field].take()
}

/// Updates a contact; it after the change.
pub(crate) async fn updated(app: &App, id: impl serde::Serialize, set: Value) -> Value {
    let payload = mutate(app, "updateContact", json!({"id": id, "set": set})).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["contact"].clone()
}

/// The codes and paths of a payload's faults.
fn faults(payload: &Value) -> Vec<String> {
    let faults = payload["userErrors"].as_array().expect("userErrors");
    let path = |fault: &Value| {
        let steps = fault["field"].as_array().cloned().unwrap_or_default();
        steps.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".")
    };
    faults.iter().map(|fault| format!("{} {}", fault["code"].as_str().unwrap_or("?"), path(fault))).collect()
}

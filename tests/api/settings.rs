//! The policy and API keys, changed through the API.

mod bounds;
mod keys;
mod makers;
mod policy;
mod races;
mod teams;
mod whole_lists;

use serde_json::{Value, json};

use crate::support::App;

/// Runs a settings mutation with a selection of its payload.
async fn change(app: &App, field: &str, selection: &str, input: Value) -> Value {
    change_as(app, &app.key, field, selection, input).await
}

async fn change_as(app: &App, key: &str, field: &str, selection: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {field}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    );
    let mut answer = app.ask_as(key, &query, json!({"input": input})).await;
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    answer["data"][field].take()
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

//! Filters, free text and identifiers, held against an evaluation that the tests do themselves.

mod fixture;
mod folding;
mod identifiers;
mod limits;
mod matching;
mod model;
mod operators;
mod plans;
mod random;
mod search;
mod tables;
mod trigrams;
mod twins;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::App;

/// The ids of a list with this filter, all of them; the total is held to them.
async fn filtered(app: &App, filter: &Value, include_deleted: bool) -> BTreeSet<String> {
    listed(app, json!({"filter": filter, "deleted": include_deleted})).await
}

/// The ids that free text finds among live contacts.
async fn found(app: &App, query: &str) -> BTreeSet<String> {
    listed(app, json!({"query": query, "deleted": false})).await
}

async fn listed(app: &App, variables: Value) -> BTreeSet<String> {
    const LIST: &str = "query($filter: ContactFilter, $query: String, $deleted: Boolean) {
        contacts(first: 200, filter: $filter, query: $query, includeDeleted: $deleted) {
            totalCount nodes { id } } }";
    let answer = app.ask_with(LIST, variables.clone()).await;
    assert_eq!(answer.get("errors"), None, "{variables:#} {answer:#}");
    let contacts = &answer["data"]["contacts"];
    let ids: BTreeSet<String> = contacts["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter_map(|node| node["id"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(contacts["totalCount"].as_u64(), Some(ids.len() as u64), "{variables:#}");
    ids
}

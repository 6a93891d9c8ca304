//! Companies, teams, users, pipelines and tags: reading and writing them, and what of it contacts follow.

mod cascades;
mod companies;
mod lists;
mod pipelines;
mod resuming;
mod scopes;
mod stage_cascades;
mod tags;
mod teams;
mod users;

use serde_json::{Value, json};

use crate::support::App;

impl App {
    /// The payload of a mutation that takes one `input`.
    pub(crate) async fn mutate(&self, mutation: &str, input: Value, selection: &str) -> Value {
        self.mutate_as(&self.key, mutation, input, selection).await
    }

    /// As [`Self::mutate`], with another key.
    pub(crate) async fn mutate_as(&self, key: &str, mutation: &str, input: Value, selection: &str) -> Value {
        let mut letters = mutation.chars();
        let name: String =
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
        let document = format!(
            "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection}
                userErrors {{ field code message conflictingContacts {{ id }} }} }} }}"
        );
        let mut answer = self.ask_as(key, &document, json!({"input": input})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#} for {input:#}");
        answer["data"][mutation].take()
    }

    /// As [`Self::mutate`], of a sound input.
    pub(crate) async fn done(&self, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.mutate(mutation, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload
    }

    /// What is wrong with an input, each as `path CODE`; the clock may not move then.
    pub(crate) async fn refused(&self, mutation: &str, input: Value) -> Vec<String> {
        let before = self.clock().await;
        let payload = self.mutate(mutation, input.clone(), "__typename").await;
        let faults = crate::fixtures::paths_and_codes(&payload);
        assert!(!faults.is_empty(), "{mutation} took {input:#}");
        assert_eq!(self.clock().await, before, "{mutation} wrote all the same: {payload:#}");
        faults
    }
}

//! Mutations one after the other, whose inputs may name what those before them made.

use axum::Router;
use serde_json::{Map, Value, json};

use super::{App, ask_once};

/// A mutation and its input.
pub(crate) type Step = (&'static str, Value);

/// Mutations of one organization. In their inputs `"$0"` is the id of what the first one made,
/// `"$1"` of what the second one made, and so on; other names are those it was given.
pub(crate) struct Steps {
    router: Router,
    /// Who asks: once a step has made a key, that one.
    pub(crate) key: String,
    names: Map<String, Value>,
    taken: usize,
}

impl Steps {
    pub(crate) fn new(app: &App, key: &str) -> Self {
        Self::over(app.router(), key)
    }

    /// Of whatever server.
    pub(crate) fn over(router: Router, key: &str) -> Self {
        Self { router, key: key.to_owned(), names: Map::new(), taken: 0 }
    }

    /// Makes a name for something that no mutation made.
    pub(crate) fn name(&mut self, name: &str, id: impl serde::Serialize) {
        self.names.insert(format!("${name}"), json!(id));
    }

    /// Takes a step that must succeed.
    pub(crate) async fn take(&mut self, mutation: &str, input: &Value) {
        let payload = self.payload(mutation, input, made_by(mutation)).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation} of {input:#}: {payload:#}");
        let made = payload.as_object().into_iter().flat_map(Map::values);
        let id = made.map(|made| made["id"].clone()).find(Value::is_string).unwrap_or_default();
        self.names.insert(format!("${}", self.taken), id);
        self.taken += 1;
        if let Some(secret) = payload["secret"].as_str() {
            secret.clone_into(&mut self.key);
        }
    }

    /// The payload of a mutation, with its `userErrors`.
    pub(crate) async fn payload(&self, mutation: &str, input: &Value, selection: &str) -> Value {
        let mut answer = self.send(None, mutation, input, selection).await;
        assert_eq!(answer.get("errors"), None, "{mutation} of {input:#}: {answer:#}");
        answer["data"][mutation].take()
    }

    /// The whole answer to a mutation, sent with an `Idempotency-Key` or without.
    pub(crate) async fn send(
        &self,
        once: Option<&str>,
        mutation: &str,
        input: &Value,
        selection: &str,
    ) -> Value {
        let document = format!(
            "mutation($input: {}{}Input!) {{ {mutation}(input: $input) {{ {selection}
                userErrors {{ field code message conflictingContacts {{ id }} }} }} }}",
            mutation[..1].to_uppercase(),
            &mutation[1..]
        );
        let variables = json!({"input": self.filled(input)});
        ask_once(self.router.clone(), &self.key, once, &document, variables).await
    }

    /// A value with ids in the place of their names.
    pub(crate) fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.names.get(text).unwrap_or(value).clone(),
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, member)| (key.clone(), self.filled(member))).collect()
            }
            other => other.clone(),
        }
    }
}

/// What to select of a payload to know what was made.
fn made_by(mutation: &str) -> &'static str {
    match mutation {
        "createContact" => "contact { id }",
        "createCompany" => "company { id }",
        "createTeam" => "team { id }",
        "createUser" => "user { id }",
        "createPipeline" => "pipeline { id }",
        "createApiKey" => "apiKey { id } secret",
        _ => "__typename",
    }
}

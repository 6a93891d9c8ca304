//! Every code of `UserErrorCode` is that of some answer.

mod cases;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::cases::cases;
use crate::support::{
    App,
    engine::on_each_engine,
    steps::{Step, Steps},
};

/// A request that is refused for one thing.
struct Case {
    code: &'static str,
    /// Where in the `input`, with dots; `None`: at no single place.
    field: Option<&'static str>,
    /// What has to be there, made by mutations that succeed. If one of them makes a key, the
    /// request comes with that.
    before: Vec<(&'static str, Value)>,
    mutation: &'static str,
    input: Value,
    /// The contacts that the answer has to name.
    conflicting: &'static [&'static str],
}

impl Case {
    fn new(code: &'static str, field: &'static str, mutation: &'static str, input: Value) -> Self {
        Self { code, field: Some(field), before: Vec::new(), mutation, input, conflicting: &[] }
    }

    fn after(mut self, before: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        self.before.extend(before);
        self
    }

    fn nowhere(self) -> Self {
        Self { field: None, ..self }
    }

    fn conflicting(self, conflicting: &'static [&'static str]) -> Self {
        Self { conflicting, ..self }
    }

    /// The one entry of `userErrors`, without its message.
    fn expected(&self, steps: &Steps) -> Value {
        let path = self.field.map(|field| ["input"].into_iter().chain(field.split('.')).collect::<Vec<_>>());
        let conflicting: Vec<_> =
            self.conflicting.iter().map(|id| json!({"id": steps.filled(&json!(id))})).collect();
        json!([{"code": self.code, "field": path, "conflictingContacts": conflicting}])
    }
}

/// What has to be there, and the request, of every case.
pub(crate) fn traffic() -> Vec<(Vec<Step>, Step)> {
    cases().into_iter().map(|case| (case.before, (case.mutation, case.input))).collect()
}

on_each_engine! {
    async fn every_code_of_the_schema_is_that_of_some_answer_and_there_is_no_other(app: App) {
        let data = app.data("{ __type(name: \"UserErrorCode\") { enumValues { name } } }").await;
        let values = data["__type"]["enumValues"].as_array().expect("values");
        let codes: BTreeSet<&str> = values.iter().map(|value| value["name"].as_str().expect("a name")).collect();
        let cases = cases();
        assert_eq!(cases.iter().map(|case| case.code).collect::<BTreeSet<_>>(), codes);

        let (hiring, _) = app.pipeline("Hiring", false, &["Applied"]).await;
        let (_, stages) = app.pipeline("Sales", true, &["New", "Won"]).await;
        let mut wrong = Vec::new();
        for case in cases {
            // Only the first organization has pipelines; contacts and policies are each case's own.
            let is_staged = case.code.contains("STAGE");
            let (_, key) = if is_staged { (app.org_id, app.key.clone()) } else { app.organization(case.code).await };
            let mut steps = Steps::new(&app, &key);
            steps.name("hiring", hiring);
            steps.name("won", stages[1]);
            for (mutation, input) in &case.before {
                steps.take(mutation, input).await;
            }
            let mut payload = steps.payload(case.mutation, &case.input, "__typename").await;
            let mut errors = payload["userErrors"].take();
            for error in errors.as_array_mut().expect("userErrors") {
                let message = error.as_object_mut().and_then(|error| error.remove("message")).unwrap_or_default();
                assert!(message.as_str().is_some_and(|message| !message.is_empty()), "{}: {error:#}", case.code);
            }
            if errors != case.expected(&steps) {
                wrong.push(format!("{}: {errors:#}", case.code));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

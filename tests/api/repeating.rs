//! `Idempotency-Key`, for every mutation of the schema. What is peculiar to contacts is tested in
//! `changing::repeating`.

mod cases;

use std::collections::BTreeSet;

use contacts_gateway::writing::idempotency;
use futures_util::future::join_all;
use serde_json::{Value, json};

use self::cases::cases;
use crate::support::{
    App, ask_once,
    engine::on_each_engine,
    steps::{Step, Steps},
};

/// A mutation that is sent again after something else has happened.
struct Case {
    mutation: &'static str,
    /// What has to be there, made by mutations that succeed.
    before: Vec<(&'static str, Value)>,
    input: Value,
    /// Another sound input for the same mutation.
    other: Value,
    selection: &'static str,
    /// What happens before it is sent again; `"$made"` is the id of what it made.
    meanwhile: Option<(&'static str, Value)>,
    /// Where the second answer differs from the first, and what it has there.
    now: Option<(&'static str, Value)>,
}

impl Case {
    fn new(mutation: &'static str, input: Value, other: Value, selection: &'static str) -> Self {
        Self { mutation, before: Vec::new(), input, other, selection, meanwhile: None, now: None }
    }

    fn after<const N: usize>(self, before: [(&'static str, Value); N]) -> Self {
        Self { before: before.into(), ..self }
    }

    fn meanwhile(self, mutation: &'static str, input: Value) -> Self {
        Self { meanwhile: Some((mutation, input)), ..self }
    }

    fn now(self, pointer: &'static str, value: Value) -> Self {
        Self { now: Some((pointer, value)), ..self }
    }
}

impl App {
    /// The clock, and how many rows there are that mutations make; of keys, those not revoked.
    async fn state(&self) -> ((i64, i64, i64), Vec<i64>) {
        let mut counts = Vec::new();
        for table in ["contact", "company", "team", "\"user\"", "tag", "api_key WHERE revoked_at IS NULL"] {
            counts.push(self.number(&format!("SELECT count(*) FROM {table}")).await);
        }
        (self.clock().await, counts)
    }
}

/// What has to be there, and the request, of every case.
pub(crate) fn traffic() -> Vec<(Vec<Step>, Step)> {
    cases().into_iter().map(|case| (case.before, (case.mutation, case.input))).collect()
}

/// The payload of a mutation that must succeed.
fn sound(case: &Case, answer: &Value) -> Value {
    let payload = &answer["data"][case.mutation];
    assert_eq!(payload["userErrors"], json!([]), "{}: {answer:#}", case.mutation);
    payload.clone()
}

on_each_engine! {
    async fn every_mutation_is_repeated_without_a_second_effect_and_answers_what_there_is_now(app: App) {
        let data = app.data("{ __schema { mutationType { fields { name } } } }").await;
        let fields = data["__schema"]["mutationType"]["fields"].as_array().expect("fields");
        let mutations: BTreeSet<&str> = fields.iter().map(|field| field["name"].as_str().expect("a name")).collect();
        let cases = cases();
        assert_eq!(cases.iter().map(|case| case.mutation).collect::<BTreeSet<_>>(), mutations);
        for case in cases {
            let app = App::new(app.engine).await;
            let mut steps = Steps::new(&app, &app.key);
            for (mutation, input) in &case.before {
                steps.take(mutation, input).await;
            }
            steps.key.clone_from(&app.key);
            let before = app.state().await;
            let send = async |steps: &Steps, input| steps.send(Some("k"), case.mutation, input, case.selection).await;
            let first = sound(&case, &send(&steps, &case.input).await);
            assert_ne!(app.state().await, before, "{} did nothing", case.mutation);
            if let Some((mutation, input)) = &case.meanwhile {
                let made = first.as_object().into_iter().flat_map(serde_json::Map::values);
                steps.name("made", made.map(|made| made["id"].clone()).find(Value::is_string));
                steps.take(mutation, input).await;
            }
            let before = app.state().await;
            let second = sound(&case, &send(&steps, &case.input).await);
            let mut expected = first.clone();
            if let Some((pointer, value)) = &case.now {
                let place = expected.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}: {first:#}"));
                assert_ne!(place, value, "{} has no other answer now", case.mutation);
                place.clone_from(value);
            }
            assert_eq!(second, expected, "{}", case.mutation);
            assert_eq!(app.state().await, before, "{} has a second effect", case.mutation);
            let refused = send(&steps, &case.other).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED", "{}: {refused:#}", case.mutation);
            assert_eq!(refused["data"][case.mutation], Value::Null);
            assert_eq!(app.state().await, before, "{} was done all the same", case.mutation);
        }
    }

    async fn the_same_input_without_a_key_or_under_another_has_an_effect_of_its_own(app: App) {
        let steps = Steps::new(&app, &app.key);
        for once in [Some("a"), Some("b"), None, None] {
            steps.send(once, "createCompany", &json!({"name": "Acme"}), "company { id }").await;
        }
        assert_eq!(app.number("SELECT count(*) FROM company").await, 4);
    }

    async fn a_key_is_its_organization_s_own(app: App) {
        let (_, other) = app.organization("Other").await;
        for key in [&app.key, &other] {
            let steps = Steps::new(&app, key);
            let answer = steps.send(Some("k"), "createTeam", &json!({"name": key}), "team { name }").await;
            assert_eq!(answer["data"]["createTeam"]["team"]["name"], json!(key), "{answer:#}");
        }
    }

    async fn the_order_of_an_input_s_members_does_not_count_but_its_mutation_does(app: App) {
        let send = async |field: &str| {
            let document = format!("mutation {{ a: {field} }}");
            ask_once(app.router(), &app.key, Some("k"), &document, json!({})).await
        };
        let first = send("createCompany(input: {name: \"A\", industry: \"Steel\"}) { company { id } }").await;
        assert!(first["data"]["a"]["company"]["id"].is_string(), "{first:#}");
        assert_eq!(send("createCompany(input: {industry: \"Steel\", name: \"A\"}) { company { id } }").await, first);
        app.execute("DELETE FROM idempotency", []).await;
        let first = send("createTeam(input: {name: \"A\"}) { team { id } }").await;
        assert!(first["data"]["a"]["team"]["id"].is_string(), "{first:#}");
        let other = send("createUser(input: {name: \"A\"}) { user { id } }").await;
        assert_eq!(other["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED", "{other:#}");
    }

    async fn a_key_is_forgotten_after_a_day_and_swept_away(app: App) {
        let steps = Steps::new(&app, &app.key);
        let send = async |once, name| {
            let answer = steps.send(Some(once), "createTeam", &json!({"name": name}), "team { id }").await;
            answer["errors"][0]["extensions"]["code"].clone()
        };
        let older = async |ms: i64| app.execute("UPDATE idempotency SET created_at = created_at - $1", [ms.into()]).await;
        assert_eq!(send("k", "A").await, Value::Null);
        older(23 * 3_600_000).await;
        assert_eq!(send("k", "B").await, "IDEMPOTENCY_KEY_REUSED");
        idempotency::sweep(&app.database).await;
        assert_eq!(send("k", "B").await, "IDEMPOTENCY_KEY_REUSED");
        older(3_600_000).await;
        assert_eq!(send("k", "B").await, Value::Null);
        assert_eq!(send("k", "A").await, "IDEMPOTENCY_KEY_REUSED");
        older(24 * 3_600_000).await;
        assert_eq!(send("new", "A").await, Value::Null);
        idempotency::sweep(&app.database).await;
        assert_eq!(app.number("SELECT count(*) FROM idempotency").await, 1);
        assert_eq!(send("new", "B").await, "IDEMPOTENCY_KEY_REUSED");
    }

    async fn twenty_repeats_at_once_make_one_company_and_answer_it(app: App) {
        let steps = Steps::new(&app, &app.key);
        let input = json!({"name": "Acme"});
        let answers = join_all((0..20).map(|_| steps.send(Some("k"), "createCompany", &input, "company { id name }"))).await;
        assert!(answers[0]["data"]["createCompany"]["company"]["id"].is_string(), "{answers:#?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(app.number("SELECT count(*) FROM company").await, 1);
    }

    async fn twenty_repeats_at_once_make_one_key_and_show_it_once(app: App) {
        let steps = Steps::new(&app, &app.key);
        let before = app.number("SELECT count(*) FROM api_key").await;
        let input = json!({"name": "web", "scopes": ["CONTACTS_READ"]});
        let answers = join_all((0..20).map(|_| steps.send(Some("k"), "createApiKey", &input, "apiKey { id } secret"))).await;
        let payloads: Vec<_> = answers.iter().map(|answer| &answer["data"]["createApiKey"]).collect();
        assert!(payloads[0]["apiKey"]["id"].is_string(), "{answers:#?}");
        assert!(payloads.iter().all(|payload| payload["apiKey"] == payloads[0]["apiKey"]), "{answers:#?}");
        assert_eq!(payloads.iter().filter(|payload| payload["secret"].is_string()).count(), 1, "{answers:#?}");
        assert_eq!(app.number("SELECT count(*) FROM api_key").await, before + 1);
    }
}

/// Two servers over one store have a queue each: only the store can tell that it is a repeat.
#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_at_once_on_two_servers_have_one_effect() {
    use crate::support::engine::Engine;

    let app = App::new(Engine::Postgres).await;
    let servers = [app.router(), app.replica().await];
    let sent = [
        ("api_key", "createApiKey(input: {name: \"web\", scopes: [CONTACTS_READ]}) { made: apiKey { id } }"),
        ("company", "createCompany(input: {name: \"Acme\"}) { made: company { id } }"),
    ];
    for (table, field) in sent {
        let before = app.number(&format!("SELECT count(*) FROM {table}")).await;
        let document = format!("mutation {{ done: {field} }}");
        for turn in 0..8_i64 {
            let once = format!("{table} {turn}");
            let requests = servers
                .iter()
                .cycle()
                .take(8)
                .map(|server| ask_once(server.clone(), &app.key, Some(&once), &document, json!({})));
            let answers = join_all(requests).await;
            assert!(answers[0]["data"]["done"]["made"]["id"].is_string(), "{answers:#?}");
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
            assert_eq!(app.number(&format!("SELECT count(*) FROM {table}")).await, before + turn + 1);
        }
    }
}

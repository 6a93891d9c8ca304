//! The four contact systems whose programs move over, each in a module that can be ticked off
//! against that system's own tables: fields, defaults, what is returned, lists, errors.

mod dialer;
mod importing;
mod messaging;
mod pipeline;
mod workspace;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use crate::{
    fixtures::{WHOLE, paths_and_codes},
    support::{App, pages::Page},
};

/// A source's field, a value that is given for it, its name here, and what comes back.
type FieldRow = (&'static str, Value, &'static str, Value);

/// A field that the source fills in or returns: its name there, its name here, its value.
type ReturnedRow = (&'static str, &'static str, Value);

/// The header in which a system's programs send their key.
#[derive(Clone, Copy, Debug)]
enum KeyHeader {
    Bearer,
    ApiKey,
}

/// A newcomer's organization: its preset chosen, its programs' requests as they always were.
struct Newcomer {
    app: App,
    header: KeyHeader,
}

impl Newcomer {
    async fn new(app: App, preset: &str, header: KeyHeader) -> Self {
        let newcomer = Self { app, header };
        newcomer.choose(preset).await;
        newcomer
    }

    /// Chooses the preset as a newcomer does, by the mutation.
    async fn choose(&self, preset: &str) {
        let selection = "organization { policy { preset } }";
        let changed = self.done("updateContactPolicy", json!({"preset": preset}), selection).await;
        assert_eq!(changed["organization"]["policy"], json!({"preset": preset}));
    }

    /// Posts a body; the status and the answer.
    async fn post(&self, key: Option<&str>, body: String) -> (u16, Value) {
        let request = Request::post("/graphql").header("content-type", "application/json");
        let request = match (self.header, key) {
            (_, None) => request,
            (KeyHeader::Bearer, Some(key)) => request.header("authorization", format!("Bearer {key}")),
            (KeyHeader::ApiKey, Some(key)) => request.header("X-API-Key", key),
        };
        let request = request.body(Body::from(body)).expect("a request");
        let Ok(response) = self.app.router().oneshot(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
        (status, serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}")))
    }

    /// Asks with a key; the whole answer.
    async fn ask_as(&self, key: &str, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let (status, answer) = self.post(Some(key), body.to_string()).await;
        assert_eq!(status, 200, "{answer:#}");
        answer
    }

    /// Asks, and expects no errors; the answer's `data`.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask_as(&self.app.key, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }

    /// The payload of a mutation.
    async fn mutate_as(&self, key: &str, mutation: &str, input: Value, selection: &str) -> Value {
        let input_type = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ {selection}
                userErrors {{ field code message conflictingContacts {{ id }} }} }} }}"
        );
        let mut answer = self.ask_as(key, &query, json!({"input": input})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#} for {input:#}");
        answer["data"][mutation].take()
    }

    /// The payload of a mutation that is sound.
    async fn done(&self, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.mutate_as(&self.app.key, mutation, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload
    }

    /// The id of what a mutation makes.
    async fn made(&self, mutation: &str, object: &str, input: Value) -> Value {
        self.done(mutation, input, &format!("{object} {{ id }}")).await[object]["id"].take()
    }

    /// A key for a program, made as a newcomer does.
    async fn key(&self, input: Value) -> String {
        let made = self.done("createApiKey", input, "secret").await;
        made["secret"].as_str().expect("a secret").to_owned()
    }

    /// Creates a contact and reads it back, whole.
    async fn stored(&self, input: Value) -> Value {
        self.stored_as(&self.app.key, input).await
    }

    async fn stored_as(&self, key: &str, input: Value) -> Value {
        let payload = self.mutate_as(key, "createContact", input.clone(), "contact { id }").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#} for {input:#}");
        self.contact(&payload["contact"]["id"]).await
    }

    /// A contact by its id, whole.
    async fn contact(&self, id: &Value) -> Value {
        let query = format!("query($id: ID!) {{ contact(id: $id) {{ ...Whole }} }} {WHOLE}");
        self.data(&query, json!({"id": id})).await["contact"].take()
    }

    /// What is wrong with a new contact, each as `path CODE`; nothing may be written then.
    async fn faults(&self, input: Value) -> Vec<String> {
        self.faults_as(&self.app.key, input).await
    }

    async fn faults_as(&self, key: &str, input: Value) -> Vec<String> {
        let before = self.app.rows().await;
        let payload = self.mutate_as(key, "createContact", input.clone(), "contact { id }").await;
        assert_eq!(payload["contact"], Value::Null, "{input:#} was taken");
        assert_eq!(self.app.rows().await, before, "written all the same: {payload:#}");
        paths_and_codes(&payload)
    }

    /// Gives each field beside those that the source requires, and then all fields at once. Each
    /// contact is deleted before the next, which may have the same phone.
    async fn every_field_comes_back(&self, required: &Value, rows: &[FieldRow]) {
        let check = |contact: &Value, (theirs, given, ours, back): &FieldRow| {
            assert_eq!(&contact[*ours], back, "{theirs}: {given} in {contact:#}");
        };
        let mut all = Map::new();
        for row in rows {
            let (theirs, given, ours, _) = row;
            let mut input = required.clone();
            input[*ours] = given.clone();
            let contact = self.stored(input).await;
            check(&contact, row);
            self.done("deleteContact", json!({"id": contact["id"]}), "contactId").await;
            assert_eq!(all.insert((*ours).to_owned(), given.clone()), None, "{theirs} is given twice");
        }
        let contact = self.stored(Value::Object(all)).await;
        for row in rows {
            check(&contact, row);
        }
    }
}

/// Holds a contact to what the source says of its fields.
fn assert_returned(contact: &Value, rows: &[ReturnedRow]) {
    for (theirs, ours, value) in rows {
        assert_eq!(contact.get(ours), Some(value), "{theirs}: {ours} of {contact:#}");
    }
}

/// The code, and what belongs to it, of an answer's only error; there may be no data.
fn refusal(answer: &Value) -> Value {
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer:#}");
    let data = answer.get("data").and_then(Value::as_object);
    assert!(data.is_none_or(|data| data.values().all(Value::is_null)), "{answer:#}");
    let mut extensions = answer["errors"][0]["extensions"].clone();
    let id = extensions.as_object_mut().and_then(|values| values.remove("requestId"));
    assert!(id.is_some_and(|id| id.is_string()), "{answer:#}");
    extensions
}

/// The errors of all four and ours.
const ERRORS: [(&str, &str); 11] = [
    ("missing_first_name", "FIRST_NAME_REQUIRED"),
    ("invalid_request", "FIRST_NAME_REQUIRED"),
    ("invalid_json", "BAD_REQUEST"),
    ("validation_error", "userErrors"),
    ("authentication_required", "AUTHENTICATION_REQUIRED"),
    ("invalid_key", "INVALID_KEY"),
    ("forbidden", "FORBIDDEN"),
    ("permission_denied", "FORBIDDEN"),
    ("team_not_found", "TEAM_NOT_FOUND"),
    ("team_access_denied", "TEAM_ACCESS_DENIED"),
    ("server_error", "INTERNAL_SERVER_ERROR"),
];

/// What all four answered alike: `invalid_json`, a value of a wrong type, `authentication_required`,
/// `invalid_key`, `forbidden` or `permission_denied`, `server_error`.
async fn assert_common_errors(newcomer: &Newcomer) {
    const CREATE: &str = "mutation { createContact(input: {}) { contact { id } } }";
    const LIST: &str = "{ contacts { nodes { id } } }";
    let key = newcomer.app.key.as_str();
    let sound = json!({"query": LIST}).to_string();
    let unauthenticated = |reason: &str| json!({"code": "UNAUTHENTICATED", "reason": reason});
    for (key, body, status, expected) in [
        (Some(key), "{first_name: ", 400, json!({"code": "BAD_REQUEST"})),
        (None, &sound, 401, unauthenticated("AUTHENTICATION_REQUIRED")),
        (Some("sk_live_4711"), &sound, 401, unauthenticated("INVALID_KEY")),
    ] {
        let (answered, answer) = newcomer.post(key, body.to_owned()).await;
        assert_eq!((answered, refusal(&answer)), (status, expected), "{key:?} {body}");
    }
    let wrong_type =
        CREATE.replace("{}", "{firstName: $name}").replace("mutation", "mutation($name: String)");
    let answer = newcomer.ask_as(key, &wrong_type, json!({"name": 4711})).await;
    assert_eq!((refusal(&answer), answer.get("data")), (json!({"code": "BAD_USER_INPUT"}), None));
    for (scope, query, required) in
        [("CONTACTS_READ", CREATE, "CONTACTS_WRITE"), ("KEYS_MANAGE", LIST, "CONTACTS_READ")]
    {
        let key = newcomer.key(json!({"name": "web form", "scopes": [scope]})).await;
        let answer = newcomer.ask_as(&key, query, json!({})).await;
        let expected = json!({"code": "FORBIDDEN", "requiredScope": required});
        assert_eq!(refusal(&answer), expected, "{scope}: {query}");
    }
    newcomer.app.raw_execute("DROP TABLE contact_assignee").await;
    newcomer.app.raw_execute("ALTER TABLE contact RENAME TO elsewhere").await;
    let answer = newcomer.ask_as(key, LIST, json!({})).await;
    assert_eq!(refusal(&answer), json!({"code": "INTERNAL_SERVER_ERROR"}));
    assert_documented("Errors", ERRORS);
}

/// Holds a chapter's table in docs/migrating.md to the names that were tried.
fn assert_documented<'a>(heading: &str, names: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let page = Page::read("docs/migrating.md");
    let rows: Vec<Vec<&str>> = page.section(heading).into_iter().map(cells).collect();
    for (theirs, ours) in names {
        let says =
            |cell: Option<&&str>, name: &str| cell.is_some_and(|cell| cell.contains(&format!("`{name}`")));
        let found = rows.iter().any(|cells| says(cells.get(1), theirs) && says(cells.get(2), ours));
        assert!(found, "`{heading}` in docs/migrating.md has no line that takes `{theirs}` to `{ours}`");
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').collect()
}

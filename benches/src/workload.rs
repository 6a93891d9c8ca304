//! The workloads, as the gateway and the handlers are asked for them.

use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{
    columns::{COMPANY, EIGHT, EIGHT_AND_TAGS, PHONE, TWENTY, fields},
    limit::sql::{PAGE_ROWS, POLL_ROWS},
    options::Engine,
    store::Samples,
};

/// Contacts of a request of W7, the most that the gateway takes in one.
const BULK_ROWS: usize = 200;

/// Question that a run asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// Page of 100, 20 scalars
    W1,
    /// Page of 100, 8 scalars, tags, phones and company
    W2,
    /// One contact, 20 scalars
    W3,
    /// Create with 2 tags
    W4,
    /// Poll, 10 rows of 8 scalars
    W5,
    /// Page of W1 at depth 500,000
    W6,
    /// 200 creates with 2 tags each, in one request
    W7,
    /// W1 asked again, from the memory of answers
    Wu,
}

/// Position of W6.
#[derive(Clone, Debug)]
pub(crate) struct Deep {
    pub(crate) cursor: String,
    pub(crate) at: i64,
    pub(crate) seq: i64,
}

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    GraphQl,
    Bare,
}

impl Workload {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W3 => "W3",
            Self::W4 => "W4",
            Self::W5 => "W5",
            Self::W6 => "W6",
            Self::W7 => "W7",
            Self::Wu => "WU",
        }
    }

    /// Number of statements of the handlers for a request; those of W4 are shared, and those of W7 differ.
    pub(crate) fn statements(self, engine: Engine) -> Option<f64> {
        match self {
            Self::W2 if engine == Engine::Postgres => Some(3.0),
            Self::W1 | Self::W2 | Self::W3 | Self::W5 | Self::W6 | Self::Wu => Some(1.0),
            Self::W4 | Self::W7 => None,
        }
    }

    /// Number of contacts that a request creates.
    pub(crate) fn creates(self) -> usize {
        match self {
            Self::W4 => 1,
            Self::W7 => BULK_ROWS,
            Self::W1 | Self::W2 | Self::W3 | Self::W5 | Self::W6 | Self::Wu => 0,
        }
    }

    /// Returns the GraphQL document.
    fn document(self) -> String {
        let (twenty, eight) = (fields(&TWENTY), fields(&EIGHT));
        match self {
            Self::W1 | Self::Wu => format!("{{ contacts(first: {PAGE_ROWS}) {{ nodes {{ {twenty} }} }} }}"),
            Self::W2 => format!(
                "{{ contacts(first: {PAGE_ROWS}) {{ nodes {{ {} companyRecord {{ {} }} phones {{ {} }} }} }} }}",
                fields(&EIGHT_AND_TAGS),
                fields(&COMPANY),
                fields(&PHONE),
            ),
            Self::W3 => format!("query ($id: ID!) {{ contact(id: $id) {{ {twenty} }} }}"),
            Self::W4 => "mutation ($input: CreateContactInput!) { createContact(input: $input) \
                 { contact { id } userErrors { code } } }"
                .to_owned(),
            Self::W7 => "mutation ($contacts: [CreateContactInput!]!) { createContacts(input: { contacts: $contacts }) \
                 { createdCount results { contact { id } } userErrors { code } } }"
                .to_owned(),
            Self::W5 => format!(
                "query ($since: DateTime!) {{ contacts(first: {POLL_ROWS}, updatedSince: $since, order: ASC) \
                 {{ nodes {{ {eight} }} }} }}"
            ),
            Self::W6 => format!(
                "query ($after: String!) {{ contacts(first: {PAGE_ROWS}, after: $after) {{ nodes {{ {twenty} }} }} }}"
            ),
        }
    }
}

/// Requests of a workload to a kind of server.
pub(crate) struct Requests {
    host: String,
    head: String,
    workload: Workload,
    document: String,
    dialect: Dialect,
    /// Whole requests, sent in turn.
    ready: Vec<Vec<u8>>,
    next: AtomicU64,
    /// Text that makes the contacts of this run unique.
    run: String,
}

impl Requests {
    pub(crate) fn new(
        workload: Workload,
        dialect: Dialect,
        port: u16,
        key: &str,
        run: String,
        (samples, deep): (&Samples, &Deep),
    ) -> Self {
        let head = match dialect {
            Dialect::GraphQl => format!("x-api-key: {key}\r\n"),
            Dialect::Bare => String::new(),
        };
        let mut requests = Self {
            host: format!("127.0.0.1:{port}"),
            head,
            workload,
            document: workload.document(),
            dialect,
            ready: Vec::new(),
            next: AtomicU64::new(0),
            run,
        };
        requests.ready = match workload {
            Workload::W1 | Workload::Wu => vec![requests.read("/w1", &json!({}))],
            Workload::W2 => vec![requests.read("/w2", &json!({}))],
            Workload::W3 => {
                let ids = samples.ids.iter();
                ids.map(|id| requests.read(&format!("/w3/{id}"), &json!({ "id": id.to_string() }))).collect()
            }
            Workload::W4 | Workload::W7 => Vec::new(),
            Workload::W5 => {
                let times = samples.times.iter();
                let since = |time: &i64| json!({ "since": rfc_3339(*time) });
                times.map(|time| requests.read(&format!("/w5/{time}"), &since(time))).collect()
            }
            Workload::W6 => {
                let Deep { cursor, at, seq } = deep;
                vec![requests.read(&format!("/w6/{at}/{seq}"), &json!({ "after": cursor }))]
            }
        };
        requests
    }

    /// Number of different requests.
    pub(crate) fn len(&self) -> usize {
        self.ready.len()
    }

    /// Calls a function with the next request.
    pub(crate) fn next<T>(&self, send: impl FnOnce(&[u8]) -> T) -> T {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        match u64::try_from(self.ready.len()) {
            Ok(count @ 1..) => send(&self.ready[usize::try_from(number % count).unwrap_or_default()]),
            Ok(0) | Err(_) => send(&self.create(number)),
        }
    }

    fn read(&self, path: &str, variables: &Value) -> Vec<u8> {
        match self.dialect {
            Dialect::GraphQl => self.graphql(variables),
            Dialect::Bare => format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host).into_bytes(),
        }
    }

    fn graphql(&self, variables: &Value) -> Vec<u8> {
        self.post("/graphql", &json!({ "query": self.document, "variables": variables }))
    }

    fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        let (host, head, body) = (&self.host, &self.head, body.to_string());
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{head}\
             content-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    fn create(&self, number: u64) -> Vec<u8> {
        let workload = self.workload;
        let (first, count) = (number.wrapping_mul(workload.creates() as u64), workload.creates() as u64);
        let mut inputs: Vec<Value> = (first..first + count).map(|number| self.contact(number)).collect();
        match (workload, self.dialect) {
            (Workload::W7, Dialect::GraphQl) => self.graphql(&json!({ "contacts": inputs })),
            (Workload::W7, Dialect::Bare) => self.post("/w7", &Value::Array(inputs)),
            (_, Dialect::GraphQl) => self.graphql(&json!({ "input": inputs.pop() })),
            (_, Dialect::Bare) => self.post("/w4", &inputs.pop().unwrap_or_default()),
        }
    }

    fn contact(&self, number: u64) -> Value {
        let run = &self.run;
        json!({
            "externalId": format!("bench-{run}-{number}"),
            "firstName": "Jane",
            "lastName": "Doe",
            "email": format!("jane.doe.{run}-{number}@example.com"),
            "phone": format!("+1416555{:04}", number % 10_000),
            "tags": ["lead", "customer"],
        })
    }
}

/// Returns a time in the form of the API's scalar, which takes any number of digits after the seconds.
pub(crate) fn rfc_3339(milliseconds: i64) -> String {
    let mut text = Vec::new();
    crate::limit::json::time(&mut text, milliseconds);
    String::from_utf8_lossy(&text).trim_matches('"').to_owned()
}

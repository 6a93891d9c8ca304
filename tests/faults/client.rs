//! A client as others write them: it sends a request, and reads the code of what comes back.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::program::Server;

/// Cloning it is cheap; the clones follow the gateway to its next address together.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    key: String,
    address: Arc<RwLock<String>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    Data(Value),
    /// An error's code, and whether it says that the request may be tried again.
    Refused {
        code: String,
        retryable: Option<bool>,
    },
    /// The connection broke off, or there is nobody to connect to.
    Nothing,
}

impl Answer {
    /// Returns the code of a refusal; `None` for data.
    pub(crate) fn refusal(self) -> Option<String> {
        match self {
            Self::Data(_) => None,
            Self::Refused { code, .. } => Some(code),
            Self::Nothing => Some("no answer".to_owned()),
        }
    }
}

impl Client {
    pub(crate) fn new(server: &Server, key: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            key: key.to_owned(),
            address: Arc::new(RwLock::new(server.address.clone())),
        }
    }

    /// Returns the same client with connections of its own, which end with the runtime that uses them.
    pub(crate) fn with_own_connections(&self) -> Self {
        Self { http: reqwest::Client::new(), ..self.clone() }
    }

    /// The server was started again, elsewhere.
    pub(crate) fn follow(&self, server: &Server) {
        self.address.write().unwrap_or_else(PoisonError::into_inner).clone_from(&server.address);
    }

    pub(crate) async fn ask(&self, body: &Value, idempotency_key: Option<&str>) -> Answer {
        let mut request = self.http.post(self.url("graphql")).header("x-api-key", &self.key).json(body);
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let Ok(response) = request.send().await else {
            return Answer::Nothing;
        };
        let Ok(mut answer) = response.json::<Value>().await else {
            return Answer::Nothing;
        };
        let Some(error) = answer.get("errors").and_then(|errors| errors.get(0)) else {
            return Answer::Data(answer["data"].take());
        };
        let extensions = &error["extensions"];
        let code = extensions["code"].as_str().unwrap_or_else(|| panic!("no code: {answer:#}"));
        Answer::Refused { code: code.to_owned(), retryable: extensions["retryable"].as_bool() }
    }

    /// Creates a contact of this first name.
    pub(crate) async fn create(&self, name: &str, idempotency_key: Option<&str>) -> Answer {
        let query = "mutation($input: CreateContactInput!) {
            createContact(input: $input) { contact { id } userErrors { code } } }";
        self.ask(&json!({"query": query, "variables": {"input": contact(name)}}), idempotency_key).await
    }

    pub(crate) async fn list(&self) -> Answer {
        self.list_of(10).await
    }

    /// A page of so many. Pages of different sizes are not read together.
    pub(crate) async fn list_of(&self, size: usize) -> Answer {
        let query =
            format!("{{ contacts(first: {size}) {{ nodes {{ id firstName tags phones {{ number }} }} }} }}");
        self.ask(&json!({"query": query}), None).await
    }

    /// Whether the gateway says that it lives.
    #[cfg(postgres_found)]
    pub(crate) async fn lives(&self) -> bool {
        let answer = self.http.get(self.url("livez")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// The status of the gateway's readiness.
    pub(crate) async fn readiness(&self) -> u16 {
        self.http.get(self.url("readyz")).send().await.expect("an answer").status().as_u16()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The input of a contact of this first name, with two tags and a phone.
pub(crate) fn contact(name: &str) -> Value {
    json!({"firstName": name, "tags": ["a", "b"], "phone": "+14165550100"})
}

/// The id in the answer to [`Client::create`].
#[track_caller]
pub(crate) fn created(data: &Value) -> Uuid {
    let id = data["createContact"]["contact"]["id"].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("not created: {data:#}"))
}

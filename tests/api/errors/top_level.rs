//! Every code of a top-level error is that of some answer, and stands in the table of docs/api.md.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, request},
};
use contacts_gateway::{access::Scope, error::ErrorCode, http::Limits};
use futures_util::stream;
use serde_json::{Value, json};

use super::{redact, send};
use crate::support::{
    App,
    engine::{Engine, on_each_engine},
    pages::Page,
};

/// Codes that say what a database does. PostgreSQL can be made to do it, below. SQLite cannot;
/// `errors::away` closes it, and `writing::jobs` keeps it busy.
const OF_THE_DATABASE: [&str; 3] = ["OVERLOADED", "UNAVAILABLE", "STORAGE_FULL"];

/// They take a write and a read that are slower than their deadlines: `writing::jobs` and
/// `http::deadline` have those, and what is told of the first is tested beside `graphql::error`.
const OF_TIME: [&str; 2] = ["OUTCOME_UNKNOWN", "TIMEOUT"];

/// Codes that only a server that listens gives, in `command_line::serving`.
const OF_HOST: &str = "MISDIRECTED_REQUEST";
/// It takes a small bucket: `limits::rates` has one.
const OF_RATE: &str = "RATE_LIMITED";

fn is_code(text: &str) -> bool {
    text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The codes in the first column of the table of errors.
fn documented() -> BTreeSet<String> {
    let page = Page::read("docs/api.md");
    let section = page.section("Errors").into_iter();
    let cells = section.filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let words = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    words.filter(|word| is_code(word)).map(str::to_owned).collect()
}

struct Requests {
    app: App,
}

impl Requests {
    fn post(&self) -> request::Builder {
        Request::post("/graphql")
            .header("x-api-key", &self.app.key)
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
    }

    fn query(&self, query: &str) -> Request<Body> {
        self.post().body(Body::from(json!({"query": query}).to_string())).expect("a request")
    }

    fn query_as(&self, key: &str, query: &str) -> Request<Body> {
        let mut request = self.query(query);
        request.headers_mut().insert("x-api-key", key.parse().expect("a header"));
        request
    }

    fn once(&self, query: &str) -> Request<Body> {
        let mut request = self.query(query);
        request.headers_mut().insert("idempotency-key", "k".parse().expect("a header"));
        request
    }

    /// A code, the status that goes with it, and a request that is answered so.
    async fn cases(&self) -> Vec<(&'static str, u16, Request<Body>)> {
        const CREATE: &str = "mutation { createContact(input: {firstName: \"A\"}) { contact { id } } }";
        let manager = self.app.key_with(&[Scope::KeysManage]).await;
        let (_, broken) = self.app.organization("Broken").await;
        self.app.execute("UPDATE organization SET required_fields = 'none' WHERE name = 'Broken'", []).await;
        for name in ["A", "B"] {
            self.app.created(json!({"firstName": name, "email": "a@example.com"})).await;
        }
        let cursor = self.app.data("{ contacts(sortKey: NAME) { pageInfo { endCursor } } }").await;
        let cursor = &cursor["contacts"]["pageInfo"]["endCursor"];
        let (_, answer) = send(&self.app, self.once(CREATE)).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        let deep = format!("{}{}{}", "{not: ".repeat(11), "{score: {eq: 1}}", "}".repeat(11));
        let silent = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let bare = |request: request::Builder| request.body(Body::empty()).expect("a request");
        let plain = Request::post("/graphql").header("x-api-key", &self.app.key);
        vec![
            (
                "UNAUTHENTICATED",
                401,
                bare(Request::post("/graphql").header("content-type", "application/json")),
            ),
            ("FORBIDDEN", 200, self.query_as(&manager, "{ contacts { totalCount } }")),
            ("BAD_REQUEST", 400, self.post().body(Body::from("{}")).expect("a request")),
            ("GRAPHQL_PARSE_FAILED", 400, self.query("{")),
            ("GRAPHQL_VALIDATION_FAILED", 400, self.query("{ nothing }")),
            ("BAD_USER_INPUT", 200, self.query("{ contacts(first: 201) { totalCount } }")),
            (
                "QUERY_TOO_COMPLEX",
                400,
                self.query(&format!("{{ contacts(filter: {deep}) {{ totalCount }} }}")),
            ),
            ("INVALID_CURSOR", 200, self.query("{ contacts(after: \"?\") { totalCount } }")),
            (
                "CURSOR_MISMATCH",
                200,
                self.query(&format!("{{ contacts(after: {cursor}) {{ totalCount }} }}")),
            ),
            (
                "AMBIGUOUS_MATCH",
                200,
                self.query("{ contactByIdentifier(identifier: {email: \"a@example.com\"}) { id } }"),
            ),
            (
                "IDEMPOTENCY_KEY_REUSED",
                422,
                self.once("mutation { createContact(input: {firstName: \"C\"}) { contact { id } } }"),
            ),
            ("METHOD_NOT_ALLOWED", 405, bare(self.post().method(Method::PUT))),
            (
                "NOT_ACCEPTABLE",
                406,
                bare(plain.header("content-type", "application/json").header("accept", "image/png")),
            ),
            ("REQUEST_TIMEOUT", 408, self.post().body(silent()).expect("a request")),
            (
                "BODY_TOO_LARGE",
                413,
                self.post().header("content-length", 1024 * 1024 + 1).body(silent()).expect("a request"),
            ),
            (
                "UNSUPPORTED_MEDIA_TYPE",
                415,
                bare(Request::post("/graphql").header("x-api-key", &self.app.key)),
            ),
            ("NOT_FOUND", 404, bare(Request::get("/nothing"))),
            ("INTERNAL_SERVER_ERROR", 200, self.query_as(&broken, CREATE)),
        ]
    }
}

/// The codes of an answer that has nothing else to say.
fn codes(mut answer: Value) -> Vec<String> {
    redact(&mut answer);
    let data = answer["data"].as_object().into_iter().flat_map(serde_json::Map::values);
    assert!(data.into_iter().all(Value::is_null), "{answer:#}");
    let errors = answer["errors"].as_array().expect("errors").iter();
    errors.map(|error| error["extensions"]["code"].as_str().expect("a code").to_owned()).collect()
}

on_each_engine! {
    async fn every_code_is_that_of_some_answer_and_in_the_readme(engine: Engine) {
        let limits = Limits { body_time: Duration::from_millis(20), ..Limits::default() };
        let requests = Requests { app: App::with(engine, limits, &[]).await };
        let cases = requests.cases().await;
        let mut covered: BTreeSet<String> = cases.iter().map(|(code, ..)| (*code).to_owned()).collect();
        covered.extend(OF_THE_DATABASE.map(str::to_owned));
        covered.extend(OF_TIME.map(str::to_owned));
        covered.insert(OF_RATE.to_owned());
        covered.insert(OF_HOST.to_owned());
        assert_eq!(documented(), covered);
        let all: BTreeSet<String> = ErrorCode::ALL.map(|code| code.name().to_owned()).into();
        assert_eq!(all, covered);
        for (code, status, request) in cases {
            let (answered, answer) = send(&requests.app, request).await;
            assert_eq!((answered, codes(answer)), (status, vec![code.to_owned()]));
        }
    }
}

/// What PostgreSQL says of itself becomes the code that says so, and nothing is written.
#[cfg(postgres_found)]
#[tokio::test]
async fn what_a_database_lacks_is_told_as_such() {
    let app = App::new(Engine::Postgres).await;
    for (code, state) in OF_THE_DATABASE.into_iter().zip(["53300", "57P03", "53100"]) {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'secret text' USING ERRCODE = '{state}'; END $$;
             CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON contact FOR EACH ROW EXECUTE FUNCTION refuse()"
        );
        app.raw_execute(&sql).await;
        let answer =
            app.ask("mutation { createContact(input: {firstName: \"A\"}) { contact { id } } }").await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["retryable"]),
            (&json!(code), &json!(true)),
            "{answer:#}"
        );
        assert!(!answer.to_string().contains("secret"), "{answer:#}");
        assert_eq!(codes(answer), [code]);
    }
    assert_eq!(app.number("SELECT count(*) FROM contact").await, 0);
}

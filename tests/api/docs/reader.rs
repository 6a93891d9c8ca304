//! A reader who pastes a page into a server, block by block.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{
    answer::{Values, differences},
    embedded::documents,
    shell::Shell,
};
use crate::support::{
    App,
    pages::{Block, Page},
};

/// An operation that no document has: a valid document is then refused with `BAD_REQUEST` instead of run.
const UNKNOWN_OPERATION: &str = "NoOperationOfThisName";

/// Runs the blocks of a page against a server.
pub(super) struct Reader<'a> {
    app: &'a App,
    shell: Shell<'a>,
    /// Texts that earlier answers had in the place of `<name>`.
    values: Values,
}

impl<'a> Reader<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        Self { app, shell: Shell::new(app), values: Values::new() }
    }

    /// Runs a page from top to bottom.
    pub(super) async fn run(&mut self, page: &Page) {
        let mut blocks = page.blocks().into_iter().peekable();
        let mut count = 0;
        while let Some(block) = blocks.next() {
            let answer = match &*block.info {
                "graphql" => {
                    let variables = blocks.next_if(|next| next.info == "json variables");
                    let variables = variables.map(|block| parsed(&block.at, &self.filled(&block)));
                    let body = json!({"query": self.filled(&block), "variables": variables});
                    post(self.app, &body).await
                }
                "sh" => {
                    let script = self.filled(&block);
                    self.shell.run(&script).await
                }
                "ts" | "tsx" => {
                    count += usize::from(self.validate(&block).await);
                    continue;
                }
                "sh not-run" | "json config" | "text" | "rust" | "toml" | "ini" | "sql" | "nginx"
                | "caddyfile" => continue,
                other => panic!("{}: no treatment is set for a block `{other}`", block.at),
            };
            count += 1;
            match blocks.next_if(|next| next.info.ends_with(" answer")) {
                Some(shown) => self.compare(&shown, &answer),
                None => assert_no_errors(&block.at, &answer),
            }
        }
        assert!(count > 0, "{} has no block that runs", page.name);
    }

    /// Returns the text of a block, with the values that earlier answers had.
    fn filled(&self, block: &Block) -> String {
        let fill = |text: String, (name, value): (&String, &String)| text.replace(name, value);
        let text = self.values.iter().fold(block.text.clone(), fill);
        assert!(!text.contains('<'), "{}: no earlier answer has this value:\n{text}", block.at);
        text
    }

    fn compare(&mut self, shown: &Block, answer: &str) {
        let at = &shown.at;
        if shown.info == "text answer" {
            assert_eq!(shown.text.trim(), answer.trim(), "{at}");
            return;
        }
        assert_eq!(shown.info, "json answer", "{at}");
        let (shown, mut answer) = (parsed(at, &shown.text), parsed(at, answer));
        if let (None, Some(answer)) = (shown.get("extensions"), answer.as_object_mut()) {
            // Every answer tells its cost, which most blocks leave out.
            answer.remove("extensions");
        }
        let found = differences(&shown, &answer, &mut self.values);
        assert!(found.is_empty(), "{at} shows another answer:\n{}\n{answer:#}", found.join("\n"));
    }

    /// Has the server judge the documents in a program. Returns false if it has none.
    async fn validate(&self, block: &Block) -> bool {
        let documents = documents(&block.text);
        if !documents.is_empty() {
            let body = json!({"query": documents.join("\n"), "operationName": UNKNOWN_OPERATION});
            let answer = parsed(&block.at, &post(self.app, &body).await);
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{}: {answer:#}", block.at);
        }
        !documents.is_empty()
    }
}

/// Sends a request with the first organization's key.
async fn post(app: &App, body: &Value) -> String {
    let request = Request::post("/graphql")
        .header("x-api-key", &app.key)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()));
    send(app, request.expect("a request")).await
}

/// Sends a request, and returns the text of the answer.
pub(super) async fn send(app: &App, request: Request<Body>) -> String {
    let Ok(response) = app.router().oneshot(request).await;
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
    String::from_utf8(body.into()).expect("UTF-8")
}

fn parsed(at: &str, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{at}: {error}: {text}"))
}

/// Checks that an answer which is not shown has no errors. One that is not JSON comes from a program,
/// whose status has been checked.
fn assert_no_errors(at: &str, answer: &str) {
    let Ok(answer) = serde_json::from_str::<Value>(answer) else { return };
    assert_eq!(answer.get("errors"), None, "{at}: {answer:#}");
    let fields = answer["data"].as_object().into_iter().flatten();
    for payload in fields.map(|(_, payload)| payload) {
        let problems = payload.get("userErrors").and_then(Value::as_array);
        assert!(problems.is_none_or(Vec::is_empty), "{at}: {answer:#}");
    }
}

//! The documentation says what the program does: every block of README.md and docs/ that can run is
//! run, page by page from the top against a new server, and the tables are compared with the program.
//!
//! The words after the opening fence tell what a block is:
//!
//! | words | treatment |
//! | --- | --- |
//! | `graphql` | sent; a block `json variables` right after it has its variables |
//! | `sh` | run: `curl` against the router, `contacts-gateway` as a program, `NAME=$(…)` |
//! | `json answer`, `text answer` | compared with the answer of the block before. Without it, that answer must have no errors |
//! | `ts`, `tsx` | searched for GraphQL documents, which must be valid |
//! | `rust` | compared with `docs/client.rs`, which is run |
//! | `sh not-run`, `json config` and other languages | not run |
//!
//! In an answer, `"…"` is any text, and `"<name>"` a text that later blocks can use under this name.

mod answer;
mod client;
mod embedded;
mod links;
mod reader;
mod settings;
mod shell;

use reader::Reader;

use crate::{
    program::{Server, folder},
    support::{
        App,
        engine::on_each_engine,
        pages::{Page, names},
    },
};

/// The pages, each run by a test of its own.
const PAGES: [&str; 7] = [
    "README.md",
    "docs/api.md",
    "docs/clients.md",
    "docs/limits.md",
    "docs/migrating.md",
    "docs/operations.md",
    "docs/performance.md",
];

/// Maximum length of README.md: it is for somebody who has five minutes.
const MAX_README_LINES: usize = 150;

on_each_engine! {
    async fn the_readme_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("README.md")).await;
    }

    async fn the_page_on_the_api_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("docs/api.md")).await;
    }

    async fn the_page_on_clients_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("docs/clients.md")).await;
    }

    async fn the_page_on_limits_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("docs/limits.md")).await;
    }

    async fn the_page_on_migrating_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("docs/migrating.md")).await;
    }

    async fn the_page_on_operations_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("docs/operations.md")).await;
    }

    async fn the_page_on_performance_runs_from_top_to_bottom(app: App) {
        Reader::new(&app).run(&Page::read("docs/performance.md")).await;
    }
}

#[test]
fn every_page_is_run_by_a_test() {
    assert_eq!(names(), PAGES);
}

#[test]
fn the_readme_takes_five_minutes() {
    let lines = Page::read("README.md").text.lines().count();
    assert!(lines <= MAX_README_LINES, "{lines} lines: move some to docs/");
}

#[tokio::test]
async fn the_rust_client_is_shown_as_it_is_and_lists_leads() {
    let blocks = Page::read("docs/clients.md").blocks().into_iter();
    let shown: Vec<_> = blocks.filter(|block| block.info == "rust").map(|block| block.text).collect();
    assert_eq!(shown, [include_str!("docs/client.rs")]);

    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let key = server.key().expect("a key");
    let jane = "mutation { createContact(input: {firstName: \"Jane\", email: \"jane@example.com\", tags: [\"lead\"]}) { userErrors { code } } }";
    server.ask(key, jane).await.expect("an answer");
    let leads = client::leads(&format!("http://{}/graphql", server.address), key).await.expect("leads");
    let leads: Vec<_> = leads.iter().map(|lead| (&*lead.display_name, lead.email.as_deref())).collect();
    assert_eq!(leads, [("Jane", Some("jane@example.com"))]);
}

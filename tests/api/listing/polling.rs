//! Following the list while others write: nothing is missed, and nothing comes twice by cursor.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::Router;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::id;
use crate::support::{App, ask, engine::on_each_engine};

const WRITERS: usize = 8;
const EACH: usize = 25;

/// An organization that is written to and followed.
#[derive(Clone)]
struct Followed {
    /// The servers: followers ask the first, writers are spread over all.
    servers: Vec<Router>,
    key: String,
    /// Writers that have not finished.
    writing: Arc<AtomicUsize>,
}

impl Followed {
    fn new(servers: Vec<Router>, key: &str) -> Self {
        Self { servers, key: key.to_owned(), writing: Arc::new(AtomicUsize::new(WRITERS)) }
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        let mut answer = ask(self.servers[0].clone(), &self.key, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }

    /// Creates contacts one after the other; their ids.
    async fn write(mut self, writer: usize) -> Vec<Uuid> {
        const CREATE: &str =
            "mutation($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }";
        let count = self.servers.len();
        self.servers.rotate_left(writer % count);
        let mut created = Vec::new();
        for index in 0..EACH {
            let input = json!({"firstName": format!("{writer}-{index}"), "tags": ["new"]});
            let data = self.ask(CREATE, json!({"input": input})).await;
            created.push(id(&data["createContact"]["contact"]["id"]));
        }
        self.writing.fetch_sub(1, Ordering::SeqCst);
        created
    }

    /// Whether all that will be written is written: one more read then sees it.
    fn is_written(&self) -> bool {
        self.writing.load(Ordering::SeqCst) == 0
    }

    /// Polls as docs/api.md advises: since the latest time seen, ids seen before left out.
    async fn by_updated_since(self, event: &'static str) -> BTreeSet<Uuid> {
        let query = format!(
            "query($since: DateTime, $after: String) {{
                contacts(updatedSince: $since, order: ASC, first: 50, after: $after{event})
                {{ nodes {{ id updatedAt }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut seen, mut since) = (BTreeSet::new(), Value::Null);
        loop {
            let written = self.is_written();
            let (mut after, from, known) = (Value::Null, since.clone(), seen.len());
            loop {
                let data = self.ask(&query, json!({"since": from, "after": after})).await;
                let page = &data["contacts"];
                for node in page["nodes"].as_array().expect("nodes") {
                    seen.insert(id(&node["id"]));
                    since = node["updatedAt"].clone();
                }
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            if written && seen.len() == known {
                return seen;
            }
        }
    }

    /// Every contact once, in the order in which it came.
    async fn by_cursor(self, event: &'static str) -> Vec<Uuid> {
        let query = format!(
            "query($after: String) {{ contacts(order: ASC, first: 20, after: $after{event})
                {{ nodes {{ id updatedAt }} pageInfo {{ endCursor }} }} }}"
        );
        let (mut came, mut after, mut latest) = (Vec::new(), Value::Null, String::new());
        loop {
            let written = self.is_written();
            let data = self.ask(&query, json!({"after": after})).await;
            let page = &data["contacts"];
            let nodes = page["nodes"].as_array().expect("nodes");
            for node in nodes {
                came.push(id(&node["id"]));
                let time = node["updatedAt"].as_str().expect("a time").to_owned();
                assert!(time >= latest, "{time} after {latest}");
                latest = time;
            }
            if !nodes.is_empty() {
                after = page["pageInfo"]["endCursor"].clone();
            } else if written {
                return came;
            }
        }
    }

    /// Writes and follows at once, and compares.
    async fn hold(self) {
        let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(self.clone().write(writer))).collect();
        let polls: Vec<_> = ["", ", event: CREATED", ", event: TAG_ADDED"]
            .map(|event| (event, tokio::spawn(self.clone().by_updated_since(event))))
            .into();
        let tails: Vec<_> = ["", ", event: CREATED", ", event: TAG_ADDED"]
            .map(|event| (event, tokio::spawn(self.clone().by_cursor(event))))
            .into();
        let written = join_all(writers).await.into_iter().flat_map(|ids| ids.expect("a writer"));
        let written: BTreeSet<Uuid> = written.collect();
        assert_eq!(written.len(), WRITERS * EACH);
        for (event, poll) in polls {
            let seen = poll.await.expect("a poller");
            let missed: Vec<_> = written.difference(&seen).collect();
            assert!(missed.is_empty(), "polling{event} missed {} of {}", missed.len(), written.len());
            assert_eq!(seen, written, "polling{event} saw another's contacts");
        }
        for (event, tail) in tails {
            let came = tail.await.expect("a follower");
            let once: HashSet<_> = came.iter().collect();
            assert_eq!(once.len(), came.len(), "some came twice by cursor{event}");
            let came: BTreeSet<_> = came.into_iter().collect();
            let missed: Vec<_> = written.difference(&came).collect();
            assert!(missed.is_empty(), "the cursor{event} missed {} of {}", missed.len(), written.len());
            assert_eq!(came, written, "the cursor{event} showed another's contacts");
        }
    }
}

/// Two servers know nothing of each other's batches: only the clock's row orders them.
#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_miss_nothing_while_eight_write_at_two_servers() {
    let app = App::new(crate::support::engine::Engine::Postgres).await;
    let servers = vec![app.router(), app.replica().await];
    Followed::new(servers, &app.key).hold().await;
}

on_each_engine! {
    async fn followers_of_one_organization_miss_nothing_while_eight_write(app: App) {
        Followed::new(vec![app.router()], &app.key).hold().await;
    }

    async fn followers_of_two_organizations_miss_nothing_while_eight_write_in_each(app: App) {
        let (_, other) = app.organization("Globex").await;
        let organizations = [&app.key, &other].map(|key| Followed::new(vec![app.router()], key));
        let held = organizations.map(|organization| tokio::spawn(organization.hold()));
        for held in join_all(held).await {
            held.expect("an organization");
        }
    }
}

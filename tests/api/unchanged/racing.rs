//! Readers and writers at once, on two servers over one store.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
};

use axum::Router;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    App, ask,
    engine::{Engine, on_each_engine},
};

const WRITERS: usize = 3;
const WRITES: i64 = 25;
const READERS: usize = 4;

const SCORES: &str = "{ contacts { nodes { id score } } }";
const SCORE: &str = "query($id: ID!) { contact(id: $id) { id score } }";

/// Contacts, each with the score that was last answered to whoever wrote it.
#[derive(Clone)]
struct Written(Arc<Vec<(Uuid, AtomicI64)>>);

impl Written {
    fn scores(&self) -> Vec<i64> {
        self.0.iter().map(|(_, score)| score.load(Ordering::SeqCst)).collect()
    }

    fn place(&self, contact: &Value) -> usize {
        let id = contact["id"].as_str();
        self.0.iter().position(|(known, _)| id == Some(&known.to_string())).expect("a known contact")
    }
}

/// Counts a contact's score up.
async fn write(router: Router, key: String, written: Written, writer: usize) {
    let (id, score) = &written.0[writer];
    for next in 1..=WRITES {
        let update =
            "mutation($input: UpdateContactInput!) { updateContact(input: $input) { userErrors { code } } }";
        let answer =
            ask(router.clone(), &key, update, json!({"input": {"id": id, "set": {"score": next}}})).await;
        assert_eq!(answer["data"]["updateContact"]["userErrors"], json!([]), "{answer:#}");
        score.store(next, Ordering::SeqCst);
        // Time in which answers are given again.
        for _ in 0..next % 4 * 2 {
            tokio::task::yield_now().await;
        }
    }
}

/// Reads in turn from the servers; what was answered before, to a writer or to this reader, must be seen.
async fn read(
    routers: [Router; 2],
    key: String,
    written: Written,
    done: Arc<AtomicBool>,
    reads: Arc<AtomicUsize>,
) {
    let mut seen = [0; WRITERS];
    for turn in 0.. {
        if done.load(Ordering::SeqCst) {
            break;
        }
        let router = routers[turn % 2].clone();
        for (seen, answered) in seen.iter_mut().zip(written.scores()) {
            *seen = answered.max(*seen);
        }
        let contacts = if turn % 3 == 0 {
            let answer = ask(router, &key, SCORE, json!({"id": written.0[turn % WRITERS].0})).await;
            vec![answer["data"]["contact"].clone()]
        } else {
            let answer = ask(router, &key, SCORES, json!({})).await;
            answer["data"]["contacts"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")).clone()
        };
        for contact in contacts {
            let place = written.place(&contact);
            let score = contact["score"].as_i64().expect("a score");
            assert!(score >= seen[place], "{score} was read after {}", seen[place]);
            seen[place] = score;
        }
        reads.fetch_add(1, Ordering::Relaxed);
        // An answer that is given again waits for nothing, and would keep the writers from theirs.
        tokio::task::yield_now().await;
    }
}

on_each_engine! {
    async fn no_read_misses_what_was_answered_before_it_began(app: App) {
        let routers = match app.engine {
            // A file has one server.
            Engine::Sqlite => [app.router(), app.beside(1024 * 1024)],
            #[cfg(postgres_found)]
            Engine::Postgres => [app.router(), app.replica().await],
            #[cfg(not(postgres_found))]
            Engine::Postgres => unreachable!("PostgreSQL was not found"),
        };
        let mut contacts = Vec::new();
        for _ in 0..WRITERS {
            contacts.push((app.created(json!({"firstName": "Jane", "score": 0})).await, AtomicI64::new(0)));
        }
        let written = Written(Arc::new(contacts));
        let (done, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        app.statements();
        let readers: Vec<_> = (0..READERS)
            .map(|_| tokio::spawn(read(routers.clone(), app.key.clone(), written.clone(), done.clone(), reads.clone())))
            .collect();
        let writers = (0..WRITERS)
            .map(|writer| tokio::spawn(write(routers[writer % 2].clone(), app.key.clone(), written.clone(), writer)));
        for writer in join_all(writers).await {
            writer.expect("a writer");
        }
        done.store(true, Ordering::SeqCst);
        for reader in join_all(readers).await {
            reader.expect("a reader");
        }
        assert_eq!(written.scores(), vec![WRITES; WRITERS]);
        // Those of one server are known.
        let of_rows = app.statements().iter().filter(|statement| statement.sql.contains("\"contact\".\"score\"")).count();
        let reads = reads.load(Ordering::Relaxed);
        eprintln!("{:?}: {of_rows} of {reads} reads", app.engine);
        assert!(of_rows < reads, "{of_rows} of {reads} reads were made anew");
    }
}

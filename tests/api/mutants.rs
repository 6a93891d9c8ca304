//! Requests that were sound until they were garbled: whatever comes, the server answers, and never
//! with a failure of its own.
//!
//! What is sent follows from a seed. `MUTANTS_SEED` chooses another one, and `MUTANTS` says how many
//! requests there are.

mod check;
mod corpus;
mod garble;
mod wire;

use std::{collections::BTreeMap, env, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use contacts_gateway::{access::Rate, graphql::DocumentLimits};
use futures_util::stream::{self, StreamExt as _};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tower::ServiceExt as _;

use self::{check::fault, corpus::Corpus, garble::Garbler};
use crate::support::{
    App,
    engine::{Engine, ForEngine, on_each_engine},
    filled::Filled,
    schema::Schema,
};

const SEED: u64 = 20_261_121;
const IN_PROCESS: u64 = 20_000;
/// Of so many requests, one goes over a connection.
const OVER_A_CONNECTION: u64 = 10;
/// Connections at once.
const CONNECTIONS: usize = 32;
/// Tasks that ask at once.
const TASKS: u64 = 4;

/// A request, sound or not.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

/// A server, and what is garbled before it is sent there.
struct Range {
    app: App,
    garbler: Arc<Garbler>,
    seed: u64,
    /// Requests.
    count: u64,
}

impl ForEngine for Range {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::limited(engine, DocumentLimits::default(), Rate { per_second: 0, burst: 0 }).await;
        let schema = Schema::of(&app).await;
        let own = Filled::new(&app, &schema, "globex", 55).await;
        let garbler = Arc::new(Garbler::new(Corpus::new(&schema, &own), &schema, &own));
        let seed = number("MUTANTS_SEED").unwrap_or(SEED);
        // What is found out about requests is found out on either engine.
        let few = if engine == Engine::Sqlite { IN_PROCESS } else { IN_PROCESS / 10 };
        let count = number("MUTANTS").unwrap_or(few);
        eprintln!("{count} requests of the seed {seed}");
        Self { app, garbler, seed, count }
    }
}

impl Range {
    /// The request of a number: the same in every run with this seed.
    fn dice(seed: u64, number: u64) -> StdRng {
        StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number))
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var_os(variable)?;
    let number = text.to_str().and_then(|text| text.parse().ok());
    Some(number.unwrap_or_else(|| panic!("{variable} is no number")))
}

/// Sends a request without a connection; `None` when it cannot be said in HTTP at all.
async fn send(router: Router, sent: &Sent) -> Option<(u16, Vec<u8>)> {
    let mut request = Request::builder().method(&*sent.method).uri(&sent.target);
    for (name, value) in &sent.headers {
        request = request.header(name, value.as_slice());
    }
    let request = request.body(Body::from(sent.body.clone())).ok()?;
    let Ok(response) = router.oneshot(request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
    Some((status, body.to_vec()))
}

on_each_engine! {
    async fn no_garbled_request_makes_the_server_fail(range: Range) {
        let Range { app, garbler, seed, count } = &range;
        let (seed, count) = (*seed, *count);
        let tasks = (0..TASKS).map(|task| {
            let (router, garbler) = (app.router(), garbler.clone());
            tokio::spawn(async move {
                let mut statuses = BTreeMap::<u16, u64>::new();
                for number in (task..count).step_by(usize::try_from(TASKS).expect("few")) {
                    let mut dice = Range::dice(seed, number);
                    // One that cannot be said gives its place to the next of its dice.
                    let (sent, (status, body)) = loop {
                        let sent = garbler.request(&mut dice);
                        if let Some(answer) = send(router.clone(), &sent).await {
                            break (sent, answer);
                        }
                    };
                    if let Some(fault) = fault(status, &body) {
                        panic!("{fault}\nto request {number} of the seed {seed}: {}", sent.shown());
                    }
                    *statuses.entry(status).or_default() += 1;
                }
                statuses
            })
        });
        let mut statuses = BTreeMap::<u16, u64>::new();
        for task in futures_util::future::join_all(tasks).await {
            for (status, many) in task.expect("no fault") {
                *statuses.entry(status).or_default() += many;
            }
        }
        eprintln!("{statuses:?}");
        // Neither are all of them refused at the door, nor is all that is sent still sound.
        for status in [200, 400] {
            assert!(statuses.get(&status).is_some_and(|many| many * 20 > count), "{statuses:?}");
        }
    }

    async fn no_garbled_bytes_make_the_listener_fail(range: Range) {
        let server = wire::Server::start(range.app.router()).await;
        let count = range.count / OVER_A_CONNECTION;
        let asking = (0..count).map(async |number| {
            let mut dice = Range::dice(range.seed, number);
            let mut bytes = range.garbler.request(&mut dice).bytes();
            if dice.random_bool(0.7) {
                range.garbler.garble_bytes(&mut bytes, &mut dice);
            }
            let answer = server.answer(&bytes).await;
            if let Some(fault) = wire::fault(&answer) {
                let sent = String::from_utf8_lossy(&bytes);
                panic!("{fault}\nto request {number} of the seed {}: {sent}", range.seed);
            }
            u64::from(!answer.is_empty())
        });
        let answered: Vec<u64> = stream::iter(asking).buffer_unordered(CONNECTIONS).collect().await;
        let answered: u64 = answered.iter().sum();
        eprintln!("{answered} of {count} are answered");
        assert!(answered * 2 > count, "only {answered} of {count} are answered");
        assert!(server.is_alive().await, "it answers no more");
        server.stop().await;
    }
}

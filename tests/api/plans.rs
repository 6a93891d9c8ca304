//! Answers that are written by plans are those that the library would give: the same data in the same order, the
//! same errors, and the same cost.
//!
//! Documents are made by dice, and each is sent several times with other values for its variables. `PLANS` says
//! how many documents there are, and `PLANS_SEED` chooses other ones. A failure names the smallest document that
//! was found to fail.

mod document;
mod generator;
mod input;
mod world;

use std::{
    env, fmt,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use self::{document::Document, generator::Generator, world::World};
use crate::support::engine::{Engine, ForEngine, on_each_engine};

const SEED: u64 = 20_261_130;
const DOCUMENTS: u64 = 300;
/// Requests with each document.
const REQUESTS: usize = 3;
/// Maximum number of documents that are tried to find a smaller one that fails.
const MAX_TRIES: u64 = 500;

impl ForEngine for World {
    async fn for_engine(engine: Engine) -> Self {
        Self::new(engine).await
    }
}

/// Answer without what differs between any two.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reply {
    status: u16,
    body: String,
}

/// Two answers that should be the same.
struct Difference {
    variables: Value,
    planned: Reply,
    judged: Reply,
}

/// Facts about the requests of a run.
#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    /// Requests that were answered with data.
    with_data: u64,
    /// Requests that were answered with errors beside data.
    with_errors: u64,
    /// Requests that were answered by other statements than the library's.
    planned: u64,
    by_plans: Duration,
    by_library: Duration,
}

impl World {
    /// Sends a document to both gateways, once for each set of values.
    async fn compare(&self, document: &Document, key: &str, counts: &mut Counts) -> Option<Difference> {
        let text = document.text();
        for request in 0..REQUESTS {
            let variables = document.values(request);
            let body = json!({"query": text, "variables": variables}).to_string();
            self.app.statements();
            let start = Instant::now();
            let planned = reply(&self.planned, key, body.clone()).await;
            let between = Instant::now();
            let by_plans = self.app.statements();
            let judged = reply(&self.judge, key, body).await;
            let by_library = self.app.statements();
            counts.by_plans += between - start;
            counts.by_library += between.elapsed();
            counts.requests += 1;
            counts.with_data += u64::from(judged.body.starts_with(r#"{"data":{"#));
            counts.with_errors += u64::from(judged.body.contains(r#""errors":"#));
            let sql =
                |sent: &[sea_orm::Statement]| sent.iter().map(|sent| sent.sql.clone()).collect::<Vec<_>>();
            counts.planned += u64::from(sql(&by_plans) != sql(&by_library));
            if env::var_os("PLANS_SHOW").is_some() {
                eprintln!(
                    "{text}\n{variables}\n{planned:?}\n{:#?}\n{:#?}\n",
                    sql(&by_plans),
                    sql(&by_library)
                );
            }
            if planned != judged {
                return Some(Difference { variables, planned, judged });
            }
        }
        None
    }

    /// Returns a document that fails too, and is as small as can be found.
    async fn smallest(
        &self,
        mut document: Document,
        key: &str,
        mut difference: Difference,
    ) -> (Document, Difference) {
        let mut tries = 0;
        'smaller: loop {
            for smaller in document.smaller() {
                tries += 1;
                if tries > MAX_TRIES {
                    break;
                }
                if let Some(found) = self.compare(&smaller, key, &mut Counts::default()).await {
                    (document, difference) = (smaller, found);
                    continue 'smaller;
                }
            }
            return (document, difference);
        }
    }
}

async fn reply(router: &Router, key: &str, body: String) -> Reply {
    let request =
        Request::post("/graphql").header("x-api-key", key).header("content-type", "application/json");
    let Ok(response) = router.clone().oneshot(request.body(Body::from(body)).expect("a request")).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
    let Ok(mut body) = serde_json::from_slice::<Value>(&body) else {
        return Reply { status, body: String::from_utf8_lossy(&body).into_owned() };
    };
    for error in body.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["extensions"].as_object_mut().expect("extensions").remove("requestId").expect("an id");
    }
    // The library tells errors as they happen, in no fixed order.
    if let Some(errors) = body.get_mut("errors").and_then(Value::as_array_mut) {
        errors.sort_by_key(Value::to_string);
    }
    Reply { status, body: body.to_string() }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var_os(variable)?;
    let number = text.to_str().and_then(|text| text.parse().ok());
    Some(number.unwrap_or_else(|| panic!("{variable} is not a number")))
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variables, planned, judged } = self;
        let same =
            planned.body.bytes().zip(judged.body.bytes()).take_while(|(one, other)| one == other).count();
        let around = |reply: &Reply| {
            let bytes = reply.body.as_bytes();
            let part = &bytes[same.saturating_sub(200)..bytes.len().min(same + 400)];
            format!("{} …{}…", reply.status, String::from_utf8_lossy(part))
        };
        write!(f, "{variables}\n\nby plan:    {}\n\nby library: {}", around(planned), around(judged))
    }
}

on_each_engine! {
    async fn a_plan_answers_as_the_library_does(world: World) {
        let seed = number("PLANS_SEED").unwrap_or(SEED);
        let documents = number("PLANS").unwrap_or(DOCUMENTS);
        let mut counts = Counts::default();
        for number in 0..documents {
            let of_document = seed.wrapping_mul(1_000_003).wrapping_add(number);
            let mut dice = StdRng::seed_from_u64(of_document);
            let key = if dice.random_bool(0.85) { 0 } else { dice.random_range(1..world.keys.len()) };
            let document = Generator::document(&world, of_document, REQUESTS);
            if let Some(difference) = world.compare(&document, &world.keys[key], &mut counts).await {
                let (document, difference) = world.smallest(document, &world.keys[key], difference).await;
                panic!("document {number} of the seed {seed}, with key {key}:\n{}\n{difference}", document.text());
            }
        }
        eprintln!("{counts:?}");
        assert!(counts.with_data * 2 > counts.requests, "{counts:?}");
        assert!(counts.planned * 3 > counts.requests, "{counts:?}");
    }
}

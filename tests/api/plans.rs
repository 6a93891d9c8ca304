//! Answers that are written by plans are those that the library would give: the same data in the same order, the
//! same errors, and the same cost.
//!
//! Documents are made by dice, and each is sent several times with other values for its variables. `PLANS` says
//! how many documents there are, and `PLANS_SEED` chooses other ones. A failure names the smallest document that
//! was found to fail.

mod document;
mod generator;
mod input;
mod points;
mod reply;
mod world;

use std::{env, fmt};

use futures_util::future::join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::{Value, json};

use self::{
    document::Document,
    generator::{Generator, Kind},
    reply::{Reply, reply},
    world::World,
};
use crate::support::engine::{Engine, ForEngine, on_each_engine};

const SEED: u64 = 20_261_130;
/// Number of documents that are as different as can be, and of those that are repeated.
const DOCUMENTS: u64 = 250;
const REPEATED: u64 = 40;
/// Maximum number of documents that are tried to find a smaller one that fails.
const MAX_TRIES: usize = 500;

const DIFFERENT: Kind = Kind { requests: 3, is_planned: false, variables: [0.5, 0.15], shared: 0.25 };
const REPEATING: Kind = Kind { requests: 12, is_planned: true, variables: [0.9, 0.5], shared: 0.5 };

impl ForEngine for World {
    async fn for_engine(engine: Engine) -> Self {
        Self::new(engine).await
    }
}

/// Two answers that should be the same.
struct Difference {
    text: String,
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
    /// Requests that were answered with errors.
    with_errors: u64,
    /// Requests that were answered by other statements than the library's.
    planned: u64,
}

impl World {
    /// Sends a document to both gateways.
    async fn compare(
        &self,
        text: &str,
        variables: Value,
        key: &str,
        counts: &mut Counts,
    ) -> Option<Difference> {
        let body = json!({"query": text, "variables": variables}).to_string();
        let sent = || self.app.statements().into_iter().map(|sent| sent.sql).collect::<Vec<_>>();
        sent();
        let planned = reply(&self.planned, key, &body).await;
        let by_plans = sent();
        let judged = reply(&self.judge, key, &body).await;
        let by_library = sent();
        counts.requests += 1;
        counts.with_data += u64::from(judged.has_data());
        counts.with_errors += u64::from(judged.has_errors());
        // The columns of a plan are in the order of the fields, and those of the library in the table's.
        counts.planned += u64::from(by_plans != by_library && !planned.has_errors());
        (planned.status != judged.status || planned.body != judged.body).then_some(Difference {
            text: text.to_owned(),
            variables,
            planned,
            judged,
        })
    }

    /// Sends a document once with each set of values.
    async fn compare_all(&self, document: &Document, key: &str, counts: &mut Counts) -> Option<Difference> {
        let text = document.text();
        for request in 0..DIFFERENT.requests {
            let variables = document.values(request);
            if let Some(difference) = self.compare(&text, variables, key, counts).await {
                return Some(difference);
            }
        }
        None
    }

    /// Returns the difference in a smaller document, if one is found.
    async fn smallest(&self, mut document: Document, key: &str, mut difference: Difference) -> Difference {
        let mut tries = 0;
        'smaller: loop {
            for smaller in document.smaller() {
                tries += 1;
                if tries > MAX_TRIES {
                    break;
                }
                if let Some(found) = self.compare_all(&smaller, key, &mut Counts::default()).await {
                    (document, difference) = (smaller, found);
                    continue 'smaller;
                }
            }
            return difference;
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, variables, planned, judged } = self;
        let pairs = planned.body.bytes().zip(judged.body.bytes());
        let same = pairs.take_while(|(one, other)| one == other).count();
        let around = |reply: &Reply| {
            let bytes = reply.body.as_bytes();
            let part = &bytes[same.saturating_sub(200)..bytes.len().min(same + 400)];
            format!("{} …{}…", reply.status, String::from_utf8_lossy(part))
        };
        let (planned, judged) = (around(planned), around(judged));
        write!(f, "{text}\n{variables}\n\nby plan:    {planned}\n\nby library: {judged}")
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var_os(variable)?;
    let number = text.to_str().and_then(|text| text.parse().ok());
    Some(number.unwrap_or_else(|| panic!("{variable} is not a number")))
}

fn seed() -> u64 {
    number("PLANS_SEED").unwrap_or(SEED)
}

/// Returns the seed of a document: the same in every run with the seed.
fn of_document(number: u64) -> u64 {
    seed().wrapping_mul(1_000_003).wrapping_add(number)
}

on_each_engine! {
    async fn a_plan_answers_as_the_library_does(world: World) {
        let mut counts = Counts::default();
        for number in 0..number("PLANS").unwrap_or(DOCUMENTS) {
            let seed_of_document = of_document(number);
            let mut dice = StdRng::seed_from_u64(seed_of_document);
            let key = if dice.random_bool(0.85) { 0 } else { dice.random_range(1..world.keys.len()) };
            let document = Generator::document(&world, seed_of_document, DIFFERENT);
            if let Some(difference) = world.compare_all(&document, &world.keys[key], &mut counts).await {
                let difference = world.smallest(document, &world.keys[key], difference).await;
                panic!("document {number} of the seed {}, with key {key}:\n{difference}", seed());
            }
        }
        eprintln!("{counts:?}");
        assert!(counts.with_data * 2 > counts.requests, "{counts:?}");
        assert!(counts.planned * 5 > counts.requests * 2, "{counts:?}");
    }

    async fn what_is_remembered_of_a_document_answers_the_values_of_each_request(world: World) {
        let documents = number("PLANS").unwrap_or(DOCUMENTS) * REPEATED / DOCUMENTS;
        let mut counts = Counts::default();
        let documents: Vec<_> =
            (0..documents).map(|number| Generator::document(&world, of_document(number), REPEATING)).collect();
        let of_document = |number| (0..REPEATING.requests).map(move |request| (number, request));
        let mut requests: Vec<_> = (0..documents.len()).flat_map(of_document).collect();
        requests.shuffle(&mut StdRng::seed_from_u64(seed()));
        for (number, request) in requests {
            let key = &world.keys[usize::from(request == 0)];
            let (text, variables) = (documents[number].text(), documents[number].values(request));
            if let Some(difference) = world.compare(&text, variables, key, &mut counts).await {
                panic!("document {number} of the seed {}:\n{difference}", seed());
            }
        }
        eprintln!("{counts:?}");
        assert!(counts.planned * 2 > counts.requests, "{counts:?}");
    }

    async fn what_is_asked_at_the_same_time_is_answered_as_if_it_were_asked_alone(world: World) {
        let documents = number("PLANS").unwrap_or(DOCUMENTS) * REPEATED / DOCUMENTS;
        let (mut asked, mut together) = (0, 0);
        for number in 0..documents {
            let document = Generator::document(&world, of_document(number), REPEATING);
            let text = document.text();
            let bodies: Vec<_> = (0..REPEATING.requests)
                .map(|request| json!({"query": text, "variables": document.values(request)}).to_string())
                .collect();
            world.app.statements();
            let replies = bodies.iter().map(|body| reply(&world.planned, &world.keys[0], body));
            let replies = join_all(replies).await;
            let statements = world.app.statements();
            together += statements.iter().filter(|sent| sent.sql.contains(" WITH ORDINALITY ")).count();
            for (body, reply_at_once) in bodies.iter().zip(replies) {
                let alone = reply(&world.judge, &world.keys[0], body).await;
                asked += 1;
                assert_eq!(
                    (reply_at_once.status, reply_at_once.body),
                    (alone.status, alone.body),
                    "document {number} of the seed {}: {body}",
                    seed()
                );
            }
        }
        eprintln!("{asked} requests, {together} statements for several of them");
        match world.app.engine {
            // There is no way to a server that could be spared.
            Engine::Sqlite => assert_eq!(together, 0),
            Engine::Postgres => assert!(together * 50 > asked, "{together} of {asked}"),
        }
    }

    async fn a_variable_that_also_filters_is_read_in_both_places(world: World) {
        let mut counts = Counts::default();
        for (document, values) in [
            (
                "query($it: DateTime) { contacts(updatedSince: $it, filter: {createdAt: {lte: $it}}) { nodes { id } } }",
                &world.known.times,
            ),
            ("query($it: ID!) { contact(id: $it) { id } contacts(filter: {id: {neq: $it}}) { nodes { id } } }", &world.known.contacts),
            (
                "query($it: ID!) { contact(id: $it) { id } ...Others } fragment Others on Query {
                    others: contacts(filter: {not: {id: {in: [$it]}}}, order: ASC) { nodes { id } } }",
                &world.known.contacts,
            ),
            ("query($it: String) { contacts(after: $it, query: $it) { totalCount } }", &world.known.cursors[0]),
        ] {
            for value in values.iter().take(12) {
                let variables = json!({"it": value});
                if let Some(difference) = world.compare(document, variables, &world.keys[0], &mut counts).await {
                    panic!("{difference}");
                }
            }
        }
        assert!(counts.with_data > 0 && counts.with_errors == 0, "{counts:?}");
    }
}

//! Repeating a write safely: an `Idempotency-Key` is remembered with what came of it, in the
//! write's own transaction.
//!
//! What is remembered is ids and outcome words, no personal data; a repeat answers the same
//! objects as they are then. Only what was committed is remembered, for 24 hours.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use entity::idempotency::{Column, Entity, Model};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use super::Operation;
use crate::{
    clock::now_ms,
    database::{Database, Job, Outcome, Read as _, WriteError, WriteTx, any_of},
    error::DatabaseError,
};

/// How long a key is remembered.
const REMEMBERED: Duration = Duration::from_hours(24);

/// A key, and what it was sent with.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: String,
    path: String,
    fingerprint: Vec<u8>,
}

impl Repeatable {
    /// A key for the field at a response path, with an input.
    #[must_use]
    pub fn new(key: &str, path: &str, field: &str, input: Value) -> Self {
        let mut hash = Sha256::new();
        hash.update(field.as_bytes());
        hash.update([0]);
        hash.update(sorted(input).to_string().as_bytes());
        Self { key: key.to_owned(), path: path.to_owned(), fingerprint: hash.finalize().to_vec() }
    }
}

/// The same value, whatever the order in which its members were written.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> =
                members.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// An answer that can be given again.
pub trait Replay: Sized {
    /// Ids and outcome words.
    fn record(&self) -> Value;

    /// The answer again; `None` when the record is not one of this kind.
    fn replay(record: Value) -> Option<Self>;
}

impl Replay for () {
    fn record(&self) -> Value {
        Value::Null
    }

    fn replay(_: Value) -> Option<Self> {
        Some(())
    }
}

impl<T: Replay> Replay for Option<T> {
    fn record(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::record)
    }

    fn replay(record: Value) -> Option<Self> {
        if record.is_null() { Some(None) } else { T::replay(record).map(Some) }
    }
}

/// A job that is done once, however often it is sent with its key.
#[derive(Debug)]
struct Once<J> {
    repeatable: Option<Repeatable>,
    job: J,
}

/// What a repeatable job answers.
#[derive(Debug)]
pub enum Answered<A> {
    /// Now, or the first time.
    Answer(A),
    /// The key was used before, with another input; nothing was written.
    KeyReused,
}

/// What was remembered at this time or before is forgotten.
fn forgotten_at() -> i64 {
    now_ms() - i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX)
}

/// Writes once for all that come with the same key; as any write, without one.
///
/// # Errors
/// As [`Writer::write`](crate::database::Writer::write).
pub async fn write<J>(
    database: &Database,
    org_id: Uuid,
    job: J,
    repeatable: Option<Repeatable>,
) -> Result<Answered<J::Answer>, WriteError>
where
    J: Job,
    J::Answer: Replay,
{
    let once = Once { repeatable, job };
    database.write(org_id, once).await
}

type Place = (String, String);

impl<J: Job> Job for Once<J>
where
    J::Answer: Replay,
{
    type Answer = Answered<J::Answer>;

    /// At least one, with a key: only the clock keeps other servers out while it is looked up.
    fn rows(&self) -> u32 {
        self.job.rows().max(u32::from(self.repeatable.is_some()))
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Self::Answer>>, DatabaseError> {
        let mut known = known(tx, jobs).await?;
        let mut outcomes: Vec<Option<Outcome<Self::Answer>>> = jobs.iter().map(|_| None).collect();
        let mut new = Vec::new();
        // A key that comes twice in one batch waits for what comes of its first.
        while outcomes.iter().any(Option::is_none) {
            let mut round: Vec<usize> = Vec::new();
            for (at, job) in jobs.iter().enumerate() {
                if outcomes[at].is_some() {
                    continue;
                }
                let place = job.repeatable.as_ref().map(Repeatable::place);
                if let (Some(repeatable), Some(row)) =
                    (&job.repeatable, place.as_ref().and_then(|place| known.get(place)))
                {
                    outcomes[at] = Some(Outcome::Unchanged(repeated(repeatable, row)?));
                } else if !round.iter().any(|other| {
                    place.is_some() && jobs[*other].repeatable.as_ref().map(Repeatable::place) == place
                }) {
                    round.push(at);
                }
            }
            let inner: Vec<&J> = round.iter().map(|at| &jobs[*at].job).collect();
            if inner.is_empty() {
                continue;
            }
            for (at, outcome) in round.into_iter().zip(J::run(tx, &inner).await?) {
                outcomes[at] = Some(match outcome {
                    Outcome::Changed(answer) => {
                        if let Some(repeatable) = &jobs[at].repeatable {
                            let row = repeatable.row(tx, &answer.record());
                            known.insert(repeatable.place(), row.clone());
                            new.push(row);
                        }
                        Outcome::Changed(Answered::Answer(answer))
                    }
                    Outcome::Unchanged(answer) => Outcome::Unchanged(Answered::Answer(answer)),
                });
            }
        }
        tx.replace::<Entity>(new).await?;
        Ok(outcomes.into_iter().flatten().collect())
    }
}

impl Repeatable {
    fn place(&self) -> Place {
        (self.key.clone(), self.path.clone())
    }

    fn row(&self, tx: &WriteTx<'_>, answer: &Value) -> Model {
        Model {
            org_id: tx.org_id(),
            key: self.key.clone(),
            path: self.path.clone(),
            fingerprint: self.fingerprint.clone(),
            answer: answer.to_string(),
            created_at: now_ms(),
        }
    }
}

async fn known<J>(tx: &WriteTx<'_>, jobs: &[&Once<J>]) -> Result<HashMap<Place, Model>, DatabaseError> {
    let keys: Vec<&str> =
        jobs.iter().filter_map(|job| job.repeatable.as_ref()).map(|key| key.key.as_str()).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let remembered =
        Condition::all().add(any_of(Column::Key, keys)).add(Column::CreatedAt.gt(forgotten_at()));
    let rows = tx.find::<Entity>(remembered).await?;
    Ok(rows.into_iter().map(|row| ((row.key.clone(), row.path.clone()), row)).collect())
}

fn repeated<A: Replay>(repeatable: &Repeatable, row: &Model) -> Result<Answered<A>, DatabaseError> {
    if row.fingerprint != repeatable.fingerprint {
        return Ok(Answered::KeyReused);
    }
    let record = serde_json::from_str(&row.answer).ok().and_then(A::replay);
    let answer = record.ok_or_else(|| DatabaseError::internal("repeating an answer", "it cannot be read"))?;
    Ok(Answered::Answer(answer))
}

/// Forgets the keys of an organization that are older than a day.
#[derive(Debug)]
struct Forget;

impl Operation for Forget {
    type Answer = ();

    fn rows(&self) -> u32 {
        0
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<()>, DatabaseError> {
        let old = Column::CreatedAt.lte(forgotten_at());
        tx.delete::<Entity>(Condition::all().add(old)).await?;
        Ok(Outcome::Changed(()))
    }
}

/// Forgets the keys of every organization that are older than a day.
pub async fn sweep(database: &Database) {
    let organizations = match database.organization_ids().await {
        Ok(ids) => ids,
        Err(error) => return drop(error.log()),
    };
    for org_id in organizations {
        let deadline = Instant::now() + Duration::from_secs(30);
        if let Err(error) = database.writer().write(org_id, Forget, deadline).await {
            tracing::warn!(%org_id, %error, "old idempotency keys were not forgotten");
        }
    }
}

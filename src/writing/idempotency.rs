//! Idempotency: an `Idempotency-Key` is recorded with the outcome of its write, in the write's own
//! transaction, so that a repeat gives the same answer and writes nothing.
//!
//! A record holds ids and outcome words, not personal data; a repeat answers the same objects as
//! they are then. Only what was committed is recorded, for 24 hours.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use entity::idempotency::{Column, Entity, Model};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Operation;
use crate::{
    clock::now_ms,
    database::{Database, Job, Outcome, Read as _, WriteError, WriteTx, any_of},
    error::DatabaseError,
};

/// Time for which a key is recorded.
const KEY_TTL: Duration = Duration::from_hours(24);

/// Idempotency key of a request, with the place and the fingerprint of the input it was sent with.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: String,
    path: String,
    fingerprint: Vec<u8>,
}

impl Repeatable {
    /// Returns the key of the field at a response path, with its input.
    #[must_use]
    pub fn new(key: &str, path: &str, field: &str, input: Value) -> Self {
        let mut hash = Sha256::new();
        hash.update(field.as_bytes());
        // Names hold no zero byte, so that no name and input run into another pair's.
        hash.update([0]);
        hash.update(sorted(input).to_string().as_bytes());
        Self { key: key.to_owned(), path: path.to_owned(), fingerprint: hash.finalize().to_vec() }
    }
}

/// Sorts the members of all objects, so that the order in which they were written does not count.
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

/// Answer that can be given again.
pub trait Replay: Sized {
    /// Returns what is recorded of it: ids and outcome words.
    fn record(&self) -> Value;

    /// Returns the answer that was recorded; `None` if the record is not of this type.
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

/// Job that runs once, however often it is sent with its key.
#[derive(Debug)]
struct Once<J> {
    repeatable: Option<Repeatable>,
    job: J,
}

/// Answer of a job that may come with a key.
#[derive(Debug)]
pub enum Answered<A> {
    /// Answer of the job, which ran now or when the key was first sent.
    Answer(A),
    /// The key was used before with another input; nothing was written.
    KeyReused,
}

/// Returns the time at which, or before which, records that have expired were made.
fn expired_at() -> i64 {
    now_ms() - i64::try_from(KEY_TTL.as_millis()).unwrap_or(i64::MAX)
}

/// Writes once for all requests with the same key; without a key, always.
///
/// # Errors
/// See [`Writer::write`](crate::database::Writer::write).
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

/// Key and response path, which together identify a record.
type RecordId = (String, String);

impl<J: Job> Job for Once<J>
where
    J::Answer: Replay,
{
    type Answer = Answered<J::Answer>;

    /// At least one with a key: only the change clock keeps another server from looking the same key
    /// up at the same time.
    fn rows(&self) -> u32 {
        self.job.rows().max(u32::from(self.repeatable.is_some()))
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Self::Answer>>, DatabaseError> {
        let mut known = known(tx, jobs).await?;
        let mut outcomes: Vec<Option<Outcome<Self::Answer>>> = jobs.iter().map(|_| None).collect();
        let mut new = Vec::new();
        // A key that comes twice in one batch is left for a later round, in which the record of its
        // first write is known.
        while outcomes.iter().any(Option::is_none) {
            let mut round: Vec<usize> = Vec::new();
            for (at, job) in jobs.iter().enumerate() {
                if outcomes[at].is_some() {
                    continue;
                }
                let record_id = job.repeatable.as_ref().map(Repeatable::record_id);
                if let (Some(repeatable), Some(row)) =
                    (&job.repeatable, record_id.as_ref().and_then(|record_id| known.get(record_id)))
                {
                    outcomes[at] = Some(Outcome::Unchanged(repeated(repeatable, row)?));
                } else if !round.iter().any(|other| {
                    record_id.is_some()
                        && jobs[*other].repeatable.as_ref().map(Repeatable::record_id) == record_id
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
                            known.insert(repeatable.record_id(), row.clone());
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
    fn record_id(&self) -> RecordId {
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

async fn known<J>(tx: &WriteTx<'_>, jobs: &[&Once<J>]) -> Result<HashMap<RecordId, Model>, DatabaseError> {
    let keys: Vec<&str> =
        jobs.iter().filter_map(|job| job.repeatable.as_ref()).map(|key| key.key.as_str()).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let live = Condition::all().add(any_of(Column::Key, keys)).add(Column::CreatedAt.gt(expired_at()));
    let rows = tx.find::<Entity>(live).await?;
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

/// Deletes the expired records of an organization.
#[derive(Debug)]
struct DeleteExpired;

impl Operation for DeleteExpired {
    type Answer = ();

    fn rows(&self) -> u32 {
        0
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<()>, DatabaseError> {
        tx.delete::<Entity>(expired()).await?;
        Ok(Outcome::Changed(()))
    }
}

/// Returns the condition of records that have expired.
fn expired() -> Condition {
    Condition::all().add(Column::CreatedAt.lte(expired_at()))
}

/// Deletes the expired records of the organizations that have any.
pub async fn sweep(database: &Database) {
    super::sweep::<Entity, _>(
        database,
        expired(),
        || DeleteExpired,
        "expired idempotency keys were not deleted",
    )
    .await;
}

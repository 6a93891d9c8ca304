//! What became of contacts that were written.

use std::sync::Arc;

use entity::contact;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::record::Record;
use crate::{
    input::problem::Problem,
    writing::{Written, idempotency::Replay},
};

/// Result of a command: one entry for each row of the input, or for each contact selected.
pub type WrittenContacts = Written<Vec<WrittenContact>>;

/// What became of one contact.
#[derive(Clone, Debug)]
pub struct WrittenContact {
    /// What happened.
    pub outcome: RowOutcome,
    /// Its id, unless there is no contact.
    pub id: Option<Uuid>,
    /// The contact as it was written, where it was.
    pub row: Option<Arc<contact::Model>>,
    /// Problems of its part of the input.
    pub problems: Vec<Problem>,
}

/// What happened to one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowOutcome {
    /// It is new.
    Created,
    /// It existed, and is now as it was asked to be.
    Updated,
    /// It existed, and was left as it is.
    Skipped,
    /// It has problems, and was not written.
    Failed,
    /// It is sound, and was not written because another row has problems.
    NotApplied,
}

impl WrittenContact {
    pub(super) fn new(outcome: RowOutcome, record: Record) -> Self {
        Self { outcome, id: Some(record.row.id), row: Some(Arc::new(record.row)), problems: Vec::new() }
    }

    pub(super) fn failed(id: Option<Uuid>, problems: Vec<Problem>) -> Self {
        Self { outcome: RowOutcome::Failed, id, row: None, problems }
    }

    pub(super) fn not_applied() -> Self {
        Self { outcome: RowOutcome::NotApplied, id: None, row: None, problems: Vec::new() }
    }
}

/// Returns the result of a command on one contact: its problems are the command's.
pub(super) fn single(contact: WrittenContact) -> WrittenContacts {
    if contact.problems.is_empty() {
        Written::new(vec![contact])
    } else {
        Written { value: Vec::new(), problems: contact.problems }
    }
}

/// What is remembered of a contact for a repeat under the same `Idempotency-Key`.
#[derive(Serialize, Deserialize)]
struct Remembered {
    outcome: RowOutcome,
    id: Option<Uuid>,
    problems: Vec<Problem>,
}

impl Replay for Vec<WrittenContact> {
    fn record(&self) -> Value {
        let rows = self.iter().map(|contact| {
            let WrittenContact { outcome, id, row: _, problems } = contact.clone();
            json!(Remembered { outcome, id, problems })
        });
        rows.collect()
    }

    fn replay(record: Value) -> Option<Self> {
        let remembered: Vec<Remembered> = serde_json::from_value(record).ok()?;
        let rows = remembered.into_iter().map(|Remembered { outcome, id, problems }| WrittenContact {
            outcome,
            id,
            row: None,
            problems,
        });
        Some(rows.collect())
    }
}

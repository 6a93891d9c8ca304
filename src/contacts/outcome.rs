//! Results of writing contacts.

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

/// Result of writing one contact.
#[derive(Clone, Debug)]
pub struct WrittenContact {
    /// Outcome.
    pub outcome: RowOutcome,
    /// Id of the contact; `None` if none was created.
    pub id: Option<Uuid>,
    /// The contact as it is now; `None` for an input that was not applied, and in a repeated answer.
    pub row: Option<Arc<contact::Model>>,
    /// Problems of the contact's part of the input.
    pub problems: Vec<Problem>,
}

/// Outcome of writing one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowOutcome {
    /// It was created.
    Created,
    /// It existed, and has the values of the input now.
    Updated,
    /// It existed, and was left unchanged.
    Skipped,
    /// It has problems, and was not written.
    Failed,
    /// It has no problems, and was not written because another row has.
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

/// Returns the result of a command on one contact, whose problems are the command's.
pub(super) fn single(contact: WrittenContact) -> WrittenContacts {
    if contact.problems.is_empty() {
        Written::new(vec![contact])
    } else {
        Written { value: Vec::new(), problems: contact.problems }
    }
}

/// Record of a contact's result, for a repeat under the same `Idempotency-Key`.
#[derive(Serialize, Deserialize)]
struct RecordedResult {
    outcome: RowOutcome,
    id: Option<Uuid>,
    problems: Vec<Problem>,
}

impl Replay for Vec<WrittenContact> {
    fn record(&self) -> Value {
        let rows = self.iter().map(|contact| {
            let WrittenContact { outcome, id, row: _, problems } = contact.clone();
            json!(RecordedResult { outcome, id, problems })
        });
        rows.collect()
    }

    fn replay(record: Value) -> Option<Self> {
        let recorded: Vec<RecordedResult> = serde_json::from_value(record).ok()?;
        // The contact itself is not kept, since it is personal data; it is read anew.
        let rows = recorded.into_iter().map(|RecordedResult { outcome, id, problems }| WrittenContact {
            outcome,
            id,
            row: None,
            problems,
        });
        Some(rows.collect())
    }
}

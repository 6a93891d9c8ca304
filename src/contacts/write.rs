//! Writing contacts: every mutation is a command, and one job runs them all.
//!
//! A batch of commands is run in four steps, under the clock: prepare again those whose settings
//! have changed; look up all that any of them touches; run one after the other in memory; save
//! what has changed.

mod command;
mod conflicts;
mod follow;
mod run;

use std::{borrow::Cow, sync::Arc};

use entity::contact;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub use command::{Command, MatchKey, OnConflict, Selection};
pub(crate) use follow::CHUNK;

use self::command::Nulls;
use super::{
    changes::{By, Changes},
    draft::BlankEntries,
};
use crate::{
    access::Caller,
    database::{Job, Outcome, WriteTx},
    error::DatabaseError,
    input::problem::Problem,
    organizations::{Settings, SettingsCache},
    writing::idempotency::Replay,
};

/// What a command did.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// What became of each contact: of the input's rows, or of those that were selected.
    pub rows: Vec<WrittenRow>,
    /// What is wrong with the command as a whole; nothing was written then.
    pub problems: Vec<Problem>,
}

/// What became of one contact.
#[derive(Clone, Debug)]
pub struct WrittenRow {
    /// What happened.
    pub outcome: RowOutcome,
    /// The contact, unless there is none.
    pub contact_id: Option<Uuid>,
    /// The contact as it was written, where it was.
    pub contact: Option<Arc<contact::Model>>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// What happened to one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowOutcome {
    /// It is new.
    Created,
    /// It was there, and is now as it was asked to be.
    Updated,
    /// It was there, and was left as it is.
    Skipped,
    /// It has problems, and was not written.
    Failed,
    /// It is sound, and was not written because another one has problems.
    NotApplied,
}

/// What is remembered of a written row.
#[derive(Serialize, Deserialize)]
struct Remembered {
    outcome: RowOutcome,
    id: Option<Uuid>,
    problems: Vec<Problem>,
}

impl Replay for Written {
    fn record(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!(Remembered { outcome: row.outcome, id: row.contact_id, problems: row.problems.clone() })
        });
        rows.collect()
    }

    fn replay(record: Value) -> Option<Self> {
        let remembered: Vec<Remembered> = serde_json::from_value(record).ok()?;
        let rows = remembered.into_iter().map(|row| WrittenRow {
            outcome: row.outcome,
            contact_id: row.id,
            contact: None,
            problems: row.problems,
        });
        Some(Self { rows: rows.collect(), problems: Vec::new() })
    }
}

impl Written {
    /// The first contact, if it was written.
    #[must_use]
    pub fn contact(&self) -> Option<&WrittenRow> {
        self.rows.first().filter(|row| row.problems.is_empty())
    }
}

/// A command with its caller, prepared.
#[derive(Debug)]
pub struct Write {
    command: Command,
    by: By,
    prepared: Prepared,
    settings: SettingsCache,
}

/// The inputs of a command, checked under one state of the settings.
#[derive(Clone, Debug)]
struct Prepared {
    settings: Arc<Settings>,
    /// One for each draft of the command.
    changes: Vec<Changes>,
}

impl Write {
    /// Checks a command's drafts under the settings as they are known here.
    #[must_use]
    pub fn prepare(command: Command, caller: &Caller, settings: Arc<Settings>, cache: SettingsCache) -> Self {
        let by = By::from(caller);
        let prepared = Prepared::new(&command, &by, settings);
        Self { command, by, prepared, settings: cache }
    }

    /// As prepared, or prepared again if the settings have changed since.
    async fn current(&self, tx: &WriteTx<'_>) -> Result<Cow<'_, Prepared>, DatabaseError> {
        let seq = tx.clock().settings_seq;
        if self.prepared.settings.seq == seq {
            return Ok(Cow::Borrowed(&self.prepared));
        }
        let settings = if tx.has_changed_settings() {
            Arc::new(Settings::load(tx).await?)
        } else {
            self.settings.current(tx, seq).await?
        };
        Ok(Cow::Owned(Prepared::new(&self.command, &self.by, settings)))
    }
}

impl Prepared {
    fn new(command: &Command, by: &By, settings: Arc<Settings>) -> Self {
        let check = |draft: &super::Draft| {
            let draft = draft.clone();
            let (draft, blank_entries) = match command.nulls() {
                Nulls::Clear => (draft.with_blanks_as_nulls(), BlankEntries::Refused),
                Nulls::OmittedInNew => (draft.with_blanks_as_nulls().without_nulls(), BlankEntries::Refused),
                Nulls::Omitted => (draft.without_nulls_and_blanks(), BlankEntries::LeftOut),
            };
            Changes::check(draft, blank_entries, by, &settings)
        };
        let changes = command.drafts().map(check).collect();
        Self { settings, changes }
    }
}

impl Job for Write {
    type Answer = Written;

    fn rows(&self) -> u32 {
        self.command.rows()
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Written>>, DatabaseError> {
        run::run(tx, jobs).await
    }
}

//! Contacts: what may happen to one, and how they are read.
//!
//! A write starts as a [`Draft`], which keeps apart what was omitted, nulled and given. It is
//! checked field by field, completed by the organization's policy, and written under the change
//! clock, where references and conflicts are looked up. A list is a [`ListQuery`]; its rows hold
//! the columns that were asked for.

mod apply;
mod book;
mod changes;
mod check;
mod cursor;
mod draft;
mod emails;
mod filter;
mod find;
mod list;
mod name;
mod phones;
mod record;
mod references;
mod search;
mod stage;
mod store;
mod tags;
mod write;

pub use cursor::{Cursor, CursorError, Directory, Key, ListOrder, Position, Tie};
pub use draft::{Draft, EmailDraft, PhoneDraft};
pub use filter::{
    Filter, Flag, IdField, Ids, Matched, Matching, MatchingError, Member, Number, Tags, Test, Text, TextField,
};
pub use find::{Identifier, find, identified, live};
pub use list::{Event, ListError, ListQuery, Page, SortKey, Wanted, Window, Within, list};
pub(crate) use list::{PAGE_DEFAULT, PAGE_LARGEST, Way, position};
pub use name::display_name;
pub(crate) use write::CHUNK;
pub use write::{Command, MatchKey, OnConflict, RowOutcome, Selection, Write, Written, WrittenRow};

use crate::{
    access::Caller,
    database::{Database, WriteError},
    organizations::SettingsCache,
    writing::idempotency::{self, Answered, Repeatable},
};

/// Runs a command: the one way to change contacts.
///
/// # Errors
/// It could not be written, or perhaps was: see [`WriteError`].
pub async fn write(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: Command,
) -> Result<Written, WriteError> {
    let job = prepare(database, settings, caller, command).await?;
    database.write(caller.org_id, job).await
}

/// As [`write()`], but once for all that come with the same key.
///
/// # Errors
/// As [`write()`].
pub async fn write_once(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: Command,
    repeatable: Option<Repeatable>,
) -> Result<Answered<Written>, WriteError> {
    let job = prepare(database, settings, caller, command).await?;
    idempotency::write(database, caller.org_id, job, repeatable).await
}

async fn prepare(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: Command,
) -> Result<Write, WriteError> {
    let recent = settings
        .recent(&database.tenant(caller.org_id))
        .await
        .map_err(|error| WriteError::from(error.log().kind))?;
    Ok(Write::prepare(command, caller, recent, settings.clone()))
}

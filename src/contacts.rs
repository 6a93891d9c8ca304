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
mod email;
mod find;
mod list;
mod name;
mod phone;
mod place;
mod record;
mod references;
mod stage;
mod store;
mod tag;
mod text;
mod write;

use std::time::Duration;

use tokio::time::Instant;

pub use cursor::{Cursor, CursorError, Position};
pub use draft::{Draft, EmailDraft, Field, PhoneDraft};
pub use find::{find, live};
pub use list::{Event, ListError, ListQuery, Page, SortKey, Wanted, Window, list};
pub use name::display_name;
pub use phone::{formatted, is_valid};
pub use write::{Command, MatchKey, OnConflict, RowOutcome, Selection, Write, Written, WrittenRow};

use crate::{
    access::Caller,
    database::{Database, WriteError},
    idempotency::{Answered, Once, Repeatable},
    organizations::SettingsCache,
};

/// How long a write may wait for its turn and its commit.
const WRITE_DEADLINE: Duration = Duration::from_secs(15);

/// Runs a command: the one way to change contacts.
///
/// # Errors
/// It could not be written, or perhaps was: see [`WriteError`].
pub async fn write(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: Command,
    repeatable: Option<Repeatable>,
) -> Result<Answered<Written>, WriteError> {
    let recent = settings
        .recent(&database.tenant(caller.org_id))
        .await
        .map_err(|error| WriteError::from(error.log().kind))?;
    let job = Write::prepare(command, caller, recent, settings.clone());
    let deadline = Instant::now() + WRITE_DEADLINE;
    database.writer().write(caller.org_id, Once { repeatable, job }, deadline).await
}

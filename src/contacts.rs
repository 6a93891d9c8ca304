//! Contacts: what may happen to one, and how they are read.
//!
//! A write starts as a [`Draft`], which keeps apart what was omitted, nulled and given. It is
//! checked field by field, completed by the organization's policy, and written under the change
//! clock, where references and conflicts are looked up. A list is a [`ListQuery`]; its rows hold
//! the columns that were asked for.

mod check;
mod conflicts;
mod create;
mod cursor;
mod draft;
mod email;
mod fault;
mod find;
mod list;
mod name;
mod phone;
mod place;
mod references;
mod stage;
mod store;
mod tag;
mod text;

use std::time::Duration;

use tokio::time::Instant;

pub use create::{Create, Created};
pub use cursor::{Cursor, CursorError, Position};
pub use draft::{Draft, EmailDraft, Field, PhoneDraft};
pub use fault::{Fault, FaultCode};
pub use find::{find, live};
pub use list::{Event, ListError, ListQuery, Page, SortKey, Wanted, Window, list};
pub use name::display_name;
pub use phone::{formatted, is_valid};

use crate::{
    access::Caller,
    database::{Database, WriteError},
    organizations::SettingsCache,
};

/// How long a write may wait for its turn and its commit.
const WRITE_DEADLINE: Duration = Duration::from_secs(15);

/// Creates a contact, or says all that is wrong with it.
///
/// # Errors
/// It could not be written, or perhaps was: see [`WriteError`].
pub async fn create(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    draft: Draft,
) -> Result<Created, WriteError> {
    let recent = settings
        .recent(&database.tenant(caller.org_id))
        .await
        .map_err(|error| WriteError::from(error.log().kind))?;
    let job = Create::prepare(draft, caller, &recent, settings.clone());
    let deadline = Instant::now() + WRITE_DEADLINE;
    database.writer().write(caller.org_id, job, deadline).await
}

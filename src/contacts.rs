//! Contacts: the commands that change them, and the lists and filters that read them.
//!
//! A write starts as a [`ContactDraft`] inside one of the [`commands`]. It is checked field by field,
//! completed by the organization's policy, and written while the change clock is held, where
//! references and conflicts are looked up. A list is a [`ListQuery`]; its rows hold the columns that
//! were selected.

mod apply;
pub(crate) mod cascade;
mod check;
pub mod commands;
mod contact_set;
mod draft;
mod emails;
mod fields;
mod filter;
mod find;
mod json_object;
mod list;
mod matching;
mod name;
mod outcome;
mod phones;
mod record;
mod references;
mod required;
mod search;
mod stage;
mod store;
mod tags;
mod unique_key;
mod uniqueness;
mod unit_of_work;
mod write;

pub use draft::{AsGiven, ContactDraft, Form, Nulls};
pub use emails::EmailDraft;
pub use fields::TextFields;
pub use filter::access::{Comparison, Conditions, ListOrder, Place, Values};
pub use filter::{
    Criteria, CriteriaError, Filter, Flag, IdComparison, IdField, MetadataComparison, NumberComparison,
    Predicate, ResolvedCriteria, TagComparison, TextComparison, TextField,
};
pub use find::{Identifier, find, identified, live};
pub use list::{Event, ListQuery, Order, Parent, ParentTable, PricedArguments, SortKey, list, list_into};
pub use name::display_name;
pub use outcome::{RowOutcome, WrittenContact, WrittenContacts};
pub use phones::PhoneDraft;
pub use uniqueness::MatchKey;
pub use write::{Ran, Write};

use std::sync::Arc;

use commands::Command;

use crate::{
    access::Caller,
    database::{Database, WriteError},
    error::DatabaseError,
    organizations::SettingsCache,
    writing::{Execute, Request, idempotency::Answered},
};

/// Maximum keys of one statement. It bounds the number of parameters, and so of prepared statements.
const MAX_KEYS_PER_STATEMENT: usize = 256;

/// Maximum number of contacts that a command or a cascade changes at once. Criteria that match more are carried out in
/// parts, in one transaction, and cascades in steps, so that few contacts are in memory at a time.
const MAX_PART: usize = MAX_KEYS_PER_STATEMENT;

/// Maximum number of times that the contacts which match a command's criteria are found, while the tags that these
/// name come and go.
const MAX_FINDS: usize = 4;

/// Checks a command under the settings as this server knows them, and finds the contacts that match its criteria. If
/// settings or contacts have changed by the time of the write, they are looked at again.
///
/// # Errors
/// The settings or contacts could not be read.
pub async fn prepare(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: impl Command,
) -> Result<Write, WriteError> {
    prepare_again(database, settings, caller, &(Arc::new(command) as Arc<dyn Command>)).await
}

async fn prepare_again(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: &Arc<dyn Command>,
) -> Result<Write, WriteError> {
    let failed = |error: DatabaseError| WriteError::from(&error.log());
    let recent = settings.recent(&database.tenant(caller.org_id)).await.map_err(failed)?;
    Write::new(command.clone(), caller, recent, settings.clone(), database).await.map_err(failed)
}

/// Executes a command, the contacts of which are found again if its criteria mean something else by the time of the
/// write.
async fn execute(
    command: impl Command,
    request: &Request<'_>,
) -> Result<Answered<WrittenContacts>, WriteError> {
    let Request { database, settings, caller, repeatable: _ } = request;
    let command: Arc<dyn Command> = Arc::new(command);
    for _ in 0..MAX_FINDS {
        let write = prepare_again(database, settings, caller, &command).await?;
        match request.write(write).await? {
            Answered::Answer(Ran::Written(written)) => return Ok(Answered::Answer(written)),
            Answered::Answer(Ran::Stale) => {}
            Answered::KeyReused => return Ok(Answered::KeyReused),
        }
    }
    Err(WriteError::Overloaded)
}

/// Lets requests execute the commands, which is the one way to change contacts.
macro_rules! executable {
    ($($command:ident)+) => {$(
        impl Execute for commands::$command {
            type Answer = WrittenContacts;

            async fn execute(self, request: &Request<'_>) -> Result<Answered<WrittenContacts>, WriteError> {
                execute(self, request).await
            }
        }
    )+};
}

executable! {
    CreateContact
    CreateContacts
    UpdateContact
    UpdateContacts
    UpsertContact
    DeleteContact
    DeleteContacts
    RestoreContacts
    PurgeContacts
    RecordEnrichment
}

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
mod name;
mod outcome;
mod phones;
mod record;
mod references;
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
pub use write::Write;

use commands::Command;

use crate::{
    access::Caller,
    database::{Database, WriteError},
    organizations::SettingsCache,
    writing::{Execute, Request, idempotency::Answered},
};

/// Maximum keys of one statement. It bounds the number of parameters, and so of prepared statements.
const MAX_KEYS_PER_STATEMENT: usize = 256;

/// Checks a command under the settings as this server knows them. If they have changed by the time of
/// the write, it is checked again.
///
/// # Errors
/// The settings could not be read.
pub async fn prepare(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    command: impl Command,
) -> Result<Write, WriteError> {
    let recent = settings
        .recent(&database.tenant(caller.org_id))
        .await
        .map_err(|error| WriteError::from(error.log().kind))?;
    Ok(Write::new(command, caller, recent, settings.clone()))
}

/// Lets requests execute the commands, which is the one way to change contacts.
macro_rules! executable {
    ($($command:ident)+) => {$(
        impl Execute for commands::$command {
            type Answer = WrittenContacts;

            async fn execute(self, request: &Request<'_>) -> Result<Answered<WrittenContacts>, WriteError> {
                let Request { database, settings, caller, repeatable: _ } = request;
                request.write(prepare(database, settings, caller, self).await?).await
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

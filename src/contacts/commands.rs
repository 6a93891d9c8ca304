//! Commands: everything that can be done to contacts, one file each. A command names the data that it
//! needs, and runs in memory once they are loaded.

mod create;
mod create_many;
mod delete;
mod enrich;
mod purge;
mod restore;
mod selection;
mod update;
mod update_many;
mod upsert;

use std::fmt::Debug;

use uuid::Uuid;

pub use self::{
    create::CreateContact,
    create_many::{CreateContacts, OnConflict},
    delete::{DeleteContact, DeleteContacts},
    enrich::RecordEnrichment,
    purge::PurgeContacts,
    restore::RestoreContacts,
    selection::Selection,
    update::UpdateContact,
    update_many::UpdateContacts,
    upsert::UpsertContact,
};
use super::{
    check::CheckedDraft,
    draft::{ContactDraft, Nulls},
    filter::Criteria,
    outcome::WrittenContacts,
    uniqueness::MatchKey,
    unit_of_work::UnitOfWork,
};
use crate::{error::DatabaseError, input::problem::Problem};

/// Maximum ids of one command, and maximum rows.
pub const MAX_IDS: usize = 200;
/// Maximum contacts that one command may select by a filter.
pub const MAX_MATCHING: usize = 10_000;

/// A change of contacts, as data: it can be prepared and run again. Its ids are as they were given; one
/// that is not a UUID is answered like an unknown one. One that has criteria may be run for parts of the contacts
/// that match.
pub trait Command: Debug + Send + Sync + 'static {
    /// Returns the maximum number of contacts that the command changes.
    fn max_contacts(&self) -> usize;

    /// Returns everything that has to be checked and loaded before the command runs.
    fn needs(&self) -> Needs<'_>;

    /// Runs the command on the loaded data.
    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError>;
}

/// Everything that a command needs to have checked and loaded. Its literals name every member, so
/// that no command can forget one.
pub struct Needs<'a> {
    /// The drafts to check.
    pub(super) drafts: &'a [ContactDraft],
    /// Meaning of their nulls.
    pub(super) nulls: Nulls,
    /// Contacts to load, as far as they are UUIDs.
    pub(super) ids: &'a [String],
    /// Keys of the drafts by which contacts are to be found.
    pub(super) match_keys: &'a [MatchKey],
    /// The criteria that select contacts, and how many are expected to match.
    pub(super) filter: Option<(&'a Criteria, i32)>,
    /// True if deleted contacts become live again, so that holders of their unique keys are loaded too.
    pub(super) restores: bool,
}

/// Data that was checked and loaded for a command, beside the contacts.
pub struct Loaded<'a> {
    /// The checked drafts, in the order of [`Needs::drafts`].
    pub(super) drafts: &'a [CheckedDraft],
    /// The contacts that match the criteria.
    pub(super) matching: Matching<'a>,
}

/// Contacts that match criteria, or a part of them: many are changed in parts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Matching<'a> {
    /// Number of all of them; at most one more than expected.
    pub(super) count: usize,
    /// Those of this part.
    pub(super) ids: &'a [Uuid],
}

impl<'a> Loaded<'a> {
    /// Returns the draft of a command that has exactly one.
    fn only_draft(&self) -> Result<&'a CheckedDraft, DatabaseError> {
        self.drafts
            .first()
            .ok_or_else(|| DatabaseError::internal("running a command", "its draft is missing"))
    }
}

/// Moves problems below a path of the input, apart from those at these fields and those without a path.
fn move_to(problems: &mut [Problem], path: &str, except: &[&str]) {
    for problem in problems {
        if problem.path.first().is_some_and(|first| !except.contains(&first.as_str())) {
            *problem = problem.clone().at(path);
        }
    }
}

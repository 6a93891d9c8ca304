//! What can be done to contacts.

use uuid::Uuid;

use super::follow::CHUNK;
use crate::contacts::{Draft, Matching};

/// Ids of one command, at most; also rows.
pub(super) const IDS: usize = 200;
/// Contacts that one command may select by a filter, at most.
pub(super) const MATCHING: usize = 10_000;

/// A change, as data. Ids are as they were given: what is no UUID is answered like an unknown one.
#[derive(Clone, Debug)]
pub enum Command {
    /// Make one.
    Create {
        /// The id it gets.
        id: Uuid,
        /// What is known of it.
        draft: Draft,
    },
    /// Change one.
    Update {
        /// Which.
        id: String,
        /// Refuse if it has another version.
        expected_version: Option<i64>,
        /// What to change.
        draft: Draft,
    },
    /// Change the one that is found, else make it.
    Upsert {
        /// The id it gets if it is new.
        id: Uuid,
        /// What is known of it.
        draft: Draft,
        /// What to look it up by.
        keys: Vec<MatchKey>,
    },
    /// Make several.
    CreateMany {
        /// The id each gets, and what is known of it.
        rows: Vec<(Uuid, Draft)>,
        /// What to do with one that is found.
        on_conflict: OnConflict,
        /// What to look each up by; `None`: all keys, but for `Fail`, which then looks for nothing.
        keys: Option<Vec<MatchKey>>,
        /// One problem writes nothing.
        atomic: bool,
    },
    /// Change several alike, all or none.
    UpdateMany {
        /// Which.
        selection: Selection,
        /// What to change.
        draft: Draft,
    },
    /// Delete; can be undone.
    Delete {
        /// Which.
        selection: Selection,
        /// Refuse if it has another version.
        expected_version: Option<i64>,
    },
    /// Undo deletions, all or none.
    Restore {
        /// Which.
        ids: Vec<String>,
    },
    /// Erase for good, all or none.
    Purge {
        /// Which.
        ids: Vec<String>,
    },
    /// Bring the next contacts into line with a change of what they refer to: `follow::CHUNK` of
    /// them, or the last.
    Follow {
        /// The row that says what they follow.
        id: Uuid,
    },
    /// Store the result of an enrichment run.
    Enrich {
        /// Of which contact.
        id: String,
        /// What it found, and its status in `enrichment_status`.
        draft: Draft,
    },
}

/// Which contacts.
#[derive(Clone, Debug)]
pub enum Selection {
    /// The one with this id; problems name the field `id`.
    One(String),
    /// Those with these ids, at most 200.
    Ids(Vec<String>),
    /// Those that match, at most 10,000.
    Matching {
        /// What they satisfy.
        matching: Box<Matching>,
        /// How many there should be.
        expected: i32,
    },
}

/// What a contact can be looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MatchKey {
    ExternalId,
    Email,
    Phone,
}

impl MatchKey {
    /// Every key.
    pub const ALL: [Self; 3] = [Self::ExternalId, Self::Email, Self::Phone];
}

/// What to do with a contact that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Report it.
    Fail,
    /// Keep it.
    Skip,
    /// Fill and overwrite it with the given values.
    Update,
}

/// How nulls of a draft are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nulls {
    /// They clear the field.
    Clear,
    /// As omitted: there is nothing to clear in a new contact.
    OmittedInNew,
    /// As omitted, and blanks likewise: what is there is never cleared.
    Omitted,
}

impl Command {
    /// The inputs that have to be checked.
    pub(super) fn drafts(&self) -> impl Iterator<Item = &Draft> {
        let (one, many) = match self {
            Self::Create { draft, .. }
            | Self::Update { draft, .. }
            | Self::Upsert { draft, .. }
            | Self::UpdateMany { draft, .. }
            | Self::Enrich { draft, .. } => (Some(draft), None),
            Self::CreateMany { rows, .. } => (None, Some(rows)),
            Self::Delete { .. } | Self::Restore { .. } | Self::Purge { .. } | Self::Follow { .. } => {
                (None, None)
            }
        };
        one.into_iter().chain(many.into_iter().flatten().map(|(_, draft)| draft))
    }

    /// How many contacts it can change at most.
    pub(super) fn rows(&self) -> u32 {
        let rows = match self {
            Self::Create { .. } | Self::Update { .. } | Self::Upsert { .. } | Self::Enrich { .. } => 1,
            Self::CreateMany { rows, .. } => rows.len().min(IDS),
            Self::Follow { .. } => CHUNK,
            Self::UpdateMany { selection, .. } | Self::Delete { selection, .. } => selection.rows(),
            Self::Restore { ids } | Self::Purge { ids } => ids.len().min(IDS),
        };
        u32::try_from(rows.max(1)).unwrap_or(u32::MAX)
    }

    /// How the nulls of its drafts are taken.
    pub(super) fn nulls(&self) -> Nulls {
        match self {
            Self::CreateMany { on_conflict: OnConflict::Update, .. } | Self::Upsert { .. } => Nulls::Omitted,
            Self::Create { .. } | Self::CreateMany { .. } => Nulls::OmittedInNew,
            _ => Nulls::Clear,
        }
    }

    /// What it selects contacts by, and how many it expects, if it does so by a filter.
    pub(super) fn matching(&self) -> Option<(&Matching, i32)> {
        match self {
            Self::UpdateMany { selection: Selection::Matching { matching, expected }, .. }
            | Self::Delete { selection: Selection::Matching { matching, expected }, .. } => {
                Some((matching, *expected))
            }
            _ => None,
        }
    }

    /// What contacts are looked up by, if they are.
    pub(super) fn match_keys(&self) -> &[MatchKey] {
        match self {
            Self::Upsert { keys, .. } | Self::CreateMany { keys: Some(keys), .. } => keys,
            Self::CreateMany { on_conflict: OnConflict::Fail, .. } => &[],
            Self::CreateMany { .. } => &MatchKey::ALL,
            _ => &[],
        }
    }
}

impl Selection {
    fn rows(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Ids(ids) => ids.len().min(IDS),
            Self::Matching { expected, .. } => usize::try_from(*expected).unwrap_or(0).min(MATCHING),
        }
    }
}

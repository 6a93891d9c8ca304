//! The inputs of contact mutations, as commands.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, OneofObject};
use sea_orm::ActiveValue::{NotSet, Set};
use uuid::Uuid;

use super::{
    filter::ContactMatchingInput,
    input::{ContactPatchInput, CreateContactInput, column, score},
};
use crate::{
    contacts::{self, Command, Draft, Selection},
    graphql::error::{ApiError, ApiResult},
    input::text::is_blank,
};

/// Rows of one `createContacts`, at most.
const ROWS: i32 = 200;

/// What a contact can be looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::MatchKey")]
pub(in crate::graphql) enum ContactMatchKey {
    /// `externalId`, exactly. A blank value of any key matches nothing.
    ExternalId,
    /// Any of the emails, whatever its case.
    Email,
    /// Any of the phones, normalized first.
    Phone,
}

/// What to do with a contact that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::OnConflict")]
pub(in crate::graphql) enum ConflictStrategy {
    /// Report it.
    Fail,
    /// Keep the existing contact.
    Skip,
    /// Fill and overwrite with the given values; null and blank are as omitted.
    Update,
}

/// A change to one contact.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateContactInput {
    /// Which contact.
    id: ID,
    /// `STALE_VERSION` if the contact changed meanwhile.
    expected_version: Option<i64>,
    /// What to change.
    set: ContactPatchInput,
}

/// A contact that may be there already.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpsertContactInput {
    /// What is known of it. Where it is there already, tags, phones and emails are added to its own,
    /// and null and blank are as omitted: only `updateContact` clears.
    contact: CreateContactInput,
    /// Keys to look up; all that are given must agree. Default all three.
    #[graphql(name = "match")]
    keys: Option<Vec<ContactMatchKey>>,
}

/// Several new contacts.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateContactsInput {
    /// At most 200.
    contacts: Vec<CreateContactInput>,
    /// What to do with a contact that is there already.
    #[graphql(default_with = "Some(ConflictStrategy::Fail)")]
    on_conflict: Option<ConflictStrategy>,
    /// What tells that a contact is there already. Default all three; with FAIL none, so that only
    /// what must be unique is a conflict.
    #[graphql(name = "match")]
    keys: Option<Vec<ContactMatchKey>>,
    /// One fault writes nothing.
    #[graphql(default_with = "Some(false)")]
    atomic: Option<bool>,
}

/// Which contacts: at most 200 ids, or 10,000 that match.
#[derive(Debug, OneofObject)]
#[expect(clippy::large_enum_variant, reason = "one of them lives at a time")]
pub(in crate::graphql) enum ContactSelectionInput {
    /// At most 200.
    Ids(Vec<ID>),
    /// At most 10,000 that match.
    Matching(ContactMatchingInput),
}

/// One change to several contacts.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateContactsInput {
    /// Which contacts.
    #[graphql(name = "where")]
    selection: ContactSelectionInput,
    /// What to change in each.
    set: ContactPatchInput,
}

/// A contact to delete.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteContactInput {
    /// Which contact.
    id: ID,
    /// `STALE_VERSION` if the contact changed meanwhile.
    expected_version: Option<i64>,
}

/// Contacts to delete.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteContactsInput {
    /// Which contacts.
    #[graphql(name = "where")]
    selection: ContactSelectionInput,
}

/// Deleted contacts to bring back.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RestoreContactsInput {
    /// At most 200. A contact that is live stays as it is.
    ids: Vec<ID>,
}

/// Contacts to erase for good.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct PurgeContactsInput {
    /// At most 200; deleted or not.
    ids: Vec<ID>,
}

/// The result of an enrichment run.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RecordContactEnrichmentInput {
    /// Which contact.
    id: ID,
    /// How the run went.
    #[graphql(default_with = "Some(\"complete\".to_owned())")]
    status: Option<String>,
    /// Sets the contact's `score`.
    score: MaybeUndefined<i64>,
    /// What the run found out.
    set: Option<ContactPatchInput>,
}

impl TryFrom<CreateContactInput> for Command {
    type Error = ApiError;

    fn try_from(input: CreateContactInput) -> ApiResult<Self> {
        Ok(Self::Create { id: Uuid::now_v7(), draft: input.try_into()? })
    }
}

impl TryFrom<UpdateContactInput> for Command {
    type Error = ApiError;

    fn try_from(input: UpdateContactInput) -> ApiResult<Self> {
        let UpdateContactInput { id, expected_version, set } = input;
        Ok(Self::Update { id: id.0, expected_version, draft: set.try_into()? })
    }
}

impl TryFrom<UpsertContactInput> for Command {
    type Error = ApiError;

    fn try_from(input: UpsertContactInput) -> ApiResult<Self> {
        let UpsertContactInput { contact, keys } = input;
        let keys = match_keys(keys)?.unwrap_or_else(|| contacts::MatchKey::ALL.to_vec());
        Ok(Self::Upsert { id: Uuid::now_v7(), draft: contact.try_into()?, keys })
    }
}

impl TryFrom<CreateContactsInput> for Command {
    type Error = ApiError;

    fn try_from(input: CreateContactsInput) -> ApiResult<Self> {
        let CreateContactsInput { contacts, on_conflict, keys, atomic } = input;
        if contacts.len() > ROWS as usize {
            return Err(ApiError::too_many("contacts", ROWS));
        }
        let row = |input: CreateContactInput| Ok((Uuid::now_v7(), Draft::try_from(input)?));
        Ok(Self::CreateMany {
            rows: contacts.into_iter().map(row).collect::<ApiResult<_>>()?,
            on_conflict: on_conflict.unwrap_or(ConflictStrategy::Fail).into(),
            keys: match_keys(keys)?,
            atomic: atomic.unwrap_or(false),
        })
    }
}

impl TryFrom<UpdateContactsInput> for Command {
    type Error = ApiError;

    fn try_from(input: UpdateContactsInput) -> ApiResult<Self> {
        let UpdateContactsInput { selection, set } = input;
        Ok(Self::UpdateMany { selection: selection.try_into()?, draft: set.try_into()? })
    }
}

impl From<DeleteContactInput> for Command {
    fn from(input: DeleteContactInput) -> Self {
        let DeleteContactInput { id, expected_version } = input;
        Self::Delete { selection: Selection::One(id.0), expected_version }
    }
}

impl TryFrom<DeleteContactsInput> for Command {
    type Error = ApiError;

    fn try_from(input: DeleteContactsInput) -> ApiResult<Self> {
        Ok(Self::Delete { selection: input.selection.try_into()?, expected_version: None })
    }
}

impl From<RestoreContactsInput> for Command {
    fn from(input: RestoreContactsInput) -> Self {
        Self::Restore { ids: texts(input.ids) }
    }
}

impl From<PurgeContactsInput> for Command {
    fn from(input: PurgeContactsInput) -> Self {
        Self::Purge { ids: texts(input.ids) }
    }
}

impl TryFrom<RecordContactEnrichmentInput> for Command {
    type Error = ApiError;

    fn try_from(input: RecordContactEnrichmentInput) -> ApiResult<Self> {
        let RecordContactEnrichmentInput { id, status, score: given, set } = input;
        let mut draft = set.map(Draft::try_from).transpose()?.unwrap_or_default();
        let status = status.filter(|status| !is_blank(status));
        draft.contact.enrichment_status = Set(Some(status.unwrap_or_else(|| "complete".to_owned())));
        let given = column(score(given)?);
        if given != NotSet {
            draft.contact.score = given;
        }
        Ok(Self::Enrich { id: id.0, draft })
    }
}

impl TryFrom<ContactSelectionInput> for Selection {
    type Error = ApiError;

    fn try_from(input: ContactSelectionInput) -> ApiResult<Self> {
        match input {
            ContactSelectionInput::Ids(ids) => Ok(Self::Ids(texts(ids))),
            ContactSelectionInput::Matching(input) => {
                let (matching, expected) = input.into_parts()?;
                Ok(Self::Matching { matching: Box::new(matching), expected })
            }
        }
    }
}

/// An empty list could find nothing: it is refused, so that it is not mistaken for all keys.
fn match_keys(keys: Option<Vec<ContactMatchKey>>) -> ApiResult<Option<Vec<contacts::MatchKey>>> {
    match keys {
        Some(keys) if keys.is_empty() => {
            Err(ApiError::bad_input("match", "is empty: leave it out, or name a key"))
        }
        Some(keys) => Ok(Some(keys.into_iter().map(Into::into).collect())),
        None => Ok(None),
    }
}

fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

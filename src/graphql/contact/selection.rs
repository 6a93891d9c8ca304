//! Inputs by which mutations select contacts.

use async_graphql::{Enum, ID, OneofObject};

use super::filter::ContactMatchingInput;
use crate::{
    contacts::{self, commands::Selection},
    graphql::error::{ApiError, ApiResult},
};

/// Key that an existing contact is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::MatchKey")]
pub(in crate::graphql) enum ContactMatchKey {
    /// `externalId`, compared exactly. A blank value matches nothing, as with every key.
    ExternalId,
    /// Any of the emails, whatever its case.
    Email,
    /// Any of the phones; numbers are normalized first.
    Phone,
}

/// Selection of contacts. Give exactly one field.
#[derive(Debug, OneofObject)]
#[expect(clippy::large_enum_variant, reason = "one of them lives at a time")]
pub(in crate::graphql) enum ContactSelectionInput {
    /// Contacts with these ids; at most 200.
    Ids(Vec<ID>),
    /// Contacts that match; at most 10,000.
    Matching(ContactMatchingInput),
}

impl TryFrom<ContactSelectionInput> for Selection {
    type Error = ApiError;

    fn try_from(input: ContactSelectionInput) -> ApiResult<Self> {
        match input {
            ContactSelectionInput::Ids(ids) => Ok(Self::Ids(texts(ids))),
            ContactSelectionInput::Matching(input) => {
                let (criteria, expected) = input.into_parts()?;
                Ok(Self::Matching { criteria: Box::new(criteria), expected })
            }
        }
    }
}

/// Converts keys. An empty list is refused: it would match nothing, and is easily mistaken for all keys.
pub(in crate::graphql) fn match_keys(
    keys: Option<Vec<ContactMatchKey>>,
) -> ApiResult<Option<Vec<contacts::MatchKey>>> {
    match keys {
        Some(keys) if keys.is_empty() => {
            Err(ApiError::bad_input("match", "is empty. Leave it out, or name at least one key"))
        }
        Some(keys) => Ok(Some(keys.into_iter().map(Into::into).collect())),
        None => Ok(None),
    }
}

/// Converts ids to texts.
pub(in crate::graphql) fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

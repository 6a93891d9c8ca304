//! How mutations select contacts.

use async_graphql::{Enum, ID, OneofObject};

use super::filter::ContactMatchingInput;
use crate::{
    contacts::{self, commands::Selection},
    graphql::error::{ApiError, ApiResult},
};

/// Key by which a contact can be looked up.
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

/// Selection of contacts: at most 200 ids, or at most 10,000 contacts that match a filter.
#[derive(Debug, OneofObject)]
#[expect(clippy::large_enum_variant, reason = "one of them lives at a time")]
pub(in crate::graphql) enum ContactSelectionInput {
    /// At most 200 ids.
    Ids(Vec<ID>),
    /// At most 10,000 contacts that match.
    Matching(ContactMatchingInput),
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

/// Converts keys. An empty list is refused: it would find nothing, and is easily mistaken for all
/// keys.
pub(in crate::graphql) fn match_keys(
    keys: Option<Vec<ContactMatchKey>>,
) -> ApiResult<Option<Vec<contacts::MatchKey>>> {
    match keys {
        Some(keys) if keys.is_empty() => {
            Err(ApiError::bad_input("match", "is empty: leave it out, or name a key"))
        }
        Some(keys) => Ok(Some(keys.into_iter().map(Into::into).collect())),
        None => Ok(None),
    }
}

/// Converts ids to the texts that they were given as.
pub(in crate::graphql) fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

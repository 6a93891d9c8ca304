//! Inputs that choose contacts: filters, and the identifiers that a person is known by.

mod operators;
mod predicates;

use async_graphql::{InputObject, OneofObject};

use self::operators::{DateTimeFilter, IDFilter, IntFilter, MetadataFilter, StringFilter, StringListFilter};
use crate::{
    contacts::{Criteria, Filter, Identifier},
    graphql::error::{ApiError, ApiResult},
};

/// Conditions on contacts. A contact matches if all fields that are given hold; `{}` matches every
/// contact, and null is the same as omitted. At most 10 levels and 100 conditions, with at most 200
/// values in a list.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct ContactFilter {
    /// All of these filters match. An empty list matches every contact.
    and: Option<Vec<ContactFilter>>,
    /// At least one of these filters matches. An empty list matches no contact.
    or: Option<Vec<ContactFilter>>,
    /// This filter does not match: the exact complement, contacts without a value included.
    not: Option<Box<ContactFilter>>,
    /// The contact's own id.
    id: Option<IDFilter>,
    /// Your own key for the contact. Compares exactly, case included.
    external_id: Option<StringFilter>,
    /// Given name. Compares without case and accents; white space counts as one blank.
    first_name: Option<StringFilter>,
    /// Family name. Compares as `firstName` does. With the default order, `eq` uses an index.
    last_name: Option<StringFilter>,
    /// Any of the emails; each operator may be met by a different one. Compares without case; parts of an address without accents, too.
    email: Option<StringFilter>,
    /// Any of the phones; each operator may be met by a different one. The values of `eq`, `neq`, `in` and `nin` are normalized to E.164 first.
    phone: Option<StringFilter>,
    /// The company's name as text. Compares as `firstName` does. With the default order, `eq` uses an index.
    company: Option<StringFilter>,
    /// Id of the linked company.
    company_id: Option<IDFilter>,
    /// Job title of the contact.
    job_title: Option<StringFilter>,
    /// Line of business, as text.
    industry: Option<StringFilter>,
    /// City or town, as it was given.
    city: Option<StringFilter>,
    /// State, province or region, as it was given.
    state: Option<StringFilter>,
    /// Postal code, as it was given.
    zip: Option<StringFilter>,
    /// ISO 3166-1 alpha-2 code, e.g. `CA`.
    country: Option<StringFilter>,
    /// Lifecycle status; in a pipeline organization the stage's name. With the default order, `eq` uses an index.
    status: Option<StringFilter>,
    /// Stage label. With the default order, `eq` uses an index.
    stage: Option<StringFilter>,
    /// Channel that the contact came in by, e.g. `api`, `import`, `form`.
    source: Option<StringFilter>,
    /// Process that the contact takes part in, as it was given.
    process: Option<StringFilter>,
    /// IANA time zone, e.g. `Europe/Berlin`.
    timezone: Option<StringFilter>,
    /// BCP 47 language tag, e.g. `pt-BR`.
    language: Option<StringFilter>,
    /// Web address, its `https://` included.
    website: Option<StringFilter>,
    /// WhatsApp number. The values of `eq`, `neq`, `in` and `nin` are normalized to E.164 first.
    whatsapp_number: Option<StringFilter>,
    /// Status of the latest enrichment run, e.g. `complete`.
    enrichment_status: Option<StringFilter>,
    /// Id of the pipeline that the contact is in.
    pipeline_id: Option<IDFilter>,
    /// Id of the pipeline stage that the contact is at.
    pipeline_stage_id: Option<IDFilter>,
    /// Id of the contact's team.
    team_id: Option<IDFilter>,
    /// Id of the user who owns the contact.
    owner_id: Option<IDFilter>,
    /// Id of the user whose API key created the contact.
    created_by_id: Option<IDFilter>,
    /// Id of any of the assigned users.
    assignee_id: Option<IDFilter>,
    /// Tag names. They compare without case and accents.
    tags: Option<StringListFilter>,
    /// Your own rating of the contact.
    score: Option<IntFilter>,
    /// Exactly this value of `isActive`.
    is_active: Option<bool>,
    /// Exactly this value of `emailSubscribed`.
    email_subscribed: Option<bool>,
    /// True: any of the phones is flagged `doNotCall`. False: none is.
    do_not_call: Option<bool>,
    /// Time of creation in this system.
    created_at: Option<DateTimeFilter>,
    /// Time of the latest change of any kind.
    updated_at: Option<DateTimeFilter>,
    /// Time at which the latest enrichment run was recorded.
    enriched_at: Option<DateTimeFilter>,
    /// Time at which a tag was last added.
    tag_added_at: Option<DateTimeFilter>,
    /// Time of deletion. Useful with `includeDeleted` only.
    deleted_at: Option<DateTimeFilter>,
    /// Conditions on top-level keys of `metadata`. All must hold.
    metadata: Option<Vec<MetadataFilter>>,
}

/// One identifier of a person. Give exactly one field.
#[derive(Debug, OneofObject)]
pub(in crate::graphql) enum ContactIdentifierInput {
    /// Any of the contact's emails, whatever its case.
    Email(String),
    /// Any of the contact's phones, in any notation. National numbers need the policy's `defaultPhoneRegion`.
    Phone(String),
    /// Your own key for the contact, compared exactly.
    ExternalId(String),
}

/// Contacts that match a filter, a free-text query, or both.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactMatchingInput {
    /// Same as `filter` of `contacts`. With neither filter nor query, every contact matches.
    filter: Option<ContactFilter>,
    /// Same as `query` of `contacts`.
    query: Option<String>,
    /// Number of contacts that must match: the `totalCount` you showed the user. A different number is `COUNT_MISMATCH`.
    expected_count: i32,
}

impl ContactMatchingInput {
    /// Returns the criteria, and how many contacts must match them.
    pub(super) fn into_parts(self) -> ApiResult<(Criteria, i32)> {
        let Self { filter, query, expected_count } = self;
        Ok((criteria(filter, query)?, expected_count))
    }
}

/// Combines a filter and a query, and checks their limits.
pub(in crate::graphql) fn criteria(
    filter: Option<ContactFilter>,
    query: Option<String>,
) -> ApiResult<Criteria> {
    // A number that was rounded when it was parsed would silently match other contacts.
    if filter.as_ref().is_some_and(|filter| !filter.is_exact()) {
        let message = "holds a number that is neither a 64-bit integer nor a double";
        return Err(ApiError::bad_input("filter", message));
    }
    Ok(Criteria::new(filter.map(Filter::from), query)?)
}

impl ContactFilter {
    /// Returns true if every number of the filter is exactly the one that was sent.
    fn is_exact(&self) -> bool {
        let lists = [&self.and, &self.or].into_iter().flatten().flatten();
        let mut filters = lists.chain(self.not.as_deref());
        self.metadata.iter().flatten().all(MetadataFilter::is_exact) && filters.all(Self::is_exact)
    }
}

impl From<ContactIdentifierInput> for Identifier {
    fn from(input: ContactIdentifierInput) -> Self {
        match input {
            ContactIdentifierInput::Email(email) => Self::Email(email),
            ContactIdentifierInput::Phone(phone) => Self::Phone(phone),
            ContactIdentifierInput::ExternalId(external_id) => Self::ExternalId(external_id),
        }
    }
}

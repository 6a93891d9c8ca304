//! The filters of contacts, as inputs.

use async_graphql::{ID, InputObject, OneofObject};
use entity::contact::Column;

use crate::{
    contacts::{
        Filter, Flag, IdField, Identifier, Ids, Matching, Member, Number, Tags, Test, Text, TextField,
    },
    graphql::{
        error::{ApiError, ApiResult},
        scalars::{DateTime, Json},
    },
};

/// Which contacts. All fields that are given must hold; `{}` is matched by every contact. At most
/// 10 levels and 100 conditions, with at most 200 values in a list.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct ContactFilter {
    /// All of these match; an empty list is matched by every contact.
    and: Option<Vec<ContactFilter>>,
    /// Any of these matches; an empty list is matched by none.
    or: Option<Vec<ContactFilter>>,
    /// The exact complement, contacts without a value included.
    not: Option<Box<ContactFilter>>,
    /// The contact itself.
    id: Option<IDFilter>,
    /// Compares exactly, case included.
    external_id: Option<StringFilter>,
    /// Compares without case and accents; white space counts as one blank.
    first_name: Option<StringFilter>,
    /// Compares as `firstName` does. With the default order, `eq` is read off an index.
    last_name: Option<StringFilter>,
    /// Any of the emails, each operator for itself. Compares without case; parts of an address without accents, too.
    email: Option<StringFilter>,
    /// Any of the phones, each operator for itself. `eq`, `neq`, `in` and `nin` are normalized to E.164 first.
    phone: Option<StringFilter>,
    /// The company's name as text. Compares as `firstName` does. With the default order, `eq` is read off an index.
    company: Option<StringFilter>,
    /// The linked company.
    company_id: Option<IDFilter>,
    /// What the person does.
    job_title: Option<StringFilter>,
    /// As text.
    industry: Option<StringFilter>,
    /// As it was given.
    city: Option<StringFilter>,
    /// Or province, as it was given.
    state: Option<StringFilter>,
    /// Or postal code, as it was given.
    zip: Option<StringFilter>,
    /// ISO 3166-1 alpha-2.
    country: Option<StringFilter>,
    /// Lifecycle status; in a pipeline organization the stage's name. With the default order, `eq` is read off an index.
    status: Option<StringFilter>,
    /// Stage label. With the default order, `eq` is read off an index.
    stage: Option<StringFilter>,
    /// How the contact came in.
    source: Option<StringFilter>,
    /// As it was given.
    process: Option<StringFilter>,
    /// IANA zone.
    timezone: Option<StringFilter>,
    /// BCP 47 tag.
    language: Option<StringFilter>,
    /// With its `https://`.
    website: Option<StringFilter>,
    /// `eq`, `neq`, `in` and `nin` are normalized to E.164 first.
    whatsapp_number: Option<StringFilter>,
    /// How the latest enrichment run went.
    enrichment_status: Option<StringFilter>,
    /// The linked pipeline.
    pipeline_id: Option<IDFilter>,
    /// The linked stage.
    pipeline_stage_id: Option<IDFilter>,
    /// The contact's team.
    team_id: Option<IDFilter>,
    /// The user who owns it.
    owner_id: Option<IDFilter>,
    /// The user whose key created it.
    created_by_id: Option<IDFilter>,
    /// Any of the assignees.
    assignee_id: Option<IDFilter>,
    /// Tag names; compare without case and accents.
    tags: Option<StringListFilter>,
    /// The contact's score.
    score: Option<IntFilter>,
    /// True or false; null is as omitted.
    is_active: Option<bool>,
    /// True or false; null is as omitted.
    email_subscribed: Option<bool>,
    /// True: any of the phones is flagged; false: none is.
    do_not_call: Option<bool>,
    /// When it was created.
    created_at: Option<DateTimeFilter>,
    /// When anything about it last changed.
    updated_at: Option<DateTimeFilter>,
    /// When it was last enriched.
    enriched_at: Option<DateTimeFilter>,
    /// When a tag was last added.
    tag_added_at: Option<DateTimeFilter>,
    /// When it was deleted; of use with `includeDeleted`.
    deleted_at: Option<DateTimeFilter>,
    /// All must hold.
    metadata: Option<Vec<MetadataFilter>>,
}

/// How a text compares. Case-insensitive. `isNull: true` also matches the empty string. All
/// operators that are given must hold; `%` and `_` are literal.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct StringFilter {
    /// Is this text.
    eq: Option<String>,
    /// The complement of `eq`, so a contact without the field matches.
    neq: Option<String>,
    /// Is one of these; none is of an empty list.
    #[graphql(name = "in")]
    one_of: Option<Vec<String>>,
    /// The complement of `in`, so a contact without the field matches.
    nin: Option<Vec<String>>,
    /// Has this text in it.
    contains: Option<String>,
    /// Begins with this text.
    starts_with: Option<String>,
    /// Ends with this text.
    ends_with: Option<String>,
    /// True: null or empty; false: neither.
    is_null: Option<bool>,
}

/// How an id compares. What is no UUID is equal to no id.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct IDFilter {
    /// Is this id.
    eq: Option<ID>,
    /// The complement of `eq`, so a contact without the field matches.
    neq: Option<ID>,
    /// Is one of these; none is of an empty list.
    #[graphql(name = "in")]
    one_of: Option<Vec<ID>>,
    /// The complement of `in`, so a contact without the field matches.
    nin: Option<Vec<ID>>,
    /// True: there is none; false: there is one.
    is_null: Option<bool>,
}

/// How a number compares. One that is null is neither less nor greater.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct IntFilter {
    /// Is this number.
    eq: Option<i32>,
    /// The complement of `eq`, so a contact without the field matches.
    neq: Option<i32>,
    /// Is greater.
    gt: Option<i32>,
    /// Is greater or equal.
    gte: Option<i32>,
    /// Is less.
    lt: Option<i32>,
    /// Is less or equal.
    lte: Option<i32>,
    /// True: there is none; false: there is one.
    is_null: Option<bool>,
}

/// How a time compares. One that is null is neither before nor after.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DateTimeFilter {
    /// Is after.
    gt: Option<DateTime>,
    /// Is at this time or after.
    gte: Option<DateTime>,
    /// Is before.
    lt: Option<DateTime>,
    /// Is at this time or before.
    lte: Option<DateTime>,
    /// True: there is none; false: there is one.
    is_null: Option<bool>,
}

/// What a list of texts has.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct StringListFilter {
    /// Has any of these; of an empty list none has any.
    has_any: Option<Vec<String>>,
    /// Has all of these; of an empty list every one has all.
    has_all: Option<Vec<String>>,
    /// Has none of these: the complement of `hasAny`.
    has_none: Option<Vec<String>>,
    /// True: has nothing; false: has something.
    is_empty: Option<bool>,
}

/// What `metadata` has under a key.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct MetadataFilter {
    /// Top-level key, exactly.
    key: String,
    /// Is this JSON value. The order of an object's keys does not count, and 1 equals 1.0.
    eq: Option<Json>,
    /// True: the key is absent or its value null; false: it has a value.
    is_null: Option<bool>,
}

/// Exactly one field.
#[derive(Debug, OneofObject)]
pub(in crate::graphql) enum ContactIdentifierInput {
    /// Any of the contact's emails, whatever its case.
    Email(String),
    /// Any of the contact's phones, in any notation; national numbers need the policy's region.
    Phone(String),
    /// Your own key, exactly.
    ExternalId(String),
}

/// Contacts chosen by what they are.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactMatchingInput {
    /// As `contacts(filter:)`. With neither filter nor query, every contact.
    filter: Option<ContactFilter>,
    /// As `contacts(query:)`.
    query: Option<String>,
    /// The `totalCount` you showed the user; a different number is `COUNT_MISMATCH`.
    expected_count: i32,
}

impl ContactMatchingInput {
    /// What matches, and how many there should be.
    pub(super) fn into_parts(self) -> ApiResult<(Matching, i32)> {
        let Self { filter, query, expected_count } = self;
        Ok((matching(filter, query)?, expected_count))
    }
}

/// A filter and a query, within their limits.
pub(in crate::graphql) fn matching(
    filter: Option<ContactFilter>,
    query: Option<String>,
) -> ApiResult<Matching> {
    if filter.as_ref().is_some_and(|filter| !filter.is_exact()) {
        let message = "holds a number that is neither a 64-bit integer nor a double";
        return Err(ApiError::bad_input("filter", message));
    }
    Ok(Matching::new(filter.map(Filter::from), query)?)
}

impl ContactFilter {
    /// Whether every number in it survived being read.
    fn is_exact(&self) -> bool {
        let lists = [&self.and, &self.or].into_iter().flatten().flatten();
        let mut filters = lists.chain(self.not.as_deref());
        let mut values = self.metadata.iter().flatten().filter_map(|metadata| metadata.eq.as_ref());
        values.all(Json::is_exact) && filters.all(Self::is_exact)
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

impl From<ContactFilter> for Filter {
    #[expect(clippy::too_many_lines, reason = "a line for each field")]
    fn from(input: ContactFilter) -> Self {
        let ContactFilter {
            and,
            or,
            not,
            id,
            external_id,
            first_name,
            last_name,
            email,
            phone,
            company,
            company_id,
            job_title,
            industry,
            city,
            state,
            zip,
            country,
            status,
            stage,
            source,
            process,
            timezone,
            language,
            website,
            whatsapp_number,
            enrichment_status,
            pipeline_id,
            pipeline_stage_id,
            team_id,
            owner_id,
            created_by_id,
            assignee_id,
            tags: tag_names,
            score,
            is_active,
            email_subscribed,
            do_not_call,
            created_at,
            updated_at,
            enriched_at,
            tag_added_at,
            deleted_at,
            metadata,
        } = input;
        let texts = [
            (external_id, TextField::ExternalId),
            (first_name, TextField::FirstName),
            (last_name, TextField::LastName),
            (email, TextField::Email),
            (phone, TextField::Phone),
            (company, TextField::Company),
            (job_title, TextField::Plain(Column::JobTitle)),
            (industry, TextField::Plain(Column::Industry)),
            (city, TextField::Plain(Column::City)),
            (state, TextField::Plain(Column::State)),
            (zip, TextField::Plain(Column::Zip)),
            (country, TextField::Plain(Column::Country)),
            (status, TextField::Plain(Column::Status)),
            (stage, TextField::Plain(Column::Stage)),
            (source, TextField::Plain(Column::Source)),
            (process, TextField::Plain(Column::Process)),
            (timezone, TextField::Plain(Column::Timezone)),
            (language, TextField::Plain(Column::Language)),
            (website, TextField::Plain(Column::Website)),
            (whatsapp_number, TextField::WhatsappNumber),
            (enrichment_status, TextField::Plain(Column::EnrichmentStatus)),
        ];
        let ids = [
            (id, IdField::Own(Column::Id)),
            (company_id, IdField::Own(Column::CompanyId)),
            (pipeline_id, IdField::Own(Column::PipelineId)),
            (pipeline_stage_id, IdField::Own(Column::PipelineStageId)),
            (team_id, IdField::Own(Column::TeamId)),
            (owner_id, IdField::Own(Column::OwnerId)),
            (created_by_id, IdField::Own(Column::CreatedBy)),
            (assignee_id, IdField::Assignee),
        ];
        let times = [
            (created_at, Column::CreatedAt),
            (updated_at, Column::UpdatedAt),
            (enriched_at, Column::EnrichedAt),
            (tag_added_at, Column::TagAddedAt),
            (deleted_at, Column::DeletedAt),
        ];
        let flags = [
            (is_active, Flag::IsActive),
            (email_subscribed, Flag::EmailSubscribed),
            (do_not_call, Flag::DoNotCall),
        ];
        let mut tests = Vec::new();
        for (given, field) in texts {
            tests.extend(
                given
                    .into_iter()
                    .flat_map(StringFilter::tests)
                    .map(|test| about(test, |text| Test::Text(field, text))),
            );
        }
        for (given, field) in ids {
            tests.extend(
                given.into_iter().flat_map(IDFilter::tests).map(|test| about(test, |id| Test::Id(field, id))),
            );
        }
        let score = score.into_iter().flat_map(IntFilter::tests);
        tests.extend(score.map(|test| about(test, |number| Test::Number(Column::Score, number))));
        for (given, column) in times {
            let given = given.into_iter().flat_map(DateTimeFilter::tests);
            tests.extend(given.map(|test| about(test, |number| Test::Number(column, number))));
        }
        tests.extend(flags.into_iter().filter_map(|(given, flag)| Some(Test::Flag(flag, given?))));
        tests.extend(
            tag_names.into_iter().flat_map(StringListFilter::tests).map(|test| about(test, Test::Tags)),
        );
        for MetadataFilter { key, eq, is_null } in metadata.into_iter().flatten() {
            // Numbers that are not exact are refused before.
            let eq = eq.and_then(Json::exact).map(|value| (Member::Equals(value), true));
            let is_null = is_null.map(|is| (Member::IsNull, is));
            let given = eq.into_iter().chain(is_null);
            tests.extend(given.map(|test| about(test, |member| Test::Metadata(key.clone(), member))));
        }
        let list = |filters: Vec<ContactFilter>| filters.into_iter().map(Self::from).collect();
        Self {
            tests,
            and: and.map(list),
            or: or.map(list),
            not: not.map(|filter| Box::new(Self::from(*filter))),
        }
    }
}

/// An operator with its value; false: its complement is asked.
type Asked<T> = (T, bool);

fn about<T>((operator, holds): Asked<T>, test: impl FnOnce(T) -> Test) -> Test {
    let test = test(operator);
    if holds { test } else { test.negated() }
}

impl StringFilter {
    fn tests(self) -> impl Iterator<Item = Asked<Text>> {
        let Self { eq, neq, one_of, nin, contains, starts_with, ends_with, is_null } = self;
        [
            eq.map(|value| (Text::In(vec![value]), true)),
            neq.map(|value| (Text::In(vec![value]), false)),
            one_of.map(|values| (Text::In(values), true)),
            nin.map(|values| (Text::In(values), false)),
            contains.map(|part| (Text::Contains(part), true)),
            starts_with.map(|start| (Text::StartsWith(start), true)),
            ends_with.map(|end| (Text::EndsWith(end), true)),
            is_null.map(|is| (Text::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl IDFilter {
    fn tests(self) -> impl Iterator<Item = Asked<Ids>> {
        let Self { eq, neq, one_of, nin, is_null } = self;
        let texts = |ids: Vec<ID>| Ids::In(ids.into_iter().map(|id| id.0).collect());
        [
            eq.map(|id| (texts(vec![id]), true)),
            neq.map(|id| (texts(vec![id]), false)),
            one_of.map(|ids| (texts(ids), true)),
            nin.map(|ids| (texts(ids), false)),
            is_null.map(|is| (Ids::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl IntFilter {
    fn tests(self) -> impl Iterator<Item = Asked<Number>> {
        let Self { eq, neq, gt, gte, lt, lte, is_null } = self;
        [
            eq.map(|value| (Number::Eq(value.into()), true)),
            neq.map(|value| (Number::Eq(value.into()), false)),
            gt.map(|value| (Number::Gt(value.into()), true)),
            gte.map(|value| (Number::Gte(value.into()), true)),
            lt.map(|value| (Number::Lt(value.into()), true)),
            lte.map(|value| (Number::Lte(value.into()), true)),
            is_null.map(|is| (Number::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl DateTimeFilter {
    /// Stored times are whole milliseconds: a bound between two of them is moved to the next.
    fn tests(self) -> impl Iterator<Item = Asked<Number>> {
        let Self { gt, gte, lt, lte, is_null } = self;
        [
            gt.map(|time| (Number::Gt(time.ms()), true)),
            gte.map(|time| (Number::Gte(time.ms_rounded_up()), true)),
            lt.map(|time| (Number::Lt(time.ms_rounded_up()), true)),
            lte.map(|time| (Number::Lte(time.ms()), true)),
            is_null.map(|is| (Number::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl StringListFilter {
    fn tests(self) -> impl Iterator<Item = Asked<Tags>> {
        let Self { has_any, has_all, has_none, is_empty } = self;
        [
            has_any.map(|names| (Tags::Any(names), true)),
            has_all.map(|names| (Tags::All(names), true)),
            has_none.map(|names| (Tags::Any(names), false)),
            is_empty.map(|is| (Tags::IsEmpty, is)),
        ]
        .into_iter()
        .flatten()
    }
}

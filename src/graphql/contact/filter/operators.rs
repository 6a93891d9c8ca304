//! Operators of the filters, by the type of the field that they compare.

use async_graphql::{ID, InputObject};

use crate::{
    contacts::{IdComparison, MetadataComparison, NumberComparison, TagComparison, TextComparison},
    graphql::scalars::{DateTime, Json},
};

/// A comparison; false: its complement must hold.
pub(super) type Asserted<T> = (T, bool);

/// Comparison of a text, without case. `isNull: true` also matches the empty string. All operators
/// that are given must hold; `%` and `_` are literal.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct StringFilter {
    /// Equals this text.
    eq: Option<String>,
    /// The complement of `eq`, so a contact without the field matches.
    neq: Option<String>,
    /// Equals one of these texts. An empty list matches no contact.
    #[graphql(name = "in")]
    one_of: Option<Vec<String>>,
    /// The complement of `in`, so a contact without the field matches.
    nin: Option<Vec<String>>,
    /// Contains this text.
    contains: Option<String>,
    /// Starts with this text.
    starts_with: Option<String>,
    /// Ends with this text.
    ends_with: Option<String>,
    /// True: null or empty. False: neither.
    is_null: Option<bool>,
}

/// Comparison of an id. A text that is not a UUID equals no id.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct IDFilter {
    /// Equals this id.
    eq: Option<ID>,
    /// The complement of `eq`, so a contact without the field matches.
    neq: Option<ID>,
    /// Equals one of these ids. An empty list matches no contact.
    #[graphql(name = "in")]
    one_of: Option<Vec<ID>>,
    /// The complement of `in`, so a contact without the field matches.
    nin: Option<Vec<ID>>,
    /// True: the field is null. False: it has a value.
    is_null: Option<bool>,
}

/// Comparison of a number. Null is neither less nor greater than any number.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct IntFilter {
    /// Equals this number.
    eq: Option<i32>,
    /// The complement of `eq`, so a contact without the field matches.
    neq: Option<i32>,
    /// Is greater than this number.
    gt: Option<i32>,
    /// Is greater than this number, or equal.
    gte: Option<i32>,
    /// Is less than this number.
    lt: Option<i32>,
    /// Is less than this number, or equal.
    lte: Option<i32>,
    /// True: the field is null. False: it has a value.
    is_null: Option<bool>,
}

/// Comparison of a time. Null is neither before nor after any time.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DateTimeFilter {
    /// Is after this time.
    gt: Option<DateTime>,
    /// Is at this time or after.
    gte: Option<DateTime>,
    /// Is before this time.
    lt: Option<DateTime>,
    /// Is at this time or before.
    lte: Option<DateTime>,
    /// True: the field is null. False: it has a value.
    is_null: Option<bool>,
}

/// Comparison of a list of texts.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct StringListFilter {
    /// Contains at least one of these. An empty list matches no contact.
    has_any: Option<Vec<String>>,
    /// Contains all of these. An empty list matches every contact.
    has_all: Option<Vec<String>>,
    /// Contains none of these: the complement of `hasAny`.
    has_none: Option<Vec<String>>,
    /// True: the list is empty. False: it has entries.
    is_empty: Option<bool>,
}

/// Comparison of a top-level key of `metadata`.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct MetadataFilter {
    /// Top-level key. Compares exactly.
    key: String,
    /// Equals this JSON value. The order of an object's keys does not count, and 1 equals 1.0.
    eq: Option<Json>,
    /// True: the key is absent, or its value is null. False: it has a value.
    is_null: Option<bool>,
}

impl StringFilter {
    pub(super) fn comparisons(self) -> impl Iterator<Item = Asserted<TextComparison>> {
        let Self { eq, neq, one_of, nin, contains, starts_with, ends_with, is_null } = self;
        [
            eq.map(|value| (TextComparison::In(vec![value]), true)),
            neq.map(|value| (TextComparison::In(vec![value]), false)),
            one_of.map(|values| (TextComparison::In(values), true)),
            nin.map(|values| (TextComparison::In(values), false)),
            contains.map(|part| (TextComparison::Contains(part), true)),
            starts_with.map(|start| (TextComparison::StartsWith(start), true)),
            ends_with.map(|end| (TextComparison::EndsWith(end), true)),
            is_null.map(|is| (TextComparison::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl IDFilter {
    pub(super) fn comparisons(self) -> impl Iterator<Item = Asserted<IdComparison>> {
        let Self { eq, neq, one_of, nin, is_null } = self;
        let texts = |ids: Vec<ID>| IdComparison::In(ids.into_iter().map(|id| id.0).collect());
        [
            eq.map(|id| (texts(vec![id]), true)),
            neq.map(|id| (texts(vec![id]), false)),
            one_of.map(|ids| (texts(ids), true)),
            nin.map(|ids| (texts(ids), false)),
            is_null.map(|is| (IdComparison::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl IntFilter {
    pub(super) fn comparisons(self) -> impl Iterator<Item = Asserted<NumberComparison>> {
        let Self { eq, neq, gt, gte, lt, lte, is_null } = self;
        [
            eq.map(|value| (NumberComparison::Eq(value.into()), true)),
            neq.map(|value| (NumberComparison::Eq(value.into()), false)),
            gt.map(|value| (NumberComparison::Gt(value.into()), true)),
            gte.map(|value| (NumberComparison::Gte(value.into()), true)),
            lt.map(|value| (NumberComparison::Lt(value.into()), true)),
            lte.map(|value| (NumberComparison::Lte(value.into()), true)),
            is_null.map(|is| (NumberComparison::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl DateTimeFilter {
    pub(super) fn comparisons(self) -> impl Iterator<Item = Asserted<NumberComparison>> {
        let Self { gt, gte, lt, lte, is_null } = self;
        // Stored times are whole milliseconds. For a bound t between m and m + 1, `> t` is `> m` and
        // `<= t` is `<= m`, but `>= t` is `>= m + 1` and `< t` is `< m + 1`.
        [
            gt.map(|time| (NumberComparison::Gt(time.ms()), true)),
            gte.map(|time| (NumberComparison::Gte(time.ms_rounded_up()), true)),
            lt.map(|time| (NumberComparison::Lt(time.ms_rounded_up()), true)),
            lte.map(|time| (NumberComparison::Lte(time.ms()), true)),
            is_null.map(|is| (NumberComparison::IsNull, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl StringListFilter {
    pub(super) fn comparisons(self) -> impl Iterator<Item = Asserted<TagComparison>> {
        let Self { has_any, has_all, has_none, is_empty } = self;
        [
            has_any.map(|names| (TagComparison::Any(names), true)),
            has_all.map(|names| (TagComparison::All(names), true)),
            has_none.map(|names| (TagComparison::Any(names), false)),
            is_empty.map(|is| (TagComparison::IsEmpty, is)),
        ]
        .into_iter()
        .flatten()
    }
}

impl MetadataFilter {
    /// Returns true if every number of the value is exactly the one that was sent.
    pub(super) fn is_exact(&self) -> bool {
        self.eq.as_ref().is_none_or(Json::is_exact)
    }

    /// Returns the key, and its comparisons.
    pub(super) fn into_parts(self) -> (String, impl Iterator<Item = Asserted<MetadataComparison>>) {
        let Self { key, eq, is_null } = self;
        // A filter with a number that is not exact has been refused before.
        let eq = eq.and_then(Json::exact).map(|value| (MetadataComparison::Equals(value), true));
        let is_null = is_null.map(|is| (MetadataComparison::IsNull, is));
        (key, eq.into_iter().chain(is_null))
    }
}

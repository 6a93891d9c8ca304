//! Filters: what contacts can be chosen by.
//!
//! A filter matches a contact when it evaluates to true there, and in no other case. So what is
//! unknown to SQL, as a comparison with null, does not match, and a complement takes in all that
//! does not match.

mod compile;
mod link;
mod metadata;
mod sql;
mod tags;
mod text;

use entity::contact::Column;
use rlibphonenumber::Region;
use sea_orm::sea_query::Condition;
use serde_json::Value as Json;

use self::{compile::Compiler, tags::TagIds};
use super::search::Needle;
use crate::{database::Read, error::DatabaseError};

/// Values of one list, at most.
const VALUES: usize = 200;
/// Characters of a query, at most.
const QUERY: usize = 256;

/// Tests that must all hold; none: every contact matches.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What is asked of the contact itself.
    pub tests: Vec<Test>,
    /// All of these match.
    pub and: Option<Vec<Filter>>,
    /// Any of these matches; none of an empty list.
    pub or: Option<Vec<Filter>>,
    /// This does not match.
    pub not: Option<Box<Filter>>,
}

/// Something asked of a contact.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API, and the operators of their filters")]
pub enum Test {
    Text(TextField, Text),
    Id(IdField, Ids),
    Number(Column, Number),
    Flag(Flag, bool),
    Tags(Tags),
    /// A top-level key of `metadata`.
    Metadata(String, Member),
    /// The complement.
    Not(Box<Test>),
}

/// A text of a contact.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TextField {
    FirstName,
    LastName,
    Company,
    /// Compares exactly.
    ExternalId,
    /// Any address.
    Email,
    /// Any number.
    Phone,
    WhatsappNumber,
    /// A column that compares without regard to the case of ASCII letters.
    Plain(Column),
}

/// What is asked of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Text {
    In(Vec<String>),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    /// Or the empty string.
    IsNull,
}

/// An id of a contact.
#[derive(Clone, Copy, Debug)]
pub enum IdField {
    /// A column.
    Own(Column),
    /// Any assignee.
    Assignee,
}

/// What is asked of an id. What is no UUID is equal to none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Ids {
    In(Vec<String>),
    IsNull,
}

/// What is asked of a number, or of a time in UTC milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Number {
    Eq(i64),
    Gt(i64),
    Gte(i64),
    Lt(i64),
    Lte(i64),
    IsNull,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Flag {
    IsActive,
    EmailSubscribed,
    /// Of any number.
    DoNotCall,
}

/// What is asked of the tags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tags {
    Any(Vec<String>),
    All(Vec<String>),
    IsEmpty,
}

/// What is asked of a member of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// The same JSON value, whatever the order of keys in it.
    Equals(Json),
    /// Absent, or null.
    IsNull,
}

/// Why a filter or a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatchingError {
    /// A list is too long.
    #[error("a list of the filter has more than {VALUES} values")]
    TooMany,
    /// The query is too long.
    #[error("the query has more than {QUERY} characters")]
    TooLong,
}

impl MatchingError {
    /// The argument at problem, and the largest size it takes.
    #[must_use]
    pub fn argument(&self) -> (&'static str, usize) {
        match self {
            Self::TooMany => ("filter", VALUES),
            Self::TooLong => ("query", QUERY),
        }
    }
}

/// What contacts are chosen by: a filter, free text, or both.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    filter: Option<Filter>,
    query: Option<String>,
}

/// [`Matching`] as conditions on contacts.
#[derive(Clone, Debug)]
pub struct Matched {
    /// For finding rows in some order.
    pub rows: Condition,
    /// For going through all rows.
    pub all: Condition,
}

impl Default for Matched {
    fn default() -> Self {
        Self { rows: Condition::all(), all: Condition::all() }
    }
}

impl Matching {
    /// Checks the limits.
    ///
    /// # Errors
    /// One of them is passed.
    pub fn new(filter: Option<Filter>, query: Option<String>) -> Result<Self, MatchingError> {
        if filter.as_ref().is_some_and(|filter| filter.longest_list() > VALUES) {
            return Err(MatchingError::TooMany);
        }
        if query.as_deref().is_some_and(|query| query.trim().chars().count() > QUERY) {
            return Err(MatchingError::TooLong);
        }
        Ok(Self { filter, query })
    }

    /// Returns whether it looks for phone numbers, which are read by the policy's region.
    #[must_use]
    pub fn names_numbers(&self) -> bool {
        let in_query = self.query.as_deref().is_some_and(|query| query.contains(char::is_numeric));
        in_query || self.filter.as_ref().is_some_and(Filter::names_numbers)
    }

    /// The conditions, as `read` can use them now: which rows are looked up first depends on how
    /// many there are.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resolve(&self, read: &impl Read, region: Option<Region>) -> Result<Matched, DatabaseError> {
        let tags = TagIds::load(read, self.filter.as_ref()).await?;
        let compiler = Compiler { read, region, tags };
        let mut parts = self.filter.as_ref().map(|filter| compiler.parts(filter)).unwrap_or_default();
        let needle = self.query.as_deref().and_then(|query| Needle::of(query, region));
        parts.extend(needle.map(|needle| compiler.found(&needle)));
        link::choose(read, parts).await
    }
}

impl From<Filter> for Matching {
    /// For a filter that is known to keep the limits.
    fn from(filter: Filter) -> Self {
        Self { filter: Some(filter), query: None }
    }
}

impl Filter {
    /// The lists of tag names, at all levels.
    fn tag_names(&self) -> Vec<&[String]> {
        let own = self.tests.iter().filter_map(Test::tag_names);
        own.chain(self.children().flat_map(Self::tag_names)).collect()
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        self.and.iter().flatten().chain(self.or.iter().flatten()).chain(self.not.as_deref())
    }

    fn names_numbers(&self) -> bool {
        self.tests.iter().any(Test::names_numbers) || self.children().any(Self::names_numbers)
    }

    fn longest_list(&self) -> usize {
        let lists = [&self.and, &self.or].into_iter().flatten().map(Vec::len);
        let own = self.tests.iter().map(Test::values);
        lists.chain(own).chain(self.children().map(Self::longest_list)).max().unwrap_or(0)
    }
}

impl Test {
    /// The complement.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    fn names_numbers(&self) -> bool {
        match self {
            Self::Text(TextField::Phone | TextField::WhatsappNumber, Text::In(_)) => true,
            Self::Not(test) => test.names_numbers(),
            _ => false,
        }
    }

    fn tag_names(&self) -> Option<&[String]> {
        match self {
            Self::Tags(Tags::Any(names) | Tags::All(names)) => Some(names),
            Self::Not(test) => test.tag_names(),
            _ => None,
        }
    }

    fn values(&self) -> usize {
        match self {
            Self::Text(_, Text::In(values))
            | Self::Id(_, Ids::In(values))
            | Self::Tags(Tags::Any(values) | Tags::All(values)) => values.len(),
            Self::Not(test) => test.values(),
            _ => 0,
        }
    }
}

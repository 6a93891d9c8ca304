//! Filters on contacts.
//!
//! A filter matches a contact if it evaluates to true there, and in no other case. A comparison with
//! null is unknown to SQL, so it does not match, and a complement takes in everything that does not
//! match.

pub(crate) mod access;
mod compile;
mod criteria;
mod metadata;
mod semi_join;
mod sql;
mod tags;
mod text;

use entity::contact::Column;
use serde_json::Value as Json;

pub use self::criteria::{Criteria, CriteriaError, ResolvedCriteria};
pub(in crate::contacts) use self::tags::TagIds;

/// Predicates and filters that must all hold; an empty filter matches every contact.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Predicates on the contact itself.
    pub predicates: Vec<Predicate>,
    /// All of these match.
    pub and: Option<Vec<Filter>>,
    /// Any of these matches; an empty list matches no contact.
    pub or: Option<Vec<Filter>>,
    /// This does not match.
    pub not: Option<Box<Filter>>,
}

/// A predicate on one field of a contact.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API, and the comparisons of their types")]
pub enum Predicate {
    Text(TextField, TextComparison),
    Id(IdField, IdComparison),
    Number(Column, NumberComparison),
    Flag(Flag, bool),
    Tags(TagComparison),
    /// A top-level key of `metadata`, and a comparison of its value.
    Metadata(String, MetadataComparison),
    /// The complement.
    Not(Box<Predicate>),
}

/// A text field of a contact.
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

/// A comparison of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TextComparison {
    In(Vec<String>),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    /// Null or the empty string.
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

/// A comparison of an id. A text that is not a UUID equals no id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum IdComparison {
    In(Vec<String>),
    IsNull,
}

/// A comparison of a number, or of a time in UTC milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NumberComparison {
    Eq(i64),
    Gt(i64),
    Gte(i64),
    Lt(i64),
    Lte(i64),
    IsNull,
}

/// A flag of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Flag {
    IsActive,
    EmailSubscribed,
    /// The flag of any number.
    DoNotCall,
}

/// A comparison of the tag names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TagComparison {
    Any(Vec<String>),
    All(Vec<String>),
    IsEmpty,
}

/// A comparison of a member of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataComparison {
    /// The same JSON value, whatever the order of the keys in it.
    Equals(Json),
    /// Absent or null.
    IsNull,
}

impl Filter {
    /// Returns the lists of tag names, at all levels.
    fn tag_names(&self) -> Vec<&[String]> {
        let own = self.predicates.iter().filter_map(Predicate::tag_names);
        own.chain(self.children().flat_map(Self::tag_names)).collect()
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        self.and.iter().flatten().chain(self.or.iter().flatten()).chain(self.not.as_deref())
    }

    /// Returns true if a predicate compares whole phone numbers.
    fn needs_phone_region(&self) -> bool {
        self.predicates.iter().any(Predicate::needs_phone_region)
            || self.children().any(Self::needs_phone_region)
    }

    /// Returns the length of the longest list, at all levels.
    fn longest_list(&self) -> usize {
        let lists = [&self.and, &self.or].into_iter().flatten().map(Vec::len);
        let own = self.predicates.iter().map(Predicate::values);
        lists.chain(own).chain(self.children().map(Self::longest_list)).max().unwrap_or(0)
    }
}

impl Predicate {
    /// Returns the complement.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    fn needs_phone_region(&self) -> bool {
        match self {
            Self::Text(TextField::Phone | TextField::WhatsappNumber, TextComparison::In(_)) => true,
            Self::Not(predicate) => predicate.needs_phone_region(),
            Self::Text(..)
            | Self::Id(..)
            | Self::Number(..)
            | Self::Flag(..)
            | Self::Tags(_)
            | Self::Metadata(..) => false,
        }
    }

    fn tag_names(&self) -> Option<&[String]> {
        match self {
            Self::Tags(TagComparison::Any(names) | TagComparison::All(names)) => Some(names),
            Self::Not(predicate) => predicate.tag_names(),
            Self::Tags(TagComparison::IsEmpty)
            | Self::Text(..)
            | Self::Id(..)
            | Self::Number(..)
            | Self::Flag(..)
            | Self::Metadata(..) => None,
        }
    }

    /// Returns the number of values that it compares with.
    fn values(&self) -> usize {
        match self {
            Self::Text(_, TextComparison::In(values))
            | Self::Id(_, IdComparison::In(values))
            | Self::Tags(TagComparison::Any(values) | TagComparison::All(values)) => values.len(),
            Self::Not(predicate) => predicate.values(),
            Self::Text(..)
            | Self::Id(..)
            | Self::Number(..)
            | Self::Flag(..)
            | Self::Tags(TagComparison::IsEmpty)
            | Self::Metadata(..) => 0,
        }
    }
}

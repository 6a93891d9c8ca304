//! The rule that says which conditions on contacts an index serves, and so what a list costs. It holds for
//! documents, by the names of the API's fields, and for statements, by predicates.
//!
//! The indexes stand in the migration. A list is read by one of them: the first condition that has an index
//! in the order of the list is served by it, any other is checked row by row. Conditions that few contacts
//! satisfy are found first, and then nothing else matters.

mod predicates;

use crate::contacts::list::SortKey;

/// Way in which the contacts that satisfy a condition are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// An index finds them, and they are few.
    Few,
    /// An index finds them in the order of the list.
    InOrder,
    /// Rows of another table are looked up first, if they are few.
    LookUp,
    /// Contacts are gone through.
    Scan,
}

/// Fields of a filter, as far as an index serves any comparison of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contacts) enum Field {
    Id,
    ExternalId,
    Email,
    Phone,
    /// Last name and company, by the beginning of their folded text.
    Name,
    /// A column with an index that goes on in the default order.
    InDefaultOrder,
    /// Tags and assignees, which are rows of other tables.
    OtherTable,
    /// A number or a time that lists can be sorted by.
    Key(SortKey),
    /// Any other field.
    Plain,
}

/// Comparisons of a field, as far as an index serves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equals one of some values.
    OneOf(Values),
    /// Is before or after a value.
    Range,
    /// Any other comparison, complements included.
    Other,
}

/// Facts about the values that a field is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Values {
    count: usize,
    has_letters: bool,
    has_empty: bool,
}

impl Values {
    /// Returns the facts about some texts.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let none = Self { count: 0, has_letters: false, has_empty: false };
        values.into_iter().fold(none, |facts, value| Self {
            count: facts.count + 1,
            has_letters: facts.has_letters || value.chars().any(|c| c.is_ascii_alphabetic()),
            has_empty: facts.has_empty || value.is_empty(),
        })
    }
}

/// Order of a list, as far as it decides which index serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOrder {
    /// The sort key.
    pub key: SortKey,
    /// True if deleted contacts are listed too. Most indexes do without them.
    pub include_deleted: bool,
}

/// Place of a condition among the filters of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It must hold.
    Required,
    /// It stands beneath `not`.
    Complement,
    /// It stands beneath an `or` with several alternatives.
    Alternative,
}

/// Number of conditions that no index serves, for which one beneath `or` counts: each row that matches
/// none of the alternatives is compared with all of them.
const ALTERNATIVE_WEIGHT: usize = 10;

/// Conditions of a list, by the ways in which contacts are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    few: usize,
    in_order: usize,
    look_ups: usize,
    scans: usize,
}

impl Field {
    /// Returns the field with this name in the API.
    fn named(name: &str) -> Self {
        match name {
            "id" => Self::Id,
            "externalId" => Self::ExternalId,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "lastName" | "company" => Self::Name,
            "status" | "stage" | "companyId" | "teamId" | "ownerId" | "pipelineStageId" => {
                Self::InDefaultOrder
            }
            "tags" | "assigneeId" => Self::OtherTable,
            "updatedAt" => Self::Key(SortKey::UpdatedAt),
            "createdAt" => Self::Key(SortKey::CreatedAt),
            "enrichedAt" => Self::Key(SortKey::EnrichedAt),
            "tagAddedAt" => Self::Key(SortKey::TagAddedAt),
            "score" => Self::Key(SortKey::Score),
            _ => Self::Plain,
        }
    }

    fn access(self, comparison: Comparison, order: ListOrder) -> Access {
        let default_order = order.key == SortKey::UpdatedAt && !order.include_deleted;
        match (self, comparison) {
            // Nothing equals one of no values.
            (_, Comparison::OneOf(Values { count: 0, .. }))
            | (Self::Id | Self::Email, Comparison::OneOf(_)) => Access::Few,
            (Self::ExternalId, Comparison::OneOf(_)) if !order.include_deleted => Access::Few,
            // A number with letters can only be one that is stored as it was given, which no index finds.
            (Self::Phone, Comparison::OneOf(values)) if !values.has_letters => Access::Few,
            // Several values are not in the order of the list.
            (Self::Name, Comparison::OneOf(Values { count: 1, has_empty: false, .. }))
            | (Self::InDefaultOrder, Comparison::OneOf(Values { count: 1, .. }))
                if default_order =>
            {
                Access::InOrder
            }
            (Self::OtherTable, Comparison::OneOf(_)) => Access::LookUp,
            (Self::Key(key), Comparison::OneOf(Values { count: 1, .. }) | Comparison::Range)
                if key == order.key =>
            {
                Access::InOrder
            }
            (
                Self::ExternalId
                | Self::Phone
                | Self::Name
                | Self::InDefaultOrder
                | Self::Key(_)
                | Self::Plain
                | Self::Id
                | Self::Email
                | Self::OtherTable,
                Comparison::OneOf(_) | Comparison::Range | Comparison::Other,
            ) => Access::Scan,
        }
    }
}

impl Conditions {
    /// Adds a comparison of the field with this name in the API.
    pub fn add(&mut self, field: &str, comparison: Comparison, place: Place, order: ListOrder) {
        self.add_field(Field::named(field), comparison, place, order);
    }

    fn add_field(&mut self, field: Field, comparison: Comparison, place: Place, order: ListOrder) {
        match place {
            Place::Complement => self.scans += 1,
            Place::Alternative => self.scans = self.scans.saturating_add(ALTERNATIVE_WEIGHT),
            Place::Required => match field.access(comparison, order) {
                Access::Few => self.few += 1,
                Access::InOrder => self.in_order += 1,
                Access::LookUp => self.look_ups += 1,
                Access::Scan => self.scans += 1,
            },
        }
    }

    /// Adds a condition that an index in the order of the list serves.
    pub(in crate::contacts) fn add_in_order(&mut self) {
        self.in_order += 1;
    }

    /// Adds a look-up of rows of another table.
    pub(in crate::contacts) fn add_look_up(&mut self) {
        self.look_ups += 1;
    }

    /// Adds conditions that no index serves.
    pub(in crate::contacts) fn add_scans(&mut self, conditions: usize) {
        self.scans = self.scans.saturating_add(conditions);
    }

    /// Returns true if few contacts satisfy them, and an index finds those.
    pub(in crate::contacts) fn are_few(self) -> bool {
        self.few > 0
    }

    /// Returns the number of conditions for which contacts are gone through, and that of look-ups.
    pub(in crate::contacts) fn unserved(self) -> (usize, usize) {
        let Self { few, in_order, look_ups, scans } = self;
        if few > 0 {
            return (0, 0);
        }
        // One of those that have an index is served by it.
        let others = (in_order + look_ups).saturating_sub(1);
        (scans.saturating_add(others), look_ups)
    }
}

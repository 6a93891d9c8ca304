//! The orders of the list, computed from what is known of the contacts and from nothing else.

use std::cmp::Ordering;

use uuid::Uuid;

use super::fixture::{Contact, Stamp};

/// A list as its arguments name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Default,
    Event(&'static str),
    Sorted(&'static str),
}

impl List {
    pub(super) const ALL: [Self; 12] = [
        Self::Default,
        Self::Event("CREATED"),
        Self::Event("UPDATED"),
        Self::Event("TAG_ADDED"),
        Self::Event("ENRICHED"),
        Self::Sorted("UPDATED_AT"),
        Self::Sorted("CREATED_AT"),
        Self::Sorted("ENRICHED_AT"),
        Self::Sorted("TAG_ADDED_AT"),
        Self::Sorted("NAME"),
        Self::Sorted("COMPANY"),
        Self::Sorted("SCORE"),
    ];

    /// Every list in both directions.
    pub(super) fn both_ways() -> impl Iterator<Item = (Self, bool)> {
        Self::ALL.into_iter().flat_map(|list| [(list, true), (list, false)])
    }

    /// As arguments of `contacts`.
    pub(super) fn arguments(self, descending: bool) -> String {
        let order = if descending { "DESC" } else { "ASC" };
        format!("{} order: {order}", self.name())
    }

    /// The arguments without a direction.
    pub(super) fn name(self) -> String {
        match self {
            Self::Default => String::new(),
            Self::Event(event) => format!("event: {event}"),
            Self::Sorted(key) => format!("sortKey: {key}"),
        }
    }

    /// The direction when none is given.
    pub(super) fn descends(self) -> bool {
        !matches!(self, Self::Sorted("NAME" | "COMPANY"))
    }

    /// What `updatedSince` is compared with: only the event moves it.
    pub(super) fn time(self, contact: &Contact) -> Option<i64> {
        let stamp = match self {
            Self::Event("CREATED") => Some(contact.created),
            Self::Event("TAG_ADDED") => contact.tagged,
            Self::Event("ENRICHED") => contact.enriched,
            _ => Some(contact.updated),
        };
        stamp.map(|stamp| stamp.at)
    }

    /// Whether the list has the contact, its being live aside.
    fn holds(self, contact: &Contact) -> bool {
        match self {
            Self::Event("UPDATED") => contact.updated.seq > contact.created.seq,
            Self::Event("TAG_ADDED") => contact.tagged.is_some(),
            Self::Event("ENRICHED") => contact.enriched.is_some(),
            _ => true,
        }
    }

    fn stamp(self, contact: &Contact) -> Option<Stamp> {
        match self {
            Self::Event("CREATED") | Self::Sorted("CREATED_AT") => Some(contact.created),
            Self::Event("TAG_ADDED") | Self::Sorted("TAG_ADDED_AT") => contact.tagged,
            Self::Event("ENRICHED") | Self::Sorted("ENRICHED_AT") => contact.enriched,
            _ => Some(contact.updated),
        }
    }

    /// Where the contact stands in the list.
    pub(super) fn place(self, contact: &Contact) -> Place {
        let id = contact.id;
        let key = match self {
            Self::Sorted("NAME") => contact.name.map(|name| Key::Name(name, id)),
            Self::Sorted("COMPANY") => contact.company.map(|company| Key::Name(company, id)),
            Self::Sorted("SCORE") => contact.score.map(|score| Key::Score(score, id)),
            _ => self.stamp(contact).map(|stamp| Key::Time(stamp.at, stamp.seq)),
        };
        Place { key, id }
    }
}

/// A sort key with its tie-break; the order of each is the derived one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Time(i64, i64),
    Name(u8, Uuid),
    Score(i32, Uuid),
}

/// A place in a list.
#[derive(Clone, Debug)]
pub(super) struct Place {
    key: Option<Key>,
    id: Uuid,
}

impl Place {
    /// Null keys come last in both directions; among them the ids follow the direction.
    pub(super) fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let directed = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
        match (&self.key, &other.key) {
            (Some(key), Some(other)) => directed(key.cmp(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => directed(self.id.cmp(&other.id)),
        }
    }
}

/// Those contacts that the list has, in its order.
pub(super) fn sorted<'a>(
    contacts: impl Iterator<Item = &'a Contact>,
    list: List,
    descending: bool,
) -> Vec<&'a Contact> {
    let mut held: Vec<_> = contacts.filter(|contact| list.holds(contact)).collect();
    held.sort_by(|a, b| list.place(a).compare(&list.place(b), descending));
    held
}

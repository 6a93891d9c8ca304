//! Price of a list of contacts: of the arguments that choose contacts, and of their order.

use super::{Event, ListQuery, Parent, SortKey};
use crate::{
    contacts::{
        filter::access::{Conditions, ListOrder, Place},
        search,
    },
    paging::price::ListPrice,
};

/// Points of finding contacts by rows of another table, of which up to 10,000 are looked up and sorted, or by
/// a word among all documents.
pub(in crate::contacts) const LOOK_UP_POINTS: usize = 100;
/// Number of conditions that no index serves, for which the sorting of all contacts counts.
const SORT_WEIGHT: usize = 10;

/// Arguments of a list of contacts that its price depends on, beside its filter.
#[derive(Clone, Copy, Debug, Default)]
pub struct PricedArguments<'a> {
    /// Only rows with this kind of change; it also sets the sort key.
    pub event: Option<Event>,
    /// Sort key; `None` for the event's, and without an event `UPDATED_AT`.
    pub sort_key: Option<SortKey>,
    /// True if only rows since some time are listed.
    pub has_updated_since: bool,
    /// True if deleted contacts are listed too.
    pub include_deleted: bool,
    /// Table by which contacts belong to the object that lists them.
    pub parent: Option<ParentTable>,
    /// Free text.
    pub query: Option<&'a str>,
    /// Number of rows before the page.
    pub offset: usize,
    /// True if all rows are counted.
    pub total: bool,
}

/// Table that says which contacts belong to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentTable {
    /// The contact's own.
    Contact,
    /// Another.
    Other,
}

impl PricedArguments<'_> {
    /// Returns the order of the list, by which the conditions of its filter are counted.
    #[must_use]
    pub fn order(&self) -> ListOrder {
        let key = self.event.map(Event::key).or(self.sort_key).unwrap_or(SortKey::UpdatedAt);
        ListOrder { key, include_deleted: self.include_deleted }
    }

    /// Returns the price of the list with the conditions of its filter.
    #[must_use]
    pub fn price(&self, mut conditions: Conditions) -> ListPrice {
        let order = self.order();
        let is_default = order.key == SortKey::UpdatedAt && !order.include_deleted;
        if self.event == Some(Event::Updated) {
            // The index of changed contacts is that of the order, so it serves no other condition.
            if is_default { conditions.add_in_order() } else { conditions.add_scans(1) }
        }
        if self.has_updated_since && self.event.map_or(SortKey::UpdatedAt, Event::key) != order.key {
            conditions.add_scans(1);
        }
        if order.include_deleted && order.key != SortKey::UpdatedAt {
            conditions.add_scans(SORT_WEIGHT);
        }
        match self.parent {
            Some(ParentTable::Contact) if is_default => conditions.add_in_order(),
            Some(ParentTable::Contact) => conditions.add_scans(1),
            Some(ParentTable::Other) => {
                conditions.add_look_up();
                // The other table does not know the time, so all that it finds are looked at.
                if self.has_updated_since {
                    conditions.add_look_up();
                }
            }
            None => {}
        }
        let words = self.query.map_or(0, search::words);
        if words > 0 {
            conditions.add_look_up();
        }
        let (conditions, look_ups) = conditions.unserved();
        // Each word is looked for in the index of all documents.
        let look_ups = LOOK_UP_POINTS.saturating_mul(look_ups.saturating_add(words.saturating_sub(1)));
        ListPrice { conditions, look_ups, offset: self.offset, total: self.total }
    }
}

impl ListQuery {
    /// Returns the price of the statement that reads the list.
    pub(super) fn price(&self, total: bool) -> u32 {
        let arguments = PricedArguments {
            event: self.event,
            sort_key: self.sort_key,
            has_updated_since: self.updated_since.is_some(),
            include_deleted: self.include_deleted,
            parent: self.parent.map(Parent::table),
            query: self.criteria.query(),
            offset: self.window.offset.and_then(|rows| usize::try_from(rows).ok()).unwrap_or_default(),
            total,
        };
        arguments.price(self.conditions(arguments.order())).of_statement(&self.window)
    }

    /// Returns the conditions of the filter.
    pub(super) fn conditions(&self, order: ListOrder) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(filter) = self.criteria.filter() {
            conditions.add_filter(filter, Place::Required, order);
        }
        conditions
    }
}

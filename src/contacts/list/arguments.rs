//! Arguments of a list, and the listing that they result in.

use entity::contact::Column;
use rlibphonenumber::Region;
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, ExprTrait as _},
};

use super::{
    order::{Event, Order, SortKey},
    parent::Parent,
};
use crate::{
    contacts::filter::{Criteria, access::ListOrder},
    database::{Engine, Read},
    paging::{Listing, Order as _, PageError, Window},
};

/// Query of a list: which contacts, in which order, and which part of them.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Only rows with this kind of change; it also sets the sort key.
    pub event: Option<Event>,
    /// Only rows whose event time is at or after this, in UTC milliseconds.
    pub updated_since: Option<i64>,
    /// Sort key; `None` for the event's, and without an event `UPDATED_AT`.
    pub sort_key: Option<SortKey>,
    /// True if the largest key comes first; `None` for the sort key's own direction.
    pub descending: Option<bool>,
    /// True if deleted and merged-away rows are listed too.
    pub include_deleted: bool,
    /// Only contacts that belong to this object.
    pub parent: Option<Parent>,
    /// Only rows that match.
    pub criteria: Criteria,
    /// Region of national phone numbers in `criteria`.
    pub phone_region: Option<Region>,
    /// The part of the list to read.
    pub window: Window,
}

impl ListQuery {
    /// Returns the listing without the criteria, which are resolved by a look at the database. The price is
    /// that of all of it, with the rows counted or not.
    pub(super) fn listing(&self, read: &impl Read, total: bool) -> Result<Listing<Order>, PageError> {
        let order = self.order()?;
        let slice = self.window.slice(order)?;
        let mut filter = Condition::all();
        if !self.include_deleted {
            filter = filter.add(Column::DeletedAt.is_null());
        }
        match self.event {
            Some(Event::Updated) => {
                // By sequence and not by time, which is the same for changes of one millisecond.
                let changed = Column::ChangeSeq.into_simple_expr();
                let created = Column::CreatedSeq.into_simple_expr();
                let order = ListOrder { key: order.key, include_deleted: self.include_deleted };
                // SQLite would take the index of changed contacts, and compare all of them with the few
                // that another index finds. A sum is not what that index is for.
                let is_few = read.engine() == Engine::Sqlite && self.conditions(order).are_few();
                let changed = if is_few { changed.add(0) } else { changed };
                filter = filter.add(changed.gt(created));
            }
            Some(event @ (Event::TagAdded | Event::Enriched)) => {
                filter = filter.add(event.key().column().is_not_null());
            }
            Some(Event::Created) | None => {}
        }
        let time = self.event.map_or(SortKey::UpdatedAt, Event::key);
        let is_by_key = self.updated_since.is_none() || time == order.key;
        let keeps_plan = is_by_key && self.parent.is_none() && self.criteria.is_empty();
        // A time by which the list is not sorted is an ordinary condition.
        let mut min_key = self.updated_since;
        if time != order.key
            && let Some(since) = min_key.take()
        {
            filter = filter.add(time.column().gte(since));
        }
        if let Some(parent) = self.parent {
            filter = filter.add(parent.condition(read));
        }
        Ok(Listing {
            order,
            rows: vec![filter.clone()],
            all: vec![filter],
            min_key,
            // An event has happened to every row of its list, so its time is not null there.
            with_nulls: self.event.is_none() && order.is_nullable(),
            slice,
            price: self.price(total),
            keeps_plan,
        })
    }

    fn order(&self) -> Result<Order, PageError> {
        let of_event = self.event.map(Event::key);
        if let (Some(of_event), Some(sort_key)) = (of_event, self.sort_key)
            && of_event != sort_key
        {
            let message = format!("is set to {} by `event`: leave it out", of_event.constant());
            return Err(PageError::argument("sortKey", message));
        }
        let key = of_event.or(self.sort_key).unwrap_or(SortKey::UpdatedAt);
        Ok(Order { key, descending: self.descending.unwrap_or(key.descends()) })
    }
}

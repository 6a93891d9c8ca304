//! The arguments of a list: which go together, and what they come to.

use entity::contact::Column;
use rlibphonenumber::Region;
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, ExprTrait as _},
};

use super::{
    order::{Event, Order, SortKey},
    within::Within,
};
use crate::{
    contacts::filter::Matching,
    database::Read,
    paging::{Listing, Order as _, PageError, Window},
};

/// A choice of contacts, their order, and the part of them to read.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Only rows with this kind of change; it also sets the sort key.
    pub event: Option<Event>,
    /// Only rows whose event time is at or after this, in UTC milliseconds.
    pub updated_since: Option<i64>,
    /// `None` for the event's sort key, else `UPDATED_AT`.
    pub sort_key: Option<SortKey>,
    /// `None` for the direction that suits the sort key.
    pub descending: Option<bool>,
    /// Deleted and merged-away rows too.
    pub include_deleted: bool,
    /// Only contacts that belong to this.
    pub within: Option<Within>,
    /// Only rows that match.
    pub matching: Matching,
    /// The country of national phone numbers in `matching`.
    pub phone_region: Option<Region>,
    /// The part of the list to read.
    pub window: Window,
}

impl ListQuery {
    /// Returns the list without what it has to match, which takes a look at the database.
    pub(super) fn listing(&self, read: &impl Read) -> Result<Listing<Order>, PageError> {
        let order = self.order()?;
        let slice = self.window.slice(order)?;
        let mut filter = Condition::all();
        if !self.include_deleted {
            filter = filter.add(Column::DeletedAt.is_null());
        }
        match self.event {
            Some(Event::Updated) => {
                let created = Column::CreatedSeq.into_simple_expr();
                filter = filter.add(Column::ChangeSeq.into_simple_expr().gt(created));
            }
            Some(event @ (Event::TagAdded | Event::Enriched)) => {
                filter = filter.add(event.key().column().is_not_null());
            }
            Some(Event::Created) | None => {}
        }
        let time = self.event.map_or(SortKey::UpdatedAt, Event::key);
        let mut min_key = self.updated_since;
        if time != order.key
            && let Some(since) = min_key.take()
        {
            filter = filter.add(time.column().gte(since));
        }
        if let Some(within) = self.within {
            filter = filter.add(within.condition(read));
        }
        Ok(Listing {
            order,
            rows: vec![filter.clone()],
            all: vec![filter],
            min_key,
            with_nulls: self.event.is_none() && order.is_nullable(),
            slice,
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

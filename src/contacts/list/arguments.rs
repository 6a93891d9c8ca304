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
    contacts::{
        cursor::{Cursor, CursorError, ListOrder, Position},
        filter::{Matched, Matching},
    },
    error::DatabaseError,
};

/// Rows of a page for which no size is given.
pub(crate) const PAGE_DEFAULT: usize = 100;
/// Rows of a page, at most.
pub(crate) const PAGE_LARGEST: i64 = 200;
const LARGEST_OFFSET: i64 = 10_000;

/// Which contacts, in which order, and which part of them.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Only rows with this kind of change; it also sets the sort key.
    pub event: Option<Event>,
    /// Only rows whose event time is at or after this, in UTC milliseconds.
    pub updated_since: Option<i64>,
    /// `None`: the event's, else `UPDATED_AT`.
    pub sort_key: Option<SortKey>,
    /// `None`: the key's own direction.
    pub descending: Option<bool>,
    /// Deleted and merged-away rows too.
    pub include_deleted: bool,
    /// Only those that belong to this.
    pub within: Option<Within>,
    /// Only rows that match.
    pub matching: Matching,
    /// The country of national phone numbers in `matching`.
    pub phone_region: Option<Region>,
    /// Which part of the list.
    pub window: Window,
}

/// Which part of a list.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the arguments of a connection")]
pub struct Window {
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub after: Option<String>,
    pub before: Option<String>,
    pub offset: Option<i64>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// An argument is refused.
    #[error("`{argument}` {message}")]
    Argument {
        /// Which.
        argument: &'static str,
        /// Why.
        message: String,
        /// The largest value it takes, where it was larger.
        maximum: Option<i64>,
    },
    /// A cursor is of no use here.
    #[error("`{argument}`: {cause}")]
    Cursor {
        /// Which argument gave it.
        argument: &'static str,
        /// Why.
        cause: CursorError,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// From which end the page is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Forward,
    Backward,
}

/// The arguments, understood.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) order: Order,
    /// What every row of the list satisfies.
    pub(super) filter: Condition,
    /// What they match besides.
    pub(super) matched: Matched,
    /// The least key, where the filter is on the sort key: kept apart, because of two lower
    /// bounds an index takes only one.
    pub(super) since: Option<i64>,
    /// Whether rows without a key are in the list.
    pub(super) with_nulls: bool,
    pub(super) way: Way,
    pub(super) size: usize,
    pub(super) offset: u64,
    pub(super) after: Option<Position>,
    pub(super) before: Option<Position>,
}

impl ListQuery {
    pub(super) fn plan(&self) -> Result<Plan, ListError> {
        let order = self.order()?;
        let (way, size) = self.window.size()?;
        let offset = self.window.offset()?;
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
        let mut since = self.updated_since;
        if time != order.key
            && let Some(since) = since.take()
        {
            filter = filter.add(time.column().gte(since));
        }
        Ok(Plan {
            order,
            filter,
            matched: Matched::default(),
            since,
            with_nulls: self.event.is_none() && order.key.nullable(),
            way,
            size,
            offset,
            after: position("after", self.window.after.as_deref(), order)?,
            before: position("before", self.window.before.as_deref(), order)?,
        })
    }

    fn order(&self) -> Result<Order, ListError> {
        let of_event = self.event.map(Event::key);
        if let (Some(of_event), Some(sort_key)) = (of_event, self.sort_key)
            && of_event != sort_key
        {
            let message = format!("is set to {} by `event`: leave it out", of_event.constant());
            return Err(refused("sortKey", message));
        }
        let key = of_event.or(self.sort_key).unwrap_or(SortKey::UpdatedAt);
        Ok(Order { key, descending: self.descending.unwrap_or(key.descends()) })
    }
}

impl Window {
    /// From which end, and how many rows.
    pub(crate) fn size(&self) -> Result<(Way, usize), ListError> {
        let way = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(refused("last", "cannot go together with `first`".to_owned())),
            (None, Some(_)) => Way::Backward,
            // `before` alone: the rows just before it.
            (None, None) if self.before.is_some() && self.after.is_none() => Way::Backward,
            _ => Way::Forward,
        };
        let (argument, size) = match self.last {
            Some(last) => ("last", Some(last)),
            None => ("first", self.first),
        };
        let size = match size {
            None => PAGE_DEFAULT,
            Some(size) if size > PAGE_LARGEST => {
                return Err(ListError::Argument {
                    argument,
                    message: format!("is at most {PAGE_LARGEST}: read further pages with cursors"),
                    maximum: Some(PAGE_LARGEST),
                });
            }
            Some(size) => usize::try_from(size).map_err(|_| refused(argument, "is negative".to_owned()))?,
        };
        Ok((way, size))
    }

    fn offset(&self) -> Result<u64, ListError> {
        let Some(offset) = self.offset else {
            return Ok(0);
        };
        if self.after.is_some() || self.before.is_some() || self.last.is_some() {
            let message =
                "cannot go together with `after`, `before` or `last`: use either numbered pages or cursors";
            return Err(refused("offset", message.to_owned()));
        }
        if offset > LARGEST_OFFSET {
            return Err(ListError::Argument {
                argument: "offset",
                message: format!(
                    "is at most {LARGEST_OFFSET}: to read further, use cursors (`after: endCursor`)"
                ),
                maximum: Some(LARGEST_OFFSET),
            });
        }
        u64::try_from(offset).map_err(|_| {
            refused("offset", "is negative; to page backward use cursors (`last`, `before`)".to_owned())
        })
    }
}

/// The place that a cursor names.
pub(crate) fn position(
    argument: &'static str,
    cursor: Option<&str>,
    order: impl Into<ListOrder>,
) -> Result<Option<Position>, ListError> {
    cursor
        .map(|text| Cursor::decode(text, order))
        .transpose()
        .map_err(|cause| ListError::Cursor { argument, cause })
}

fn refused(argument: &'static str, message: String) -> ListError {
    ListError::Argument { argument, message, maximum: None }
}

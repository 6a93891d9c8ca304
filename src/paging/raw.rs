//! Pages whose rows are handed on as the driver has them.

use uuid::Uuid;

use super::{
    Cursor, Key, KeyType, Listing, Order, Position, Tie, order::is_same, page::Selected, window::Direction,
};
use crate::{
    database::{RawRow, Sink},
    error::DatabaseError,
};

/// The rows of a page whose cursors are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// None.
    None,
    /// The first and the last.
    Ends,
    /// All.
    All,
}

/// A page whose rows a sink has taken.
#[derive(Debug)]
pub struct RawPage<S> {
    /// The sink, with the rows of the page in the order in which they were read.
    pub sink: S,
    /// True if the rows were read from the end of the page to its start.
    pub is_reversed: bool,
    /// True if rows follow the last one, or the position of an empty page.
    pub has_next: bool,
    /// True if rows precede the first one, or the position of an empty page.
    pub has_previous: bool,
    /// Number of rows in the whole list.
    pub total: i64,
    /// Cursors of the rows for which they were wanted, in the order in which they were read.
    pub cursors: Vec<String>,
}

impl<S> RawPage<S> {
    /// Returns a page of a list without rows.
    pub(super) fn empty<O: Order>(listing: &Listing<O>, sink: S) -> Self {
        let is_reversed = listing.slice.direction == Direction::Backward;
        Self { sink, is_reversed, has_next: false, has_previous: false, total: 0, cursors: Vec::new() }
    }
}

/// Places of what a statement selects beside the wanted columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    places: Places,
    /// Place of the first fact, if the last row holds facts.
    facts: Option<usize>,
}

impl Layout {
    pub(super) fn of<O: Order>(selected: &Selected<O>, order: O) -> Self {
        let Selected { columns, with_facts, .. } = selected;
        let place =
            |column| columns.iter().position(|known| is_same::<O>(*known, column)).unwrap_or_default();
        Self {
            places: Places { key: place(order.key()), tie: place(order.tie()), id: place(O::ID) },
            facts: with_facts.then_some(columns.len()),
        }
    }
}

/// Places of the columns of an order.
#[derive(Clone, Copy, Debug)]
struct Places {
    key: usize,
    tie: usize,
    id: usize,
}

/// Takes the rows of a page, one more that tells whether there are more, and the facts beside them.
pub(super) struct Taker<O, S> {
    page: RawPage<S>,
    order: O,
    layout: Layout,
    /// Number of rows that still belong to the page.
    left: usize,
    positions: Positions,
    /// Position of the last row of which only the ends are wanted.
    last: Option<Position>,
    has_more: bool,
}

impl<O: Order + 'static, S: Sink> Sink for Taker<O, S> {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        let Layout { places, facts } = self.layout;
        // In a row of facts the columns are null.
        if let Some(facts) = facts
            && is_null(self.order, row, places)?
        {
            self.page.total = row.integer(facts)?.unwrap_or(0);
            self.page.has_previous |= row.integer(facts + 1)? == Some(1);
            self.page.has_next |= row.integer(facts + 2)? == Some(1);
            return Ok(());
        }
        if self.left == 0 {
            self.has_more = true;
            return Ok(());
        }
        self.left -= 1;
        match self.positions {
            Positions::None => {}
            Positions::Ends if !self.page.cursors.is_empty() => {
                self.last = Some(position(self.order, row, places)?);
            }
            Positions::Ends | Positions::All => {
                let position = position(self.order, row, places)?;
                self.page.cursors.push(cursor(self.order, position));
            }
        }
        self.page.sink.row(row)
    }
}

impl<O: Order, S> Taker<O, S> {
    pub(super) fn new(listing: &Listing<O>, layout: Layout, positions: Positions, sink: S) -> Self {
        Self {
            page: RawPage::empty(listing, sink),
            order: listing.order,
            layout,
            left: listing.slice.size,
            positions,
            last: None,
            has_more: false,
        }
    }

    pub(super) fn finish(self) -> RawPage<S> {
        let mut page = self.page;
        page.cursors.extend(self.last.map(|last| cursor(self.order, last)));
        if page.is_reversed {
            page.has_previous |= self.has_more;
        } else {
            page.has_next |= self.has_more;
        }
        page
    }
}

fn cursor(order: impl Order, position: Position) -> String {
    Cursor { mark: order.mark(), position }.encode()
}

/// Returns true if a row is one of facts. Every row has a tie-break, or else an id.
fn is_null<O: Order>(order: O, row: &RawRow<'_>, places: Places) -> Result<bool, DatabaseError> {
    if order.is_nullable() || is_same::<O>(order.tie(), O::ID) {
        return Ok(row.id(places.id)?.is_none());
    }
    Ok(row.integer(places.tie)?.is_none())
}

fn position<O: Order>(order: O, row: &RawRow<'_>, places: Places) -> Result<Position, DatabaseError> {
    let key = match order.key_type() {
        KeyType::Number => row.integer(places.key)?.map(Key::Number),
        KeyType::Bytes => row.bytes(places.key)?.map(|key| Key::Bytes(key.to_owned())),
    };
    // Rows without a key are ordered by id.
    let by_seq = key.is_some() && !is_same::<O>(order.tie(), O::ID);
    let tie = if by_seq {
        Tie::Seq(row.integer(places.tie)?.unwrap_or_default())
    } else {
        let id: Option<Uuid> = row.id(places.id)?;
        Tie::Id(id.unwrap_or_default())
    };
    Ok(Position { key, tie })
}

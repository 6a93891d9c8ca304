//! Reading a page.
//!
//! A page is one statement. It seeks by row values, in one arm or, where the sort key may be
//! null, in two: rows with a key, then rows without. The total and the page flags that need a
//! look beyond the page ride in a last arm, when they are asked for, and so share its snapshot.

use sea_orm::{
    ColumnTrait as _, IdenStatic as _,
    sea_query::{CaseStatement, Condition, Expr, ExprTrait as _},
};

use super::{
    Cursor, Order, PageError, Slice,
    keyset::{self, Edge, Range},
    order::{self, ColumnOf, is_same},
    window::Direction,
};
use crate::{
    database::{Read, Row, Scoped},
    error::DatabaseError,
};

/// A list, and the part of it that is to be read.
#[derive(Clone, Debug)]
pub struct Listing<O> {
    /// The order of the list.
    pub order: O,
    /// Conditions that every row satisfies, in a form for finding rows in order.
    pub rows: Vec<Condition>,
    /// Same conditions in a form for going through all rows.
    pub all: Vec<Condition>,
    /// Minimum sort key. It is kept apart from the conditions, because an index takes only one
    /// lower bound and a cursor may be a stricter one.
    pub min_key: Option<i64>,
    /// True if rows without a sort key are in the list.
    pub with_nulls: bool,
    /// The part to read.
    pub slice: Slice,
    /// Price of the statement.
    pub price: u32,
    /// True if one plan is as good as any for the page, whatever the values in the conditions.
    pub keeps_plan: bool,
}

/// The parts of a page that are wanted; nothing else is read.
#[derive(Clone, Debug)]
pub struct Wanted<C> {
    /// Columns of the rows, beside those of the order; `None` for no rows.
    pub columns: Option<Vec<C>>,
    /// The number of rows in the whole list.
    pub total: bool,
    /// The flag that tells of rows before the page.
    pub previous: bool,
    /// The flag that tells of rows after the page.
    pub next: bool,
}

/// A page, as far as it was wanted.
#[derive(Debug)]
pub struct Page<O: Order> {
    /// Rows in the list's order.
    pub rows: Vec<Row<O::Entity>>,
    /// True if rows follow the last one, or the position of an empty page.
    pub has_next: bool,
    /// True if rows precede the first one, or the position of an empty page.
    pub has_previous: bool,
    /// Number of rows in the whole list.
    pub total: i64,
    order: O,
}

impl<O: Order> Page<O> {
    /// Returns the cursor of one of the rows.
    ///
    /// # Errors
    /// The row is not from this page.
    pub fn cursor(&self, row: &Row<O::Entity>) -> Result<String, DatabaseError> {
        let cursor = Cursor { mark: self.order.mark(), position: self.order.position(row)? };
        Ok(cursor.encode())
    }
}

// The names of what rides beside the rows.
const TOTAL: &str = "total";
const PREVIOUS: &str = "previous";
const NEXT: &str = "next";

/// Reads a page.
///
/// # Errors
/// The database failed.
pub async fn read<O: Order>(
    read: &impl Read,
    listing: &Listing<O>,
    wanted: &Wanted<ColumnOf<O>>,
) -> Result<Page<O>, PageError> {
    let order = listing.order;
    let mut page = Page { rows: Vec::new(), has_next: false, has_previous: false, total: 0, order };
    let Some(Selected { select, with_facts, .. }) = select(read, listing, wanted) else {
        return Ok(page);
    };
    let mut found = read.rows(select).await?;
    if with_facts && let Some(row) = found.pop() {
        page.total = row.value::<Option<i64>>(TOTAL)?.unwrap_or(0);
        page.has_previous = row.value::<Option<i32>>(PREVIOUS)? == Some(1);
        page.has_next = row.value::<Option<i32>>(NEXT)? == Some(1);
    }
    let has_more = found.len() > listing.slice.size;
    found.truncate(listing.slice.size);
    match listing.slice.direction {
        Direction::Forward => page.has_next |= has_more,
        Direction::Backward => {
            found.reverse();
            page.has_previous |= has_more;
        }
    }
    page.rows = found;
    Ok(page)
}

/// Statement that reads a page.
pub(super) struct Selected<O: Order> {
    pub(super) select: Scoped<O::Entity>,
    /// Columns of the rows: those that are wanted, in their order, and those of the list's order.
    pub(super) columns: Vec<ColumnOf<O>>,
    /// True if the last row holds the total and the flags, behind nulls for the columns.
    pub(super) with_facts: bool,
}

/// Returns the statement that reads what is wanted of a page; `None` if there is nothing to read.
pub(super) fn select<O: Order>(
    read: &impl Read,
    listing: &Listing<O>,
    wanted: &Wanted<ColumnOf<O>>,
) -> Option<Selected<O>> {
    let wants_rows = wanted.columns.is_some() || wanted.previous || wanted.next;
    let facts = Facts::of(&listing.slice, wanted);
    let with_facts = facts.any();
    let columns = columns(listing, wanted);
    let rows = if wants_rows { select_rows(read, listing, &columns, with_facts) } else { None };
    let select = match rows {
        None if !with_facts => return None,
        // The columns are selected all the same, so that a row of facts is always the same.
        None => facts.select(read, listing, &columns),
        Some(rows) if with_facts => rows.then(facts.select(read, listing, &columns)),
        Some(rows) => rows,
    };
    let select = select.priced(listing.price);
    let select = if listing.keeps_plan { select.keeping_its_plan() } else { select };
    let select = if listing.keeps_plan && !wanted.total { select.bounded() } else { select };
    Some(Selected { select, columns, with_facts })
}

/// Returns the columns that are wanted and those of the order, each once.
fn columns<O: Order>(listing: &Listing<O>, wanted: &Wanted<ColumnOf<O>>) -> Vec<ColumnOf<O>> {
    let mut columns: Vec<ColumnOf<O>> = Vec::new();
    for column in wanted.columns.iter().flatten().copied().chain(order::columns(listing.order)) {
        if !columns.iter().any(|known| is_same::<O>(*known, column)) {
            columns.push(column);
        }
    }
    columns
}

/// Selects the rows of the page, and one more that tells whether there are more. `None` between
/// cursors that are the wrong way round, when neither rows with a key nor rows without can match.
fn select_rows<O: Order>(
    read: &impl Read,
    listing: &Listing<O>,
    columns: &[ColumnOf<O>],
    with_facts: bool,
) -> Option<Scoped<O::Entity>> {
    let slice = &listing.slice;
    let range = Range {
        after: slice.after.clone().map(Edge::exclusive),
        before: slice.before.clone().map(Edge::exclusive),
    };
    let rows = slice.size as u64 + 1;
    let reverse = slice.direction == Direction::Backward;
    let mut arms = keyset::arms(listing, &range, reverse).peekable();
    arms.peek()?;
    let arms = arms.map(|arm| {
        let mut select = base(read, listing).filter(arm.condition.clone());
        for column in columns {
            select = select.column(*column);
        }
        if with_facts {
            // All arms of a union have the same columns, and PostgreSQL wants their types.
            select = select
                .expr(Expr::cust("CAST(NULL AS BIGINT)"), TOTAL)
                .expr(Expr::cust("CAST(NULL AS INTEGER)"), PREVIOUS)
                .expr(Expr::cust("CAST(NULL AS INTEGER)"), NEXT);
        }
        // Either arm may hold the whole page, and the rows that the offset skips.
        arm.sorted(select).limit(rows + slice.offset)
    });
    let select = Scoped::concat(read.select(), arms);
    Some(if slice.offset == 0 { select } else { select.merged().limit(rows).offset(slice.offset) })
}

/// Selects all rows of the list, whatever the page; the minimum key is still to be added.
fn base<O: Order>(read: &impl Read, listing: &Listing<O>) -> Scoped<O::Entity> {
    listing.rows.iter().cloned().fold(read.select(), Scoped::filter)
}

/// Facts that ride beside the rows.
struct Facts {
    total: bool,
    previous: Option<Range>,
    next: Option<Range>,
}

impl Facts {
    /// The flag of the side that is paged to comes from one row more; a flag of the other side
    /// has to be looked up only when there is a cursor or an offset on it.
    fn of<C>(slice: &Slice, wanted: &Wanted<C>) -> Self {
        let previous = match &slice.after {
            Some(after) => Some(Range { after: None, before: Some(Edge::inclusive(after.clone())) }),
            None => (slice.offset > 0).then(Range::default),
        };
        let next = slice
            .before
            .as_ref()
            .map(|before| Range { after: Some(Edge::inclusive(before.clone())), before: None });
        Self {
            total: wanted.total,
            previous: previous.filter(|_| wanted.previous),
            next: next.filter(|_| wanted.next),
        }
    }

    fn any(&self) -> bool {
        self.total || self.previous.is_some() || self.next.is_some()
    }

    /// Selects one row: nulls for the columns of the rows, then the facts.
    fn select<O: Order>(
        &self,
        read: &impl Read,
        listing: &Listing<O>,
        columns: &[ColumnOf<O>],
    ) -> Scoped<O::Entity> {
        let nulls = columns.iter().map(|column| (Expr::cust("NULL"), column.as_str()));
        let total = if self.total {
            let least = listing.min_key.map(|least| listing.order.key().gte(least));
            let all = listing.all.iter().cloned().fold(read.select::<O::Entity>(), Scoped::filter);
            let all = all.filter(Condition::all().add_option(least));
            all.expr(Expr::cust("COUNT(*)"), TOTAL).into_scalar()
        } else {
            Expr::cust("NULL")
        };
        let facts = [
            (total, TOTAL),
            (exists(read, listing, self.previous.as_ref(), true), PREVIOUS),
            (exists(read, listing, self.next.as_ref(), false), NEXT),
        ];
        read.select().values(nulls.chain(facts))
    }
}

/// Returns 1 when the range has a row, else 0. Not an EXISTS: PostgreSQL drops the order of one,
/// and may then scan the table for a row that the index has at hand.
fn exists<O: Order>(read: &impl Read, listing: &Listing<O>, range: Option<&Range>, reverse: bool) -> Expr {
    let Some(range) = range else {
        return Expr::cust("NULL");
    };
    let any = keyset::arms(listing, range, reverse).fold(Condition::any(), |any, arm| {
        let select = base(read, listing).filter(arm.condition.clone()).expr(Expr::cust("1"), "one");
        any.add(arm.sorted(select).limit(1).into_scalar().is_not_null())
    });
    if any.is_empty() {
        return Expr::cust("0");
    }
    CaseStatement::new().case(any, Expr::cust("1")).finally(Expr::cust("0")).into()
}

//! The contact list: any order, both directions, by cursors or numbered pages.
//!
//! A page is one statement. It seeks by row values, in one arm or, where the sort key may be
//! null, in two: rows with a key, then rows without. The total and the page flags that need a
//! look beyond the page ride in a last arm, when they are asked for, and so share its snapshot.

mod arguments;
mod keyset;
mod order;
mod within;

use entity::contact::{self, Column};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{CaseStatement, Condition, Expr, ExprTrait as _},
};

pub use arguments::{ListError, ListQuery, Window};
pub(crate) use arguments::{PAGE_DEFAULT, PAGE_LARGEST, Way, position};
pub(super) use order::Order;
pub use order::{Event, SortKey};
pub use within::Within;

use self::{
    arguments::Plan,
    keyset::{Edge, Range},
};
use super::cursor::Cursor;
use crate::{
    database::{Read, Row, Scoped},
    error::DatabaseError,
};

/// What of a page is wanted; nothing else is read.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The rows, with these columns beside those of the order; `None`: no rows.
    pub columns: Option<Vec<Column>>,
    /// How many rows match, whatever the page.
    pub total: bool,
    /// Whether there are rows before the page.
    pub previous: bool,
    /// Whether there are rows after the page.
    pub next: bool,
}

/// A page, as far as it was wanted.
#[derive(Debug)]
pub struct Page {
    /// The rows in the list's order.
    pub rows: Vec<Row<contact::Entity>>,
    /// Whether there are rows after the last, or after the place of an empty page.
    pub has_next: bool,
    /// Whether there are rows before the first, or before the place of an empty page.
    pub has_previous: bool,
    /// How many rows match.
    pub total: i64,
    order: Order,
}

impl Page {
    /// The cursor of one of the rows.
    ///
    /// # Errors
    /// The row is not of this page.
    pub fn cursor(&self, row: &Row<contact::Entity>) -> Result<String, DatabaseError> {
        let cursor = Cursor { order: self.order.into(), position: self.order.position(row)? };
        Ok(cursor.encode())
    }
}

/// Reads a page.
///
/// # Errors
/// An argument is refused, or the database failed.
pub async fn list(read: &impl Read, query: &ListQuery, wanted: &Wanted) -> Result<Page, ListError> {
    let mut plan = query.plan()?;
    if let Some(within) = query.within {
        plan.filter = plan.filter.add(within.condition(read));
    }
    plan.matched = query.matching.resolve(read, query.phone_region).await?;
    let flags = wanted.previous || wanted.next;
    let rows = wanted.columns.is_some() || flags;
    let facts = Facts::of(&plan, wanted);
    let mut page =
        Page { rows: Vec::new(), has_next: false, has_previous: false, total: 0, order: plan.order };
    let page_rows = if rows { page_select(read, &plan, wanted, facts.any()) } else { None };
    let select = match (page_rows, facts.any()) {
        (None, false) => return Ok(page),
        (None, true) => facts.select(read, &plan, &[]),
        (Some(rows), false) => rows,
        (Some(rows), true) => rows.then(facts.select(read, &plan, &columns(&plan, wanted))),
    };
    let mut found = read.rows(select).await?;
    if facts.any()
        && let Some(row) = found.pop()
    {
        page.total = row.value::<Option<i64>>(TOTAL)?.unwrap_or(0);
        page.has_previous = row.value::<Option<i32>>(PREVIOUS)? == Some(1);
        page.has_next = row.value::<Option<i32>>(NEXT)? == Some(1);
    }
    let more = found.len() > plan.size;
    found.truncate(plan.size);
    match plan.way {
        Way::Forward => page.has_next |= more,
        Way::Backward => {
            found.reverse();
            page.has_previous |= more;
        }
    }
    page.rows = found;
    Ok(page)
}

const TOTAL: &str = "total";
const PREVIOUS: &str = "previous";
const NEXT: &str = "next";

/// The columns of the order, and those that are wanted, each once.
fn columns(plan: &Plan, wanted: &Wanted) -> Vec<Column> {
    let mut columns = plan.order.key.columns();
    for column in wanted.columns.iter().flatten() {
        if !columns.iter().any(|known| same(*known, *column)) {
            columns.push(*column);
        }
    }
    columns
}

fn same(a: Column, b: Column) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

/// The rows of the page, and one more that tells whether there are more. `None` between cursors
/// that are the wrong way round, when neither rows with a key nor rows without can be there.
fn page_select(
    read: &impl Read,
    plan: &Plan,
    wanted: &Wanted,
    with_facts: bool,
) -> Option<Scoped<contact::Entity>> {
    let columns = columns(plan, wanted);
    let range = Range {
        after: plan.after.clone().map(Edge::exclusive),
        before: plan.before.clone().map(Edge::exclusive),
    };
    let rows = plan.size as u64 + 1;
    let reverse = plan.way == Way::Backward;
    let mut arms = keyset::arms(plan, &range, reverse).peekable();
    arms.peek()?;
    let arms = arms.map(|arm| {
        let mut select = base(read, plan).filter(arm.condition.clone());
        for column in &columns {
            select = select.column(*column);
        }
        if with_facts {
            select = select
                .expr(Expr::cust("CAST(NULL AS BIGINT)"), TOTAL)
                .expr(Expr::cust("CAST(NULL AS INTEGER)"), PREVIOUS)
                .expr(Expr::cust("CAST(NULL AS INTEGER)"), NEXT);
        }
        arm.sorted(select).limit(rows + plan.offset)
    });
    let select = Scoped::concat(read.select(), arms);
    Some(if plan.offset == 0 { select } else { select.merged().limit(rows).offset(plan.offset) })
}

/// All rows of the list, whatever the page; `plan.since` is still to be added.
fn base(read: &impl Read, plan: &Plan) -> Scoped<contact::Entity> {
    read.select().filter(plan.filter.clone()).filter(plan.matched.rows.clone())
}

/// What rides beside the page.
struct Facts {
    total: bool,
    previous: Option<Range>,
    next: Option<Range>,
}

impl Facts {
    /// The flag of the side that is paged to comes from one row more; a flag of the other side
    /// has to be looked up only when there is a cursor or an offset on it.
    fn of(plan: &Plan, wanted: &Wanted) -> Self {
        let previous = match &plan.after {
            Some(after) => Some(Range { after: None, before: Some(Edge::inclusive(after.clone())) }),
            None => (plan.offset > 0).then(Range::default),
        };
        let next = plan
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

    /// One row: nulls for the columns of the page's arms, then the facts.
    fn select(&self, read: &impl Read, plan: &Plan, columns: &[Column]) -> Scoped<contact::Entity> {
        use sea_orm::IdenStatic as _;
        let nulls = columns.iter().map(|column| (Expr::cust("NULL"), column.as_str()));
        let total = if self.total {
            let since = plan.since.map(|since| plan.order.key.column().gte(since));
            let all = read
                .select::<contact::Entity>()
                .filter(plan.filter.clone())
                .filter(plan.matched.all.clone())
                .filter(Condition::all().add_option(since));
            all.expr(Expr::cust("COUNT(*)"), TOTAL).into_scalar()
        } else {
            Expr::cust("NULL")
        };
        let facts = [
            (total, TOTAL),
            (exists(read, plan, self.previous.as_ref(), true), PREVIOUS),
            (exists(read, plan, self.next.as_ref(), false), NEXT),
        ];
        read.select().values(nulls.chain(facts))
    }
}

/// 1 when the range has a row, else 0. Not an EXISTS: PostgreSQL drops the order of one, and may
/// then scan the table for a row that the index has at hand.
fn exists(read: &impl Read, plan: &Plan, range: Option<&Range>, reverse: bool) -> Expr {
    let Some(range) = range else {
        return Expr::cust("NULL");
    };
    let any = keyset::arms(plan, range, reverse).fold(Condition::any(), |any, arm| {
        let select = base(read, plan).filter(arm.condition.clone()).expr(Expr::cust("1"), "one");
        any.add(arm.sorted(select).limit(1).into_scalar().is_not_null())
    });
    if any.is_empty() {
        return Expr::cust("0");
    }
    CaseStatement::new().case(any, Expr::cust("1")).finally(Expr::cust("0")).into()
}

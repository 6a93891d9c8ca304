//! Semi-joins: conditions that hold if a contact has a matching row in another table, and the choice
//! of the one that is looked up first.

use entity::{Tenanted, contact};
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

use super::ResolvedCriteria;
use crate::{
    contacts::list::LOOK_UP_POINTS,
    database::{Read, Scoped},
    error::DatabaseError,
};

/// Maximum rows of a semi-join that is looked up first. Sorting so many contacts is faster than
/// meeting them in the order of the list.
const MAX_SELECTIVE_ROWS: u64 = 10_000;
/// Maximum number of semi-joins whose rows are counted before one is chosen.
const MAX_COUNTED: usize = 8;

/// Points of counting the rows of one semi-join.
const COUNT_POINTS: usize = 60;

/// One of the conditions that must all hold.
#[expect(clippy::large_enum_variant, reason = "a few of them live at a time")]
pub(super) enum Clause {
    /// A condition on the contact's own columns.
    Own(Expr),
    SemiJoin(SemiJoin),
}

/// A condition that rows of another table decide, in a form for each use.
pub(super) struct SemiJoin {
    /// Form that is evaluated for each contact of a list read in its order.
    probe: Expr,
    /// Form that finds the contacts first, for few rows.
    selective: Expr,
    /// Form that leaves the choice to the database.
    join: Expr,
    /// Number of rows, counted up to one more than the maximum; `None`: known to be few.
    count: Option<Expr>,
}

impl SemiJoin {
    /// Matches the contacts that have such a row.
    pub(super) fn new<E: Tenanted>(
        read: &impl Read,
        contact: E::Column,
        rows: impl Fn(Scoped<E>) -> Scoped<E>,
        probed: impl Fn(Scoped<E>) -> Scoped<E>,
        is_selective: bool,
    ) -> Self {
        let engine = read.engine();
        let id = || contact::Column::Id.into_simple_expr();
        let of_contact = contact.into_simple_expr().eq(id());
        let probe = probed(read.select::<E>()).filter(of_contact).expr(Expr::cust("1"), "one").limit(1);
        let ids = || rows(read.select::<E>()).column(contact);
        let count = || {
            let select = rows(read.select::<E>()).expr(Expr::cust("1"), "one");
            select.limit(MAX_SELECTIVE_ROWS + 1).counted()
        };
        Self {
            // A scalar subquery and not EXISTS, which PostgreSQL would turn into a join of its own
            // choice, and so give up the order of the list.
            probe: probe.into_scalar().is_not_null(),
            selective: ids().has(engine, id()),
            join: ids().holds(id()),
            count: (!is_selective).then(|| count().into_scalar()),
        }
    }
}

impl Clause {
    /// Returns the condition in a form that can stand below `OR` and `NOT`.
    pub(super) fn probe(self) -> Expr {
        match self {
            Self::Own(expr) | Self::SemiJoin(SemiJoin { probe: expr, .. }) => expr,
        }
    }
}

/// Combines the clauses. If one of them lets few contacts through, those are looked up first;
/// otherwise the list is read in its order, and each contact is checked against the clauses. `words` is the
/// number of words that are looked for.
pub(super) async fn combine(
    read: &impl Read,
    clauses: Vec<Clause>,
    words: usize,
) -> Result<ResolvedCriteria, DatabaseError> {
    let first = most_selective(read, &clauses, words).await?;
    let mut resolved = ResolvedCriteria::default();
    for (index, clause) in clauses.into_iter().enumerate() {
        let (rows, all) = match clause {
            Clause::Own(expr) => (expr.clone(), expr),
            Clause::SemiJoin(SemiJoin { selective, .. }) if first == Some(index) => {
                (selective.clone(), selective)
            }
            Clause::SemiJoin(SemiJoin { probe, .. }) if first.is_some() => (probe.clone(), probe),
            Clause::SemiJoin(SemiJoin { probe, join, .. }) => (probe, join),
        };
        resolved.rows = resolved.rows.add(rows);
        resolved.all = resolved.all.add(all);
    }
    Ok(resolved)
}

/// Returns the index of the semi-join that lets the fewest contacts through, if those are few.
async fn most_selective(
    read: &impl Read,
    clauses: &[Clause],
    words: usize,
) -> Result<Option<usize>, DatabaseError> {
    const NAMES: [&str; MAX_COUNTED] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut counts = Vec::new();
    for (index, clause) in clauses.iter().enumerate() {
        match clause {
            Clause::SemiJoin(SemiJoin { count: None, .. }) => return Ok(Some(index)),
            Clause::SemiJoin(SemiJoin { count: Some(count), .. }) => counts.push((index, count.clone())),
            Clause::Own(_) => {}
        }
    }
    counts.truncate(MAX_COUNTED);
    if counts.is_empty() {
        return Ok(None);
    }
    // All counts are columns of one statement, each stopped by its own limit.
    let values = counts.iter().zip(NAMES).map(|((_, count), name)| (count.clone(), name));
    let price =
        COUNT_POINTS.saturating_mul(counts.len()).saturating_add(LOOK_UP_POINTS.saturating_mul(words));
    let select = read.select::<contact::Entity>().values(values);
    let found = read.rows(select.priced(u32::try_from(price).unwrap_or(u32::MAX))).await?;
    let mut fewest = None;
    for ((index, _), name) in counts.iter().zip(NAMES) {
        let count: i64 = found.first().map(|row| row.value(name)).transpose()?.unwrap_or(0);
        if count.unsigned_abs() <= MAX_SELECTIVE_ROWS && fewest.is_none_or(|(least, _)| count < least) {
            fewest = Some((count, *index));
        }
    }
    Ok(fewest.map(|(_, index)| index))
}

/// Returns the conjunction; without conditions it holds for every contact.
pub(super) fn all(exprs: impl Iterator<Item = Expr>) -> Expr {
    let all = exprs.fold(Condition::all(), Condition::add);
    if all.is_empty() { super::sql::always() } else { all.into() }
}

/// Returns the disjunction; without conditions it holds for no contact.
pub(super) fn any(exprs: impl Iterator<Item = Expr>) -> Expr {
    let any = exprs.fold(Condition::any(), Condition::add);
    if any.is_empty() { super::sql::never() } else { any.into() }
}

//! Seeking: the conditions that cut a list at cursors, in a form that an index serves.

use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

use super::{
    Key, Order, Position, Tie,
    order::{ColumnOf, is_same},
    page::Listing,
};
use crate::database::Scoped;

/// The rows between two edges.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    pub(super) after: Option<Edge>,
    pub(super) before: Option<Edge>,
}

/// A position, with or without a row that lies right on it.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    position: Position,
    inclusive: bool,
}

impl Edge {
    pub(super) fn inclusive(position: Position) -> Self {
        Self { position, inclusive: true }
    }

    pub(super) fn exclusive(position: Position) -> Self {
        Self { position, inclusive: false }
    }
}

/// A part of a range that an index can read in one go.
pub(super) struct Arm<O: Order> {
    pub(super) condition: Condition,
    sort: Vec<(ColumnOf<O>, sea_orm::Order)>,
}

impl<O: Order> Arm<O> {
    pub(super) fn sorted(&self, select: Scoped<O::Entity>) -> Scoped<O::Entity> {
        self.sort.iter().fold(select, |select, (column, order)| select.order_by(*column, order.clone()))
    }
}

/// Returns the arms of a range, in the list's order or in reverse.
///
/// A row value such as `(key, tie) > (?, ?)` is unknown for a null key, and neither engine seeks
/// past nulls by `OR`; so rows with a key and rows without are two arms.
pub(super) fn arms<O: Order>(
    listing: &Listing<O>,
    range: &Range,
    reverse: bool,
) -> impl Iterator<Item = Arm<O>> {
    let mut arms = [with_key(listing, range, reverse), without_key(listing, range, reverse)];
    if reverse {
        arms.reverse();
    }
    arms.into_iter().flatten()
}

/// Returns the arm of the rows that have a key; `None` if the range begins after all of them.
fn with_key<O: Order>(listing: &Listing<O>, range: &Range, reverse: bool) -> Option<Arm<O>> {
    let after = match &range.after {
        Some(Edge { position, .. }) if position.key.is_none() => return None,
        after => after.as_ref(),
    };
    let before = range.before.as_ref().filter(|edge| edge.position.key.is_some());
    let order = listing.order;
    let (mut lower, upper) = if order.is_descending() { (before, after) } else { (after, before) };
    let mut min_key = listing.min_key;
    // Of two lower bounds an index takes only one, so only the stricter one is said.
    if let (Some(Key::Number(key)), Some(least)) =
        (lower.and_then(|edge| edge.position.key.as_ref()), min_key)
    {
        if *key < least {
            lower = None;
        } else {
            min_key = None;
        }
    }
    let column = order.key();
    let mut condition = Condition::all();
    if listing.with_nulls {
        condition = condition.add(column.is_not_null());
    }
    if let Some(least) = min_key {
        condition = condition.add(column.gte(least));
    }
    for (edge, is_lower) in [(lower, true), (upper, false)] {
        if let Some(edge) = edge {
            condition = condition.add(row_values(order, edge, is_lower));
        }
    }
    let direction = direction(order, reverse);
    Some(Arm { condition, sort: vec![(column, direction.clone()), (order.tie(), direction)] })
}

/// Returns `(key, tie) > (?, ?)` and its like.
fn row_values<O: Order>(order: O, edge: &Edge, is_lower: bool) -> Expr {
    let columns = Expr::tuple([order.key().into_simple_expr(), order.tie().into_simple_expr()]);
    let tie = match edge.position.tie {
        Tie::Seq(seq) => Expr::value(seq),
        Tie::Id(id) => Expr::value(id),
    };
    let key = edge.position.key.as_ref().map_or(Expr::cust("NULL"), |key| order.value(key));
    let position = Expr::tuple([key, tie]);
    match (is_lower, edge.inclusive) {
        (true, false) => columns.gt(position),
        (true, true) => columns.gte(position),
        (false, false) => columns.lt(position),
        (false, true) => columns.lte(position),
    }
}

/// Returns the arm of the rows that have no key, by id; `None` if the list has none of them, or the
/// range ends before the first.
///
/// The columns that are null stay in the order, or PostgreSQL leaves the index.
fn without_key<O: Order>(listing: &Listing<O>, range: &Range, reverse: bool) -> Option<Arm<O>> {
    if !listing.with_nulls {
        return None;
    }
    let before = match &range.before {
        Some(Edge { position, .. }) if position.key.is_some() => return None,
        before => before.as_ref(),
    };
    let after = range.after.as_ref().filter(|edge| edge.position.key.is_none());
    let order = listing.order;
    let (lower, upper) = if order.is_descending() { (before, after) } else { (after, before) };
    let mut nulls = vec![order.key()];
    if !is_same::<O>(order.tie(), O::ID) {
        nulls.push(order.tie());
    }
    let mut condition = Condition::all();
    let mut sort = Vec::new();
    let direction = direction(order, reverse);
    for column in nulls {
        condition = condition.add(column.is_null());
        sort.push((column, direction.clone()));
    }
    sort.push((O::ID, direction));
    for (edge, is_lower) in [(lower, true), (upper, false)] {
        if let Some(Edge { position: Position { tie: Tie::Id(id), .. }, inclusive }) = edge {
            condition = condition.add(match (is_lower, inclusive) {
                (true, false) => O::ID.gt(*id),
                (true, true) => O::ID.gte(*id),
                (false, false) => O::ID.lt(*id),
                (false, true) => O::ID.lte(*id),
            });
        }
    }
    Some(Arm { condition, sort })
}

fn direction(order: impl Order, reverse: bool) -> sea_orm::Order {
    if order.is_descending() == reverse { sea_orm::Order::Asc } else { sea_orm::Order::Desc }
}

//! Seeking: the conditions that cut a list at cursors, in a form that an index serves.

use entity::contact::{self, Column};
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

use super::arguments::Plan;
use crate::{
    contacts::cursor::{Key, Position, Tie},
    database::Scoped,
};

/// The rows between two edges.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    pub(super) after: Option<Edge>,
    pub(super) before: Option<Edge>,
}

/// A position, with or without a row that is right on it.
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
#[derive(Debug)]
pub(super) struct Arm {
    pub(super) condition: Condition,
    sort: Vec<(Column, sea_orm::Order)>,
}

impl Arm {
    pub(super) fn sorted(&self, select: Scoped<contact::Entity>) -> Scoped<contact::Entity> {
        self.sort.iter().fold(select, |select, (column, order)| select.order_by(*column, order.clone()))
    }
}

/// The arms of a range, in the list's order or in reverse.
pub(super) fn arms(plan: &Plan, range: &Range, reverse: bool) -> impl Iterator<Item = Arm> {
    let mut arms = [with_key(plan, range, reverse), without_key(plan, range, reverse)];
    if reverse {
        arms.reverse();
    }
    arms.into_iter().flatten()
}

/// The rows that have a key. There are none after an edge among those that have none.
fn with_key(plan: &Plan, range: &Range, reverse: bool) -> Option<Arm> {
    let after = match &range.after {
        Some(Edge { position, .. }) if position.key.is_none() => return None,
        after => after.as_ref(),
    };
    let before = range.before.as_ref().filter(|edge| edge.position.key.is_some());
    let (mut lower, upper) = if plan.order.descending { (before, after) } else { (after, before) };
    let mut since = plan.since;
    // Of the cursor and `since` only the stricter one is said.
    if let (Some(edge), Some(Key::Number(key)), Some(least)) =
        (lower, lower.and_then(|edge| edge.position.key.as_ref()), since)
    {
        if *key < least {
            lower = None;
        } else {
            since = None;
            lower = Some(edge);
        }
    }
    let column = plan.order.key.column();
    let mut condition = Condition::all();
    if plan.with_nulls {
        condition = condition.add(column.is_not_null());
    }
    if let Some(since) = since {
        condition = condition.add(column.gte(since));
    }
    for (edge, is_lower) in [(lower, true), (upper, false)] {
        if let Some(edge) = edge {
            condition = condition.add(row_values(plan, edge, is_lower));
        }
    }
    let direction = direction(plan, reverse);
    Some(Arm { condition, sort: vec![(column, direction.clone()), (plan.order.key.tie(), direction)] })
}

/// `(key, tie) > (?, ?)` and its like.
fn row_values(plan: &Plan, edge: &Edge, is_lower: bool) -> Expr {
    let key = plan.order.key;
    let columns = Expr::tuple([key.column().into_simple_expr(), key.tie().into_simple_expr()]);
    let tie = match edge.position.tie {
        Tie::Seq(seq) => Expr::value(seq),
        Tie::Id(id) => Expr::value(id),
    };
    let value = edge.position.key.as_ref().map_or(Expr::cust("NULL"), |value| key.value(value));
    let position = Expr::tuple([value, tie]);
    match (is_lower, edge.inclusive) {
        (true, false) => columns.gt(position),
        (true, true) => columns.gte(position),
        (false, false) => columns.lt(position),
        (false, true) => columns.lte(position),
    }
}

/// The rows that have no key, by id. There are none before an edge among those that have one.
///
/// The key stays in the order, or PostgreSQL leaves the index.
fn without_key(plan: &Plan, range: &Range, reverse: bool) -> Option<Arm> {
    if !plan.with_nulls {
        return None;
    }
    let before = match &range.before {
        Some(Edge { position, .. }) if position.key.is_some() => return None,
        before => before.as_ref(),
    };
    let after = range.after.as_ref().filter(|edge| edge.position.key.is_none());
    let (lower, upper) = if plan.order.descending { (before, after) } else { (after, before) };
    let mut nulls = vec![plan.order.key.column()];
    if !matches!(plan.order.key.tie(), Column::Id) {
        nulls.push(plan.order.key.tie());
    }
    let mut condition = Condition::all();
    let mut sort = Vec::new();
    let direction = direction(plan, reverse);
    for column in nulls {
        condition = condition.add(column.is_null());
        sort.push((column, direction.clone()));
    }
    sort.push((Column::Id, direction));
    for (edge, is_lower) in [(lower, true), (upper, false)] {
        if let Some(Edge { position: Position { tie: Tie::Id(id), .. }, inclusive }) = edge {
            condition = condition.add(match (is_lower, inclusive) {
                (true, false) => Column::Id.gt(*id),
                (true, true) => Column::Id.gte(*id),
                (false, false) => Column::Id.lt(*id),
                (false, true) => Column::Id.lte(*id),
            });
        }
    }
    Some(Arm { condition, sort })
}

fn direction(plan: &Plan, reverse: bool) -> sea_orm::Order {
    if plan.order.descending == reverse { sea_orm::Order::Asc } else { sea_orm::Order::Desc }
}

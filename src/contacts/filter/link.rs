//! Tests that rows of another table answer, and what to look up first because of them.

use entity::{Tenanted, contact};
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

use super::Matched;
use crate::{
    database::{Read, Scoped},
    error::DatabaseError,
};

/// As many contacts are looked up and sorted sooner than they are met in the order of the list.
const FEW: u64 = 10_000;
/// Of so many tests it is found out how many contacts they let through.
const COUNTED: usize = 8;

/// One of the tests that must all hold.
#[expect(clippy::large_enum_variant, reason = "a few of them live at a time")]
pub(super) enum Part {
    Own(Expr),
    Link(Link),
}

/// A test that rows of another table answer, in the forms that suit one or the other use.
pub(super) struct Link {
    /// Asked of each contact.
    probe: Expr,
    /// The contacts found first, when they are few.
    few: Expr,
    /// As the database likes.
    join: Expr,
    /// How many rows there are, counted up to some more than few; `None`: surely few.
    count: Option<Expr>,
}

impl Link {
    /// The contacts that have such a row.
    pub(super) fn new<E: Tenanted>(
        read: &impl Read,
        contact: E::Column,
        rows: impl Fn(Scoped<E>) -> Scoped<E>,
        probed: impl Fn(Scoped<E>) -> Scoped<E>,
        surely_few: bool,
    ) -> Self {
        let engine = read.engine();
        let id = || contact::Column::Id.into_simple_expr();
        let of_contact = contact.into_simple_expr().eq(id());
        let probe = probed(read.select::<E>()).filter(of_contact).expr(Expr::cust("1"), "one").limit(1);
        let ids = || rows(read.select::<E>()).column(contact);
        let count = || rows(read.select::<E>()).expr(Expr::cust("1"), "one").limit(FEW + 1).counted();
        Self {
            // A scalar, and no EXISTS, which PostgreSQL would turn around.
            probe: probe.into_scalar().is_not_null(),
            few: ids().has(engine, id()),
            join: ids().holds(id()),
            count: (!surely_few).then(|| count().into_scalar()),
        }
    }
}

impl Part {
    /// In a place where other tests may do without it.
    pub(super) fn probe(self) -> Expr {
        match self {
            Self::Own(expr) | Self::Link(Link { probe: expr, .. }) => expr,
        }
    }
}

/// Puts the tests together. If one of them lets few contacts through, those are looked up first;
/// otherwise the list is read in its order, and each contact is put to the tests.
pub(super) async fn choose(read: &impl Read, parts: Vec<Part>) -> Result<Matched, DatabaseError> {
    let first = first(read, &parts).await?;
    let mut matched = Matched::default();
    for (place, part) in parts.into_iter().enumerate() {
        let (rows, all) = match part {
            Part::Own(expr) => (expr.clone(), expr),
            Part::Link(Link { few, .. }) if first == Some(place) => (few.clone(), few),
            Part::Link(Link { probe, .. }) if first.is_some() => (probe.clone(), probe),
            Part::Link(Link { probe, join, .. }) => (probe, join),
        };
        matched.rows = matched.rows.add(rows);
        matched.all = matched.all.add(all);
    }
    Ok(matched)
}

/// Which test lets the fewest contacts through, if those are few.
async fn first(read: &impl Read, parts: &[Part]) -> Result<Option<usize>, DatabaseError> {
    const NAMES: [&str; COUNTED] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut counts = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        match part {
            Part::Link(Link { count: None, .. }) => return Ok(Some(place)),
            Part::Link(Link { count: Some(count), .. }) => counts.push((place, count.clone())),
            Part::Own(_) => {}
        }
    }
    counts.truncate(COUNTED);
    if counts.is_empty() {
        return Ok(None);
    }
    let values = counts.iter().zip(NAMES).map(|((_, count), name)| (count.clone(), name));
    let found = read.rows(read.select::<contact::Entity>().values(values)).await?;
    let mut fewest = None;
    for ((place, _), name) in counts.iter().zip(NAMES) {
        let count: i64 = found.first().map(|row| row.value(name)).transpose()?.unwrap_or(0);
        if count.unsigned_abs() <= FEW && fewest.is_none_or(|(least, _)| count < least) {
            fewest = Some((count, *place));
        }
    }
    Ok(fewest.map(|(_, place)| place))
}

/// All of these; every contact, if there is none.
pub(super) fn all(tests: impl Iterator<Item = Expr>) -> Expr {
    let all = tests.fold(Condition::all(), Condition::add);
    if all.is_empty() { super::sql::always() } else { all.into() }
}

/// Any of these; no contact, if there is none.
pub(super) fn any(tests: impl Iterator<Item = Expr>) -> Expr {
    let any = tests.fold(Condition::any(), Condition::add);
    if any.is_empty() { super::sql::never() } else { any.into() }
}

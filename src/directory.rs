//! Lists by name, then id: companies, users and tags, by cursors in both directions.
//!
//! As the contact list, a page is one statement; the total and the flag of the other side ride in
//! a last arm when they are asked for.

use std::sync::Arc;

use entity::{Tenanted, company, tag, user};
use sea_orm::{
    ColumnTrait as _, EntityTrait, IdenStatic as _, IntoSimpleExpr as _, Iterable as _, Order,
    sea_query::{CaseStatement, Condition, Expr, ExprTrait as _},
};
use uuid::Uuid;

use crate::{
    contacts::{Cursor, Key, ListError, ListOrder, Position, Tie, Way, Window, position},
    database::{Engine, Read, Scoped},
    input::text::{comparison_key, needle},
};

pub use crate::contacts::Directory;

/// An entity whose live rows are listed by name.
pub trait Listed: Tenanted {
    /// Which list its cursors belong to.
    const DIRECTORY: Directory;
    /// Its id.
    const ID: Self::Column;
    /// What it is sorted by.
    const SORT_KEY: Self::Column;
    /// What it is searched in.
    const NAME_FOLD: Self::Column;
    /// Null in live rows.
    const DELETED_AT: Self::Column;

    /// Sort key and id of a row.
    fn place(row: &Self::Model) -> (&[u8], Uuid);

    /// The needle in the form in which names are searched; `None`: it is in no name.
    fn needle(text: &str) -> Option<String>;
}

macro_rules! listed {
    ($($table:ident $directory:ident $sort_key:ident $name_fold:ident $needle:path, $sorted:ident);+ $(;)?) => {
        $(impl Listed for $table::Entity {
            const DIRECTORY: Directory = Directory::$directory;
            const ID: Self::Column = $table::Column::Id;
            const SORT_KEY: Self::Column = $table::Column::$sort_key;
            const NAME_FOLD: Self::Column = $table::Column::$name_fold;
            const DELETED_AT: Self::Column = $table::Column::DeletedAt;
            fn place(row: &Self::Model) -> (&[u8], Uuid) {
                (&row.$sorted, row.id)
            }
            fn needle(text: &str) -> Option<String> {
                $needle(text)
            }
        })+
    };
}

listed!(
    company Companies NameKey NameFold needle, name_key;
    user Users NameKey NameFold needle, name_key;
    tag Tags SortKey NameKey tag_needle, sort_key;
);

/// Accents count in the list of tags, as they do in telling tags apart.
fn tag_needle(text: &str) -> Option<String> {
    needle(text).map(|_| comparison_key(text))
}

/// What of a page is wanted; nothing else is read.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, clippy::struct_excessive_bools, reason = "as those of the contact list")]
pub struct Wanted {
    pub rows: bool,
    pub total: bool,
    pub previous: bool,
    pub next: bool,
}

/// A page, as far as it was wanted.
#[derive(Debug)]
pub struct Page<M> {
    /// The rows in the list's order, each with its cursor.
    pub rows: Vec<(Arc<M>, String)>,
    /// Whether there are rows after the last, or after the place of an empty page.
    pub has_next: bool,
    /// Whether there are rows before the first, or before the place of an empty page.
    pub has_previous: bool,
    /// How many rows match.
    pub total: i64,
}

const TOTAL: &str = "total";
const PREVIOUS: &str = "previous";
const NEXT: &str = "next";

/// Reads a page of the rows whose name contains `search`.
///
/// # Errors
/// An argument is refused, or the database failed.
pub async fn list<E: Listed>(
    read: &impl Read,
    search: Option<&str>,
    window: &Window,
    wanted: Wanted,
) -> Result<Page<E::Model>, ListError> {
    let (way, size) = window.size()?;
    let order = ListOrder::Directory(E::DIRECTORY);
    let after = position("after", window.after.as_deref(), order)?;
    let before = position("before", window.before.as_deref(), order)?;
    let base = || matching::<E>(read, search);
    let backward = way == Way::Backward;

    let edge = |after: Option<&Position>, before: Option<&Position>, inclusive: bool| {
        let after = after.map(|place| row_values::<E>(place, true, inclusive));
        let before = before.map(|place| row_values::<E>(place, false, inclusive));
        Condition::all().add_option(after).add_option(before)
    };
    let previous = after.as_ref().filter(|_| wanted.previous).map(|after| edge(None, Some(after), true));
    let next = before.as_ref().filter(|_| wanted.next).map(|before| edge(Some(before), None, true));
    let facts = wanted.total || previous.is_some() || next.is_some();

    let mut arms = Vec::new();
    let rows = wanted.rows || wanted.previous || wanted.next;
    if rows {
        let mut select = base().filter(edge(after.as_ref(), before.as_ref(), false));
        for column in E::Column::iter() {
            select = select.column(column);
        }
        if facts {
            select = select
                .expr(Expr::cust("CAST(NULL AS BIGINT)"), TOTAL)
                .expr(Expr::cust("CAST(NULL AS INTEGER)"), PREVIOUS)
                .expr(Expr::cust("CAST(NULL AS INTEGER)"), NEXT);
        }
        arms.push(sorted(select, backward).limit(size as u64 + 1));
    }
    if facts {
        let nulls = E::Column::iter().filter(|_| rows).map(|column| (Expr::cust("NULL"), column.as_str()));
        let total = base().expr(Expr::cust("COUNT(*)"), TOTAL).into_scalar();
        let total = if wanted.total { total } else { Expr::cust("NULL") };
        let values = [(total, TOTAL), (exists(base(), previous), PREVIOUS), (exists(base(), next), NEXT)];
        arms.push(read.select::<E>().values(nulls.chain(values)));
    }
    let mut page = Page { rows: Vec::new(), has_next: false, has_previous: false, total: 0 };
    if arms.is_empty() {
        return Ok(page);
    }
    let mut found = read.rows(read.select::<E>().concat(arms)).await?;
    if facts && let Some(row) = found.pop() {
        page.total = row.value::<Option<i64>>(TOTAL)?.unwrap_or(0);
        page.has_previous = row.value::<Option<i32>>(PREVIOUS)? == Some(1);
        page.has_next = row.value::<Option<i32>>(NEXT)? == Some(1);
    }
    let more = found.len() > size;
    found.truncate(size);
    if backward {
        found.reverse();
        page.has_previous |= more;
    } else {
        page.has_next |= more;
    }
    for row in found {
        let row = row.model()?;
        let cursor = cursor::<E>(&row);
        page.rows.push((Arc::new(row), cursor));
    }
    Ok(page)
}

fn cursor<E: Listed>(row: &<E as EntityTrait>::Model) -> String {
    let (key, id) = E::place(row);
    let position = Position { key: Some(Key::Bytes(key.to_owned())), tie: Tie::Id(id) };
    Cursor { order: ListOrder::Directory(E::DIRECTORY), position }.encode()
}

/// All rows of the list, whatever the page.
fn matching<E: Listed>(read: &impl Read, search: Option<&str>) -> Scoped<E> {
    let select = read.select::<E>().filter(E::DELETED_AT.is_null());
    let Some(search) = search.map(str::trim).filter(|search| !search.is_empty()) else {
        return select;
    };
    let Some(needle) = E::needle(search) else {
        return select.filter(Expr::cust("1 = 0"));
    };
    let holds = match read.engine() {
        Engine::Sqlite => "instr(?, ?) > 0",
        Engine::Postgres => "strpos($1, $2) > 0",
    };
    select.filter(Expr::cust_with_exprs(holds, [E::NAME_FOLD.into_simple_expr(), Expr::value(needle)]))
}

/// `(sort_key, id) > (?, ?)` and its like.
fn row_values<E: Listed>(place: &Position, is_lower: bool, inclusive: bool) -> Expr {
    let columns = Expr::tuple([E::SORT_KEY.into_simple_expr(), E::ID.into_simple_expr()]);
    let (Some(Key::Bytes(key)), Tie::Id(id)) = (&place.key, place.tie) else {
        // No cursor of these lists is without a name and an id: `Cursor::decode` has seen to that.
        return Expr::cust("1 = 0");
    };
    let place = Expr::tuple([Expr::value(key.clone()), Expr::value(id)]);
    match (is_lower, inclusive) {
        (true, false) => columns.gt(place),
        (true, true) => columns.gte(place),
        (false, false) => columns.lt(place),
        (false, true) => columns.lte(place),
    }
}

fn sorted<E: Listed>(select: Scoped<E>, reverse: bool) -> Scoped<E> {
    let order = if reverse { Order::Desc } else { Order::Asc };
    select.order_by(E::SORT_KEY, order.clone()).order_by(E::ID, order)
}

/// 1 when a row satisfies the condition, else 0.
fn exists<E: Listed>(base: Scoped<E>, condition: Option<Condition>) -> Expr {
    let Some(condition) = condition else {
        return Expr::cust("NULL");
    };
    let one = base.filter(condition).expr(Expr::cust("1"), "one");
    let found = sorted(one, false).limit(1).into_scalar().is_not_null();
    CaseStatement::new().case(found, Expr::cust("1")).finally(Expr::cust("0")).into()
}

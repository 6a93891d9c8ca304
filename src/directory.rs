//! Lists by name, then id: companies, users and tags, by cursors in both directions.

use std::{fmt, marker::PhantomData};

use entity::{Tenanted, company, tag, user};
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _, Iterable as _,
    sea_query::{Condition, Expr, IntoCondition as _},
};
use uuid::Uuid;

use crate::{
    database::{Engine, Read, Row},
    error::DatabaseError,
    input::text::{comparison_key, needle},
    paging::{
        self, Key, KeyType, Listing, Mark, Page, PageError, Position, Tie, Wanted, Window, price::ListPrice,
    },
};

/// A list that is sorted by name, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Directory {
    Companies,
    Users,
    Tags,
}

impl Directory {
    const ALL: [Self; 3] = [Self::Companies, Self::Users, Self::Tags];

    /// Mark of its cursors; those of contacts have lower numbers.
    fn mark(self) -> Mark {
        let key = match self {
            Self::Companies => 64,
            Self::Users => 65,
            Self::Tags => 66,
        };
        Mark { key, is_descending: false }
    }

    /// Returns the list whose cursors have this mark, if it is one of these.
    #[must_use]
    pub fn marked(mark: Mark) -> Option<Self> {
        Self::ALL.into_iter().find(|directory| directory.mark() == mark)
    }
}

/// The order of the list, in errors about cursors.
impl fmt::Display for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Companies => "the NAME of companies",
            Self::Users => "the NAME of users",
            Self::Tags => "the NAME of tags",
        })
    }
}

/// An entity whose live rows are listed by name.
pub trait Listed: Tenanted + Copy {
    /// The list of its rows.
    const DIRECTORY: Directory;
    /// Column of the id.
    const ID: Self::Column;
    /// Column that the list is sorted by.
    const SORT_KEY: Self::Column;
    /// Column that the list is searched in.
    const NAME_FOLD: Self::Column;
    /// Column that is null in live rows.
    const DELETED_AT: Self::Column;

    /// Returns the needle in the form in which names are searched; `None` if no name can hold it.
    fn needle(text: &str) -> Option<String>;
}

macro_rules! listed {
    ($($table:ident $directory:ident $sort_key:ident $name_fold:ident $needle:path);+ $(;)?) => {
        $(impl Listed for $table::Entity {
            const DIRECTORY: Directory = Directory::$directory;
            const ID: Self::Column = $table::Column::Id;
            const SORT_KEY: Self::Column = $table::Column::$sort_key;
            const NAME_FOLD: Self::Column = $table::Column::$name_fold;
            const DELETED_AT: Self::Column = $table::Column::DeletedAt;
            fn needle(text: &str) -> Option<String> {
                $needle(text)
            }
        })+
    };
}

listed!(
    company Companies NameKey NameFold needle;
    user Users NameKey NameFold needle;
    tag Tags SortKey NameKey tag_needle;
);

/// Accents count in the list of tags, as they do in telling tags apart.
fn tag_needle(text: &str) -> Option<String> {
    needle(text).map(|_| comparison_key(text))
}

/// The order of a list by name.
#[derive(Clone, Copy, Debug)]
pub struct ByName<E>(PhantomData<E>);

impl<E: Listed> paging::Order for ByName<E> {
    type Entity = E;

    const ID: E::Column = E::ID;

    fn mark(self) -> Mark {
        E::DIRECTORY.mark()
    }

    fn is_descending(self) -> bool {
        false
    }

    fn key(self) -> E::Column {
        E::SORT_KEY
    }

    fn tie(self) -> E::Column {
        E::ID
    }

    fn key_type(self) -> KeyType {
        KeyType::Bytes
    }

    fn is_nullable(self) -> bool {
        false
    }

    fn accepts(self, position: &Position) -> bool {
        matches!(position, Position { key: Some(Key::Bytes(_)), tie: Tie::Id(_) })
    }

    fn position(self, row: &Row<E>) -> Result<Position, DatabaseError> {
        let key = Key::Bytes(row.get::<Vec<u8>>(E::SORT_KEY)?);
        Ok(Position { key: Some(key), tie: Tie::Id(row.get::<Uuid>(E::ID)?) })
    }
}

/// Reads a page of the rows whose name contains `search`.
///
/// # Errors
/// An argument is refused, or the database failed.
pub async fn list<E: Listed>(
    read: &impl Read,
    search: Option<&str>,
    window: &Window,
    wanted: &Wanted<E::Column>,
) -> Result<Page<ByName<E>>, PageError> {
    let order = ByName(PhantomData);
    let slice = window.slice(order)?;
    let rows = matching::<E>(read.engine(), search);
    let price = ListPrice { conditions: rows.len() - 1, total: wanted.total, ..ListPrice::default() };
    let price = price.of_statement(window);
    let keeps_plan = rows.len() == 1;
    let listing = Listing {
        order,
        all: rows.clone(),
        rows,
        min_key: None,
        with_nulls: false,
        slice,
        price,
        keeps_plan,
    };
    paging::read(read, &listing, wanted).await
}

/// Returns all columns, for rows that are wanted whole.
#[must_use]
pub fn columns<E: Listed>() -> Vec<E::Column> {
    E::Column::iter().collect()
}

/// Returns the conditions of the rows that are live and whose name contains `search`.
fn matching<E: Listed>(engine: Engine, search: Option<&str>) -> Vec<Condition> {
    let mut conditions = vec![E::DELETED_AT.is_null().into_condition()];
    if let Some(search) = search.map(str::trim).filter(|search| !search.is_empty()) {
        // Not LIKE: it would take `%` and `_` of the search for wildcards.
        let contains = match engine {
            Engine::Sqlite => "instr(?, ?) > 0",
            Engine::Postgres => "strpos($1, $2) > 0",
        };
        let found = E::needle(search).map_or_else(
            || Expr::cust("1 = 0"),
            |needle| Expr::cust_with_exprs(contains, [E::NAME_FOLD.into_simple_expr(), Expr::value(needle)]),
        );
        conditions.push(found.into_condition());
    }
    conditions
}

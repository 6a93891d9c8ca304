//! SQL expressions for both engines.

use sea_orm::{
    Value,
    sea_query::{CaseStatement, Expr, ExprTrait as _, ValueType, extension::postgres::PgFunc},
};
use uuid::Uuid;

use crate::database::Engine;

/// Returns a condition that holds for every row.
pub(super) fn always() -> Expr {
    Expr::cust("1 = 1")
}

/// Returns a condition that holds for no row.
pub(super) fn never() -> Expr {
    Expr::cust("1 = 0")
}

/// Returns the complement: true where the condition is false or unknown.
pub(super) fn complement(condition: Expr) -> Expr {
    // `NOT` would leave unknown unknown.
    CaseStatement::new().case(condition, never()).finally(always()).into()
}

/// Fills the question marks of an SQL text with expressions.
pub(super) fn fill<const N: usize>(engine: Engine, sql: &str, exprs: [Expr; N]) -> Expr {
    match engine {
        Engine::Sqlite => Expr::cust_with_exprs(sql.to_owned(), exprs),
        Engine::Postgres => {
            // The placeholders of sea-query are `?` for SQLite, but `$1`, `$2` for PostgreSQL.
            let mut pieces = sql.split('?');
            let mut numbered = pieces.next().unwrap_or_default().to_owned();
            for (piece, number) in pieces.zip(1..) {
                numbered = format!("{numbered}${number}{piece}");
            }
            Expr::cust_with_exprs(numbered, exprs)
        }
    }
}

/// Fills the SQL text of the engine at hand, as [`fill`] does.
pub(super) fn either<const N: usize>(engine: Engine, sqlite: &str, postgres: &str, exprs: [Expr; N]) -> Expr {
    fill(engine, if engine == Engine::Sqlite { sqlite } else { postgres }, exprs)
}

/// Returns the condition that it is one of these texts. Its SQL is the same for any number of them
/// above one, so that they share a prepared statement.
pub(super) fn one_of(engine: Engine, subject: Expr, values: Vec<String>) -> Expr {
    match (engine, values.as_slice()) {
        (_, []) => never(),
        (_, [value]) => subject.eq(value.as_str()),
        (Engine::Sqlite, _) => {
            let list = serde_json::Value::from(values).to_string();
            fill(engine, "? IN (SELECT value FROM json_each(?))", [subject, Expr::value(list)])
        }
        (Engine::Postgres, _) => subject.eq(array(values)),
    }
}

/// Returns the condition that it is one of these ids, as [`one_of`] does.
pub(super) fn one_of_ids(engine: Engine, subject: Expr, values: Vec<Uuid>) -> Expr {
    match (engine, values.as_slice()) {
        (_, []) => never(),
        (_, [value]) => subject.eq(*value),
        (Engine::Sqlite, _) => {
            let list: Vec<String> = values.iter().map(|id| id.simple().to_string()).collect();
            let list = serde_json::Value::from(list).to_string();
            fill(engine, "? IN (SELECT unhex(value) FROM json_each(?))", [subject, Expr::value(list)])
        }
        (Engine::Postgres, _) => subject.eq(array(values)),
    }
}

fn array<V: Into<Value> + ValueType>(values: Vec<V>) -> Expr {
    let values = values.into_iter().map(Into::into).collect();
    PgFunc::any(Value::Array(V::array_type(), Some(Box::new(values)))).into()
}

/// Returns true if a database can hold the text: PostgreSQL takes no zero character. A text that it
/// cannot hold equals nothing and is part of nothing.
pub(super) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

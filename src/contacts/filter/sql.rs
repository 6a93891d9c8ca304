//! Expressions that both engines understand, each in its own words.

use sea_orm::{
    Value,
    sea_query::{CaseStatement, Expr, ExprTrait as _, ValueType, extension::postgres::PgFunc},
};
use uuid::Uuid;

use crate::database::Engine;

pub(super) fn always() -> Expr {
    Expr::cust("1 = 1")
}

pub(super) fn never() -> Expr {
    Expr::cust("1 = 0")
}

/// True where the other is not true: false or unknown.
pub(super) fn complement(test: Expr) -> Expr {
    CaseStatement::new().case(test, never()).finally(always()).into()
}

/// Fills a text of SQL, whose places are question marks, with expressions.
pub(super) fn fill<const N: usize>(engine: Engine, sql: &str, exprs: [Expr; N]) -> Expr {
    match engine {
        Engine::Sqlite => Expr::cust_with_exprs(sql.to_owned(), exprs),
        Engine::Postgres => {
            let mut pieces = sql.split('?');
            let mut numbered = pieces.next().unwrap_or_default().to_owned();
            for (piece, number) in pieces.zip(1..) {
                numbered = format!("{numbered}${number}{piece}");
            }
            Expr::cust_with_exprs(numbered, exprs)
        }
    }
}

/// The same with a text for each engine.
pub(super) fn either<const N: usize>(engine: Engine, sqlite: &str, postgres: &str, exprs: [Expr; N]) -> Expr {
    fill(engine, if engine == Engine::Sqlite { sqlite } else { postgres }, exprs)
}

/// Whether it is one of these texts: in a statement of one text, however many they are.
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

/// As [`one_of`], of ids.
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

/// Whether a text is one that a database can hold; what is not equals nothing and is part of nothing.
pub(super) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

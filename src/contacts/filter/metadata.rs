//! Comparison of members of `metadata`.
//!
//! PostgreSQL compares JSON values itself. SQLite compares numbers and texts; lists and objects
//! are compared by a collation of ours.

use entity::contact::Column;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Expr, ExprTrait as _},
};
use serde_json::Value as Json;

use super::sql::{self, fill, is_storable};
use crate::database::{Engine, JSON_COLLATION};

/// Returns the condition that the member equals this value.
pub(super) fn equals(engine: Engine, key: &str, value: &Json) -> Expr {
    if !is_storable(key) || !is_storable_json(value) {
        return sql::never();
    }
    let metadata = Column::Metadata.into_simple_expr();
    let text = Expr::value(value.to_string());
    let path = path(key);
    let key = Expr::value(key);
    if engine == Engine::Postgres {
        let sql = "(CAST(? AS jsonb) -> CAST(? AS text)) = CAST(? AS jsonb)";
        return fill(engine, sql, [metadata, key, text]);
    }
    // By `json_each` and not by a path, which cannot say every key: see `path`.
    let member = |condition: &str, value: Expr| {
        let sql =
            format!("EXISTS (SELECT 1 FROM json_each(?) AS member WHERE member.key = ? AND {condition})");
        fill(engine, &sql, [metadata.clone(), key.clone(), value])
    };
    match value {
        Json::Number(number) => {
            let condition = "member.type IN ('integer', 'real') AND member.value = json_extract(?, '$')";
            let equal = member(condition, text.clone());
            // SQLite reads an integer beyond 64 bits as a double, and several integers become the same
            // double. So the JSON texts are compared too.
            let is_large = number.as_i64().is_none() && number.as_f64().is_some_and(|n| n.abs() >= I64_END);
            let Some(path) = path.filter(|_| is_large) else {
                return equal;
            };
            let sql = format!("(? -> ?) = ? COLLATE {JSON_COLLATION}");
            equal.and(fill(engine, &sql, [metadata.clone(), Expr::value(path), text]))
        }
        Json::String(value) => {
            member("member.type = 'text' AND member.value = ?", Expr::value(value.as_str()))
        }
        Json::Array(_) | Json::Object(_) => {
            let condition =
                format!("member.type IN ('array', 'object') AND member.value = ? COLLATE {JSON_COLLATION}");
            member(&condition, text)
        }
        Json::Bool(_) | Json::Null => member("member.type = ?", text),
    }
}

/// Smallest number beyond SQLite's integers: 2 to the power of 63.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

/// Returns a member's path in SQLite's language; `None`: a key that has to be escaped, which not all
/// versions read alike.
fn path(key: &str) -> Option<String> {
    let quoted = format!("\"{key}\"");
    let encoded = Json::from(key).to_string();
    (encoded == quoted).then(|| format!("$.{quoted}"))
}

/// Returns the condition that the member is absent or null.
pub(super) fn is_null(engine: Engine, key: &str) -> Expr {
    if !is_storable(key) {
        return sql::always();
    }
    let metadata = Column::Metadata.into_simple_expr();
    match engine {
        Engine::Sqlite => {
            let some = "EXISTS (SELECT 1 FROM json_each(?) AS member WHERE member.key = ? AND member.type <> 'null')";
            sql::complement(fill(engine, some, [metadata, Expr::value(key)]))
        }
        Engine::Postgres => {
            let value = fill(engine, "CAST(? AS jsonb) ->> CAST(? AS text)", [metadata, Expr::value(key)]);
            value.is_null()
        }
    }
}

fn is_storable_json(value: &Json) -> bool {
    match value {
        Json::String(text) => is_storable(text),
        Json::Array(items) => items.iter().all(is_storable_json),
        Json::Object(members) => {
            members.iter().all(|(key, value)| is_storable(key) && is_storable_json(value))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
    }
}

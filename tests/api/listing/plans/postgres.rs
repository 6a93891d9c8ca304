//! PostgreSQL's plans, as they were executed.

use sea_orm::{ConnectionTrait as _, Statement, TransactionTrait as _, Value as Cell, sea_query::ArrayType};
use serde_json::Value;

use super::SIZE;
use crate::support::App;

/// Heap and index pages of a page of ten and two flags, at most; the table has hundreds.
const BLOCKS: i64 = 60;

/// Holds the statement to look-ups in one index that read the page, a row more, and nothing else.
pub(super) async fn check(app: &App, arguments: &str, statement: &Statement, index: &str) {
    let plan = explain(app, "ANALYZE, BUFFERS", statement).await;
    let generic = explain_generic(app, statement).await;
    nodes(&generic["Plan"], &mut |node| hold(node, index, &format!("{arguments}\n{generic:#}\n{statement}")));
    let mut scans = Vec::new();
    nodes(&plan["Plan"], &mut |node| {
        hold(node, index, &format!("{arguments}\n{plan:#}\n{statement}"));
        if node["Index Name"].is_string() {
            scans.push(
                node["Actual Rows"].as_f64().expect("rows") * node["Actual Loops"].as_f64().expect("loops"),
            );
        }
    });
    let context = || format!("{arguments}\n{plan:#}\n{statement}");
    let read: f64 = scans.iter().sum();
    // The arms of the page share the page's rows and one more; a flag takes one row of an arm.
    let flags = statement.sql.matches("\"one\"").map(|_| 1.0).sum::<f64>();
    assert!(read <= f64::from(2 * (SIZE + 1)) + flags, "{read} rows: {}", context());
    assert!(scans.iter().all(|rows| *rows <= f64::from(SIZE + 1)), "{scans:?}: {}", context());
    let blocks = |what: &str| plan["Plan"][what].as_i64().expect("a number of blocks");
    assert!(blocks("Shared Hit Blocks") + blocks("Shared Read Blocks") <= BLOCKS, "{}", context());
}

/// Holds a statement of several pages to look-ups in one index for each.
pub(super) async fn check_together(app: &App, statement: &Statement, index: &str) {
    for plan in [explain(app, "ANALYZE", statement).await, explain_generic(app, statement).await] {
        let context = format!("{plan:#}\n{statement}");
        let mut looks = 0;
        nodes(&plan["Plan"], &mut |node| {
            let kind = node["Node Type"].as_str().expect("a node type");
            // The values of each page.
            if ["Nested Loop", "Function Scan"].contains(&kind) {
                assert_eq!(node.get("Join Filter"), None, "{context}");
                return;
            }
            hold(node, index, &context);
            looks += usize::from(kind.starts_with("Index"));
        });
        assert!(looks > 0, "{context}");
    }
}

/// The statement's plan, executed with its very values.
async fn explain(app: &App, options: &str, statement: &Statement) -> Value {
    let explained = Statement {
        sql: format!("EXPLAIN ({options}, FORMAT JSON) {}", statement.sql),
        values: statement.values.clone(),
        db_backend: statement.db_backend,
    };
    let row = app.raw.query_one_raw(explained).await.expect("a plan").expect("a plan");
    let mut plan: Value = row.try_get("", "QUERY PLAN").expect("a plan");
    plan[0].take()
}

/// The plan for any values, which the server may come to prefer once a statement is prepared.
async fn explain_generic(app: &App, statement: &Statement) -> Value {
    let count = statement.values.as_ref().map_or(0, |values| values.0.len());
    let types = types_of_arrays(statement);
    let cast = |place: usize| types.get(place - 1).map_or(String::new(), |of| format!("::{of}"));
    let places: Vec<String> = (1..=count).map(|place| format!("${place}{}", cast(place))).collect();
    let execute = Statement {
        sql: format!("EXPLAIN (FORMAT JSON) EXECUTE page ({})", places.join(", ")),
        values: statement.values.clone(),
        db_backend: statement.db_backend,
    };
    let connection = app.raw.begin().await.expect("a transaction");
    connection.execute_unprepared("SET LOCAL plan_cache_mode = force_generic_plan").await.expect("a setting");
    let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
    let prepare = format!("PREPARE page{types} AS {}", statement.sql);
    connection.execute_unprepared(&prepare).await.expect("prepared");
    // EXECUTE takes no parameters of the protocol: the values are written out.
    let explained = Statement::from_string(statement.db_backend, execute.to_string());
    let row = connection.query_one_raw(explained).await.expect("a plan").expect("a plan");
    connection.execute_unprepared("DEALLOCATE page").await.expect("forgotten");
    connection.rollback().await.expect("rolled back");
    let mut plan: Value = row.try_get("", "QUERY PLAN").expect("a plan");
    plan[0].take()
}

/// The types of parameters that are arrays, as PREPARE takes them; others it finds out.
fn types_of_arrays(statement: &Statement) -> Vec<&'static str> {
    let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
    values
        .iter()
        .filter_map(|value| match value.array_type() {
            _ if !matches!(value, Cell::Array(..)) => None,
            ArrayType::Uuid => Some("uuid[]"),
            ArrayType::BigInt => Some("bigint[]"),
            ArrayType::Int => Some("integer[]"),
            ArrayType::Bytes => Some("bytea[]"),
            other => panic!("an array of {other:?}"),
        })
        .collect()
}

/// A node sorts nothing, drops nothing, and reads one index.
fn hold(node: &Value, index: &str, context: &str) {
    let kind = node["Node Type"].as_str().expect("a node type");
    let known = ["Limit", "Append", "Result", "Subquery Scan", "Index Scan", "Index Only Scan"];
    assert!(known.contains(&kind), "{kind}: {context}");
    assert_eq!(node.get("Filter"), None, "{context}");
    for removed in ["Rows Removed by Filter", "Rows Removed by Index Recheck"] {
        assert!(node[removed].as_f64().is_none_or(|rows| rows < 0.5), "{removed}: {context}");
    }
    if kind.starts_with("Index") {
        assert_eq!(node["Index Name"], index, "{context}");
        let condition = node["Index Cond"].as_str().unwrap_or_default();
        assert!(condition.contains("org_id ="), "{context}");
    }
}

fn nodes(node: &Value, visit: &mut impl FnMut(&Value)) {
    visit(node);
    for child in node["Plans"].as_array().into_iter().flatten() {
        nodes(child, visit);
    }
}

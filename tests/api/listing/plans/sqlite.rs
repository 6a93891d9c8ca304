//! SQLite's plans.

use sea_orm::{ConnectionTrait as _, Statement};

use crate::support::App;

/// Holds the statement to look-ups in one index, each with the range that its arm asks for, and
/// without a sort.
pub(super) async fn check(app: &App, arguments: &str, statement: &Statement, index: &str) {
    let explained = Statement {
        sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
        values: statement.values.clone(),
        db_backend: statement.db_backend,
    };
    let rows = app.raw.query_all_raw(explained).await.expect("a plan");
    let plan: Vec<String> =
        rows.iter().map(|row| row.try_get("", "detail").expect("a step of the plan")).collect();
    let context = || format!("{arguments}\n{plan:#?}\n{statement}");
    let mut ranges = Vec::new();
    for step in &plan {
        let search = step
            .strip_prefix("SEARCH contact USING COVERING INDEX ")
            .or_else(|| step.strip_prefix("SEARCH contact USING INDEX "));
        if let Some(search) = search {
            let range = search.strip_prefix(index).and_then(|rest| rest.strip_prefix(" (org_id=?"));
            ranges.extend(range.map(str::to_owned));
            assert!(range.is_some(), "another index: {}", context());
        } else {
            let harmless = [
                "SCAN arm",
                "SCAN CONSTANT ROW",
                "CO-ROUTINE arm",
                "UNION ALL",
                "COMPOUND QUERY",
                "LEFT-MOST SUBQUERY",
            ];
            assert!(
                harmless.contains(&step.as_str()) || step.starts_with("SCALAR SUBQUERY"),
                "{}",
                context()
            );
        }
    }
    // Every bound of the statement bounds a look-up: none is left to be a filter.
    for (asked, bounds) in
        [(") < (", "<(?,?)"), (") <= (", "<(?,?)"), (") > (", ">(?,?)"), (") >= (", ">(?,?)")]
    {
        let used = ranges.iter().filter(|range| range.contains(bounds)).count();
        let asked = statement.sql.matches(asked).count();
        assert!(used >= asked, "{asked} of {bounds:?} asked, {used} used: {}", context());
    }
    for (asked, used) in [("_at\" >= ?", "_at>?"), ("\"id\" < ?", "id<?"), ("\"id\" > ?", "id>?")] {
        let count = ranges.iter().filter(|range| range.contains(used)).count();
        assert!(count >= statement.sql.matches(asked).count(), "{asked} is not {used}: {}", context());
    }
}

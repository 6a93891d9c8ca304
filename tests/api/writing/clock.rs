//! The order of changes.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use crate::support::{App, engine::on_each_engine};

/// Every contact's place in the order of changes, and its time.
async fn changes(app: &App) -> Vec<(i64, i64)> {
    let sql = "SELECT change_seq, updated_at FROM contact ORDER BY change_seq";
    let rows = app.raw.query_all_raw(Statement::from_string(app.backend(), sql)).await.expect("rows");
    let value = |row: &sea_orm::QueryResult, name| row.try_get::<i64>("", name).expect("a number");
    rows.iter().map(|row| (value(row, "change_seq"), value(row, "updated_at"))).collect()
}

on_each_engine! {
    async fn what_commits_later_comes_later_and_never_earlier_in_time(app: App) {
        let writers = join_all((0..8).map(async |writer| {
            for number in 0..15 {
                app.created(json!({"firstName": format!("{writer} {number}")})).await;
            }
        }));
        // A reader that has seen a place in the order must never meet a smaller one afterwards.
        let follower = async {
            let mut seen = BTreeSet::new();
            while seen.len() < 120 {
                let latest = seen.last().copied().unwrap_or((0, 0));
                let now: BTreeSet<_> = changes(&app).await.into_iter().collect();
                let missed: Vec<_> = now.difference(&seen).filter(|change| **change < latest).collect();
                assert_eq!(missed, Vec::<&(i64, i64)>::new(), "came after {latest:?}");
                seen = now;
            }
        };
        tokio::join!(writers, follower);
        let changes = changes(&app).await;
        assert!(changes.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{changes:?}");
    }

    async fn time_does_not_run_backwards_when_the_wall_clock_does(app: App) {
        // As if the wall clock had been ahead before: 2100-01-01.
        let ahead = 4_102_444_800_000_i64;
        app.execute("UPDATE change_clock SET change_at = $1", [ahead.into()]).await;
        let (first, second) = (app.stored(json!({"firstName": "A"})).await, app.stored(json!({"firstName": "B"})).await);
        for contact in [&first, &second] {
            assert_eq!(contact["createdAt"], "2100-01-01T00:00:00.000Z", "{contact:#}");
            assert_eq!(contact["updatedAt"], "2100-01-01T00:00:00.000Z", "{contact:#}");
        }
        let changes = changes(&app).await;
        assert_eq!(changes.len(), 2);
        assert!(changes[0].0 < changes[1].0, "ties are broken by the sequence: {changes:?}");
        let data = app.data("{ contacts { nodes { id } } }").await;
        assert_eq!(data["contacts"]["nodes"], json!([{"id": second["id"]}, {"id": first["id"]}]));
    }

    async fn a_new_contact_carries_one_stamp_everywhere(app: App) {
        app.created(json!({"firstName": "A", "tags": ["a"]})).await;
        let unequal = "SELECT count(*) FROM contact WHERE NOT (created_at = updated_at AND created_seq = change_seq
            AND tag_added_at = created_at AND tag_added_seq = created_seq AND version = 1 AND operation = 'CREATED'
            AND enriched_at IS NULL AND enriched_seq IS NULL)";
        assert_eq!(app.number(unequal).await, 0);
        assert_eq!(app.number("SELECT change_seq FROM contact").await, app.clock().await.0);
        assert_eq!(app.number("SELECT updated_at FROM contact").await, app.clock().await.1);
    }
}

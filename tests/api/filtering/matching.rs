//! Changing all that matches.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::filtered;
use crate::support::{App, engine::on_each_engine};

async fn update(app: &App, matching: Value, set: Value) -> Value {
    const UPDATE: &str = "mutation($input: UpdateContactsInput!) { updateContacts(input: $input) {
        affectedCount userErrors { field code } } }";
    app.ask_with(UPDATE, json!({"input": {"where": {"matching": matching}, "set": set}})).await
}

async fn statuses(app: &App, counts: &[(&str, usize)]) {
    for (status, count) in counts {
        for n in 0..*count {
            app.created(json!({"firstName": format!("Jane{n}"), "status": status, "tags": [status]})).await;
        }
    }
}

const DELETE: &str = "mutation($input: DeleteContactsInput!) { deleteContacts(input: $input) { affectedCount userErrors { code } } }";

on_each_engine! {
    async fn what_matches_is_changed_if_it_is_as_many_as_expected(app: App) {
        statuses(&app, &[("new", 5), ("old", 3)]).await;
        let new = json!({"status": {"eq": "NEW"}});
        for (expected, code) in [(4, "COUNT_MISMATCH"), (6, "COUNT_MISMATCH"), (-1, "COUNT_MISMATCH"), (0, "COUNT_MISMATCH"), (10_001, "TOO_MANY"), (i32::MAX, "TOO_MANY")] {
            let answer = update(&app, json!({"filter": new, "expectedCount": expected}), json!({"score": 1})).await;
            let error = json!([{"field": ["input", "where", "matching", "expectedCount"], "code": code}]);
            assert_eq!(answer["data"]["updateContacts"], json!({"affectedCount": 0, "userErrors": error}), "{expected}");
        }
        assert!(filtered(&app, &json!({"score": {"isNull": false}}), false).await.is_empty());
        let matching = json!({"filter": new, "query": "jane", "expectedCount": 5});
        let answer = update(&app, matching, json!({"score": 1})).await;
        assert_eq!(answer["data"]["updateContacts"], json!({"affectedCount": 5, "userErrors": []}), "{answer:#}");
        assert_eq!(filtered(&app, &json!({"score": {"eq": 1}}), false).await.len(), 5);
        let answer = update(&app, json!({"query": "old jane1", "expectedCount": 1}), json!({"score": 2})).await;
        assert_eq!(answer["data"]["updateContacts"]["affectedCount"], 1, "{answer:#}");
        let all = json!({"where": {"matching": {"filter": {"tags": {"hasAny": ["OLD"]}}, "expectedCount": 3}}});
        let answer = app.ask_with(DELETE, json!({"input": all})).await;
        assert_eq!(answer["data"]["deleteContacts"], json!({"affectedCount": 3, "userErrors": []}), "{answer:#}");
        assert_eq!(filtered(&app, &json!({}), false).await.len(), 5);
        let none = json!({"where": {"matching": {"filter": {"or": []}, "expectedCount": 0}}});
        let answer = app.ask_with(DELETE, json!({"input": none})).await;
        assert_eq!(answer["data"]["deleteContacts"], json!({"affectedCount": 0, "userErrors": []}), "{answer:#}");
    }

    async fn limits_hold_for_what_is_matched_too(app: App) {
        let long = json!({"query": "a".repeat(257), "expectedCount": 0});
        let answer = update(&app, long, json!({"score": 1})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
    }

    async fn commands_at_the_same_time_see_each_other(app: App) {
        statuses(&app, &[("new", 6)]).await;
        // Each moves all contacts from one status to the next: what one moves, the others may not.
        let moves = (0..12).map(|n| {
            let matching = json!({"filter": {"status": {"eq": "new"}}, "expectedCount": 6});
            let app = &app;
            async move { update(app, matching, json!({"status": format!("moved{n}")})).await }
        });
        let answers = join_all(moves).await;
        let moved = answers.iter().filter(|answer| answer["data"]["updateContacts"]["affectedCount"] == 6).count();
        let refused = answers.iter().filter(|answer| answer["data"]["updateContacts"]["userErrors"][0]["code"] == "COUNT_MISMATCH").count();
        assert_eq!((moved, refused), (1, 11), "{answers:#?}");
    }
}

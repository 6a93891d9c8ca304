//! Many at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{mutate, mutate_for};
use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn clients_that_upsert_the_same_external_ids_make_each_once(app: App) {
        let client = async |client: usize| {
            for number in 0..50 {
                let tag = format!("t{client}");
                let input = json!({"contact": {"firstName": "A", "externalId": format!("{}", (number + client) % 50), "tags": [tag]}});
                let payload = mutate_for(&app, "upsertContact", "contact { id }", input).await;
                assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
            }
        };
        join_all((0..32).map(client)).await;
        let data = app.data("{ contacts(first: 200) { totalCount nodes { externalId tags version } } }").await;
        assert_eq!(data["contacts"]["totalCount"], 50);
        for node in data["contacts"]["nodes"].as_array().expect("nodes") {
            let tags: HashSet<&str> = node["tags"].as_array().expect("tags").iter().filter_map(Value::as_str).collect();
            assert_eq!((tags.len(), &node["version"]), (32, &json!(32)), "{node:#}");
        }
    }

    async fn as_many_expected_versions_win_as_versions_are_gained(app: App) {
        let id = app.created(json!({"firstName": "A", "score": 0})).await;
        let client = async |client: i32| {
            let data = app.ask_with("query($id: ID!) { contact(id: $id) { version } }", json!({"id": id})).await;
            let version = &data["data"]["contact"]["version"];
            let input = json!({"id": id, "expectedVersion": version, "set": {"score": client}});
            let payload = mutate(&app, "updateContact", input).await;
            let stale = payload["userErrors"].as_array().expect("userErrors").iter().all(|fault| fault["code"] == "STALE_VERSION");
            assert!(stale, "{payload:#}");
            i32::from(payload["userErrors"] == json!([]))
        };
        let won: i32 = join_all((1..=64).map(client)).await.into_iter().sum();
        let data = app.ask_with("query($id: ID!) { contact(id: $id) { version } }", json!({"id": id})).await;
        assert_eq!(data["data"]["contact"]["version"], json!(1 + won));
        assert!(won >= 1);
    }

    /// Updates, tag changes, deletions and restores, followed by cursor over deleted rows too.
    async fn a_follower_misses_no_change_of_any_kind(app: App) {
        let ids = join_all((0..8).map(|number| app.created(json!({"firstName": number.to_string()})))).await;
        let write = async |id: uuid::Uuid| {
            for round in 0..6 {
                mutate(&app, "updateContact", json!({"id": id, "set": {"addTags": [format!("r{round}")]}})).await;
                mutate_for(&app, "deleteContact", "contactId", json!({"id": id})).await;
                mutate_for(&app, "restoreContacts", "contacts { id }", json!({"ids": [id]})).await;
            }
        };
        let writers = join_all(ids.iter().copied().map(write));
        let mut seen: Vec<(String, i64)> = Vec::new();
        let follow = async |cursor: &mut Value, seen: &mut Vec<(String, i64)>| {
            let query = "query($after: String) { contacts(order: ASC, includeDeleted: true, first: 5, after: $after) {
                nodes { id version } pageInfo { endCursor } } }";
            let page = app.ask_with(query, json!({"after": *cursor})).await["data"]["contacts"].take();
            for node in page["nodes"].as_array().expect("nodes") {
                seen.push((node["id"].to_string(), node["version"].as_i64().expect("a version")));
            }
            if page["pageInfo"]["endCursor"] != Value::Null {
                *cursor = page["pageInfo"]["endCursor"].clone();
            }
            page["nodes"] == json!([])
        };
        let mut cursor = Value::Null;
        tokio::pin!(writers);
        loop {
            tokio::select! {
                biased;
                _ = &mut writers => break,
                _ = follow(&mut cursor, &mut seen) => {}
            }
        }
        // What a select gave up half-way was not seen: the cursor stands before it.
        while !follow(&mut cursor, &mut seen).await {}
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "a change came twice: {seen:?}");
        for id in ids {
            let id = json!(id).to_string();
            let latest = seen.iter().filter(|(seen, _)| *seen == id).map(|(_, version)| *version).max();
            assert_eq!(latest, Some(19), "{id}: {seen:?}");
        }
    }
}

//! Many at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

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

    /// Updates, tag changes, deletions, restores and purges, followed by cursor and by time, over
    /// deleted rows too.
    async fn followers_miss_no_change_of_any_kind(app: App) {
        let made = async |count: i32| join_all((0..count).map(|number| app.created(json!({"firstName": number.to_string()})))).await;
        let (ids, doomed) = (made(8).await, made(8).await);
        let write = async |(id, doomed): (&Uuid, &Uuid)| {
            for round in 0..6 {
                mutate(&app, "updateContact", json!({"id": id, "set": {"addTags": [format!("r{round}")]}})).await;
                mutate_for(&app, "deleteContact", "contactId", json!({"id": id})).await;
                mutate_for(&app, "restoreContacts", "contacts { id }", json!({"ids": [id]})).await;
            }
            mutate_for(&app, "deleteContact", "contactId", json!({"id": doomed})).await;
            mutate_for(&app, "purgeContacts", "contactIds", json!({"ids": [doomed]})).await;
        };
        let writers = join_all(ids.iter().zip(&doomed).map(write));
        let mut by_cursor = Follower::default();
        let mut by_time = Follower::default();
        tokio::pin!(writers);
        loop {
            tokio::select! {
                biased;
                _ = &mut writers => break,
                () = async {
                    by_cursor.follow(&app, "order: ASC, first: 5, after: $place").await;
                    by_time.follow(&app, "order: ASC, first: 200, updatedSince: $place").await;
                } => {}
            }
        }
        // What a select gave up half-way was not seen: the place stands before it.
        while by_cursor.follow(&app, "order: ASC, first: 5, after: $place").await {}
        by_time.follow(&app, "order: ASC, first: 200, updatedSince: $place").await;
        let seen = &by_cursor.seen;
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "a change came twice: {seen:?}");
        for (ids, version) in [(&ids, 19), (&doomed, 3)] {
            for id in ids {
                assert_eq!(by_cursor.latest(id), Some(version), "{id}: {seen:?}");
                assert_eq!(by_time.latest(id), Some(version), "{id}: {:?}", by_time.seen);
            }
        }
    }
}

/// Follows all contacts from a place that it remembers: a cursor, or a time.
#[derive(Default)]
struct Follower {
    place: Value,
    /// Ids and versions, as they came.
    seen: Vec<(String, i64)>,
}

impl Follower {
    /// Reads a page; whether anything was on it.
    async fn follow(&mut self, app: &App, arguments: &str) -> bool {
        let by_cursor = arguments.contains("after");
        let kind = if by_cursor { "String" } else { "DateTime" };
        let query = format!(
            "query($place: {kind}) {{ contacts({arguments}, includeDeleted: true) {{
                nodes {{ id version updatedAt }} pageInfo {{ endCursor }} }} }}"
        );
        let page = app.ask_with(&query, json!({"place": self.place})).await["data"]["contacts"].take();
        let nodes = page["nodes"].as_array().expect("nodes");
        for node in nodes {
            self.seen.push((node["id"].to_string(), node["version"].as_i64().expect("a version")));
        }
        let end = Some(&page["pageInfo"]["endCursor"]);
        let next = if by_cursor { end } else { nodes.last().map(|node| &node["updatedAt"]) };
        if let Some(next) = next.filter(|next| next.is_string()) {
            self.place = next.clone();
        }
        !nodes.is_empty()
    }

    fn latest(&self, id: &Uuid) -> Option<i64> {
        let id = json!(id).to_string();
        self.seen.iter().filter(|(seen, _)| *seen == id).map(|(_, version)| *version).max()
    }
}

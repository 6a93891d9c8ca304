//! The list's parameters: `updated_since`, `event`, `limit`, `offset`, `order`.

use serde_json::{Value, json};

use super::{SYSTEM, workspace};
use crate::{
    sources::{Newcomer, assert_documented, refusal},
    support::{App, engine::on_each_engine},
};

/// Their parameters and ours.
const PARAMETERS: [(&str, &str); 6] = [
    ("updated_since", "updatedSince"),
    ("event", "event"),
    ("limit", "first"),
    ("offset", "offset"),
    ("order", "order"),
    ("meta.count", "nodes"),
];

/// A list by parameters in our names.
async fn list(newcomer: &Newcomer, parameters: &str) -> Value {
    let parameters = if parameters.is_empty() { String::new() } else { format!("({parameters})") };
    let query = format!(
        "{{ contacts{parameters} {{ totalCount nodes {{ firstName createdAt updatedAt tagAddedAt enrichedAt }} }} }}"
    );
    newcomer.data(&query, json!({})).await["contacts"].take()
}

fn nodes(list: &Value) -> &[Value] {
    list["nodes"].as_array().expect("nodes")
}

async fn names(newcomer: &Newcomer, parameters: &str) -> Vec<String> {
    let list = list(newcomer, parameters).await;
    nodes(&list).iter().map(|node| node["firstName"].as_str().expect("a name").to_owned()).collect()
}

/// The refusal of a list's parameters, sent as a program sends them.
async fn refused(newcomer: &Newcomer, parameters: Value) -> Value {
    let query = "query($updatedSince: DateTime, $event: ContactEvent, $first: Int, $offset: Int, $order: OrderDirection) {
        contacts(updatedSince: $updatedSince, event: $event, first: $first, offset: $offset, order: $order) {
            nodes { id } } }";
    refusal(&newcomer.ask_as(&newcomer.app.key, query, parameters).await)
}

/// Contacts that are called by their number, oldest first; 200 is what one mutation takes.
async fn fill(newcomer: &Newcomer, count: usize) {
    let contacts: Vec<Value> = (0..count).map(|number| json!({"firstName": number.to_string()})).collect();
    for contacts in contacts.chunks(200) {
        newcomer.done("createContacts", json!({"contacts": contacts}), "createdCount").await;
    }
}

/// One contact for each thing that can happen to it; each is called by that.
async fn happen(newcomer: &Newcomer) {
    let create = async |name: &str, tags: &[&str]| {
        newcomer.made("createContact", "contact", json!({"firstName": name, "tags": tags})).await
    };
    create("created", &[]).await;
    create("created with a tag", &["lead"]).await;
    let [updated, tagged, enriched] =
        [create("updated", &[]).await, create("tagged", &[]).await, create("enriched", &[]).await];
    newcomer.done("updateContact", json!({"id": updated, "set": {"notes": "met"}}), "contact { id }").await;
    newcomer
        .done("updateContact", json!({"id": tagged, "set": {"addTags": ["lead"]}}), "contact { id }")
        .await;
    newcomer.done("recordContactEnrichment", json!({"id": enriched}), "contact { id }").await;
}

/// A source's `event`, ours, the time it goes by, and what comes, oldest first.
const EVENTS: [(&str, &str, &str, &[&str]); 5] = [
    ("none", "", "updatedAt", &["created", "created with a tag", "updated", "tagged", "enriched"]),
    (
        "created",
        "event: CREATED",
        "createdAt",
        &["created", "created with a tag", "updated", "tagged", "enriched"],
    ),
    ("updated", "event: UPDATED", "updatedAt", &["updated", "tagged", "enriched"]),
    ("tag_added", "event: TAG_ADDED", "tagAddedAt", &["created with a tag", "tagged"]),
    ("enriched", "event: ENRICHED", "enrichedAt", &["enriched"]),
];

/// An instant that is one millisecond after a time of the API.
fn just_after(time: &str) -> String {
    let time = chrono::DateTime::parse_from_rfc3339(time).expect("a time");
    (time + chrono::Duration::milliseconds(1)).to_rfc3339()
}

on_each_engine! {
    async fn limit_is_100_by_default_and_at_most_200(app: App) {
        let newcomer = workspace(app).await;
        fill(&newcomer, 203).await;
        for (limit, count) in [("", 100), ("first: null", 100), ("first: 1", 1), ("first: 200", 200)] {
            let list = list(&newcomer, limit).await;
            // Their `meta.count`, and beside it what they did not tell.
            assert_eq!(nodes(&list).len(), count, "{limit}");
            assert_eq!(list["totalCount"], 203, "{limit}");
        }
        let expected = json!({"code": "BAD_USER_INPUT", "argument": "first", "maximum": 200});
        assert_eq!(refused(&newcomer, json!({"first": 201})).await, expected);
    }

    async fn offset_skips_rows_up_to_10_000(app: App) {
        let newcomer = workspace(app).await;
        fill(&newcomer, 5).await;
        for (parameters, expected) in [
            ("offset: 0, first: 2", &["4", "3"][..]),
            ("offset: 2, first: 2", &["2", "1"]),
            ("offset: 3", &["1", "0"]),
            ("offset: 5", &[]),
            ("offset: 10000", &[]),
        ] {
            assert_eq!(names(&newcomer, parameters).await, expected, "{parameters}");
        }
        let expected = json!({"code": "BAD_USER_INPUT", "argument": "offset", "maximum": 10_000});
        assert_eq!(refused(&newcomer, json!({"offset": 10_001})).await, expected);
    }

    async fn order_is_newest_change_first_unless_asc_is_given(app: App) {
        let newcomer = workspace(app).await;
        happen(&newcomer).await;
        for (event, ours, _, oldest_first) in EVENTS {
            let newest_first: Vec<_> = oldest_first.iter().copied().rev().collect();
            assert_eq!(names(&newcomer, &format!("first: 50, {ours}")).await, newest_first, "{event}");
            assert_eq!(names(&newcomer, &format!("order: DESC, {ours}")).await, newest_first, "{event}");
            assert_eq!(names(&newcomer, &format!("order: ASC, {ours}")).await, oldest_first, "{event}");
        }
    }

    async fn updated_since_is_inclusive_and_goes_by_the_time_of_the_event(app: App) {
        let newcomer = workspace(app).await;
        happen(&newcomer).await;
        for (event, ours, time, expected) in EVENTS {
            let all = list(&newcomer, &format!("order: ASC, {ours}")).await;
            for node in nodes(&all) {
                let since = node[time].as_str().expect("a time");
                // Several may have been changed within one millisecond.
                let from: Vec<_> = nodes(&all).iter().filter(|other| other[time].as_str() >= Some(since)).collect();
                let polled = list(&newcomer, &format!("updatedSince: {since:?}, order: ASC, {ours}")).await;
                assert_eq!(nodes(&polled).iter().collect::<Vec<_>>(), from, "{event} since {since}");
                assert!(from.contains(&node), "{event} since {since}");
            }
            let last = nodes(&all).last().and_then(|node| node[time].as_str()).expect("a time");
            let later = names(&newcomer, &format!("updatedSince: {:?}, {ours}", just_after(last))).await;
            assert_eq!(later, [""; 0], "{event} after {last}");
            assert_eq!(nodes(&all).len(), expected.len(), "{event}");
        }
    }

    async fn parameters_go_together(app: App) {
        let newcomer = workspace(app).await;
        happen(&newcomer).await;
        let parameters = "updatedSince: \"2026-01-01T00:00:00Z\", event: UPDATED, first: 1, offset: 1, order: ASC";
        let page = list(&newcomer, parameters).await;
        assert_eq!(page["nodes"][0]["firstName"], "tagged", "{page:#}");
        assert_eq!((nodes(&page).len(), &page["totalCount"]), (1, &json!(3)));
        assert_documented(SYSTEM, PARAMETERS);
    }

    async fn a_value_that_is_none_of_a_parameter_is_refused(app: App) {
        let newcomer = workspace(app).await;
        for parameters in [json!({"updatedSince": "yesterday"}), json!({"event": "deleted"}), json!({"first": -1}),
            json!({"first": "50"}), json!({"offset": -1}), json!({"order": "newest"})] {
            let code = refused(&newcomer, parameters.clone()).await["code"].take();
            assert_eq!(code, "BAD_USER_INPUT", "{parameters}");
        }
    }
}

//! Every operator of every filter once, with values that are there and values that are not.

use serde_json::{Value, json};

use super::{filtered, fixture::Filtering, model::expected};
use crate::support::{App, engine::on_each_engine};

/// Filters one by one, and what they find.
async fn check(filtering: &Filtering, filters: impl IntoIterator<Item = Value>) {
    for filter in filters {
        for include_deleted in [false, true] {
            let should = expected(&filtering.contacts, &filter, include_deleted);
            assert_eq!(filtered(&filtering.app, &filter, include_deleted).await, should, "{filter:#}");
        }
    }
}

/// A filter, and its complement; together they are every contact.
async fn complements(filtering: &Filtering, one: Value, other: Value) {
    let every = filtered(&filtering.app, &json!({}), false).await;
    let (one_ids, other_ids) =
        (filtered(&filtering.app, &one, false).await, filtered(&filtering.app, &other, false).await);
    assert!(one_ids.is_disjoint(&other_ids), "{one} {other}");
    assert_eq!(
        one_ids.union(&other_ids).cloned().collect::<std::collections::BTreeSet<_>>(),
        every,
        "{one} {other}"
    );
}

const TEXTS: [&str; 22] = [
    "externalId",
    "firstName",
    "lastName",
    "email",
    "phone",
    "company",
    "jobTitle",
    "industry",
    "city",
    "state",
    "zip",
    "country",
    "status",
    "stage",
    "source",
    "process",
    "timezone",
    "language",
    "website",
    "whatsappNumber",
    "enrichmentStatus",
    "city",
];
const IDS: [&str; 8] =
    ["id", "companyId", "pipelineId", "pipelineStageId", "teamId", "ownerId", "assigneeId", "createdById"];

on_each_engine! {
    async fn texts_are_measured_in_characters_and_no_key_has_a_zero(app: App) {
        let id = app.created(json!({"firstName": "Zoë", "city": "Çöçöl", "metadata": {"a": 1}})).await.to_string();
        for filter in [
            json!({"city": {"endsWith": "öçöl"}}),
            json!({"firstName": {"endsWith": "oë"}}),
            json!({"metadata": [{"key": "a\u{0}", "isNull": true}]}),
            json!({"not": {"metadata": [{"key": "a\u{0}", "eq": 1}]}}),
            json!({"not": {"metadata": [{"key": "a", "eq": "\u{0}"}]}}),
        ] {
            assert!(filtered(&app, &filter, false).await.contains(&id), "{filter:#}");
        }
    }

    async fn every_text_filter_has_every_operator(filtering: Filtering) {
        for field in TEXTS {
            for value in ["Ext-4", "jane", "alpha", "416-555-0101", "%", "a_", "CA", "Jane.Doe@example.com", ""] {
                for operator in ["eq", "neq", "contains", "startsWith", "endsWith"] {
                    check(&filtering, [json!({field: {operator: value}})]).await;
                }
                complements(&filtering, json!({field: {"eq": value}}), json!({field: {"neq": value}})).await;
            }
            let values = json!(["JANE", "alpha", "ca", "active", "+14165550100"]);
            complements(&filtering, json!({field: {"in": values}}), json!({field: {"nin": values}})).await;
            complements(&filtering, json!({field: {"isNull": true}}), json!({field: {"isNull": false}})).await;
            check(&filtering, [
                json!({field: {"in": values}}),
                json!({field: {"isNull": true}}),
                json!({field: {"in": []}}),
                json!({field: {"nin": []}}),
                json!({field: {}}),
                json!({field: null}),
                json!({field: {"eq": null, "contains": null}}),
            ])
            .await;
        }
    }

    async fn every_id_filter_has_every_operator(filtering: Filtering) {
        let some: Vec<Value> = filtering.contacts.iter().map(|contact| contact["id"].clone()).take(3).collect();
        let related = &filtering.related;
        let own = [related.companies[0], related.pipelines[0], related.stages[0], related.teams[0], related.users[0]];
        for field in IDS {
            for id in own.iter().map(|id| json!(id)).chain([some[0].clone(), json!("none"), json!("")]) {
                let upper = json!(id.as_str().expect("an id").to_uppercase());
                check(&filtering, [json!({field: {"eq": id}}), json!({field: {"eq": upper}})]).await;
                complements(&filtering, json!({field: {"eq": id}}), json!({field: {"neq": id}})).await;
            }
            let ids = json!([some[1], own[0], own[4], "none", own[3]]);
            check(&filtering, [json!({field: {"in": ids}}), json!({field: {"nin": []}}), json!({field: {"in": []}})]).await;
            complements(&filtering, json!({field: {"in": ids}}), json!({field: {"nin": ids}})).await;
            check(&filtering, [json!({field: {"isNull": true}}), json!({field: {"isNull": false}})]).await;
        }
    }

    async fn numbers_times_flags_and_lists_have_every_operator(filtering: Filtering) {
        for value in [0, -5, 7, 8, i32::MIN] {
            for operator in ["eq", "neq", "gt", "gte", "lt", "lte"] {
                check(&filtering, [json!({"score": {operator: value}})]).await;
            }
        }
        for field in ["createdAt", "updatedAt", "enrichedAt", "tagAddedAt", "deletedAt"] {
            let known = filtering.contacts.iter().filter_map(|contact| contact[field].as_str());
            for value in known.take(2).map(str::to_owned).chain(["2026-03-01T12:00:00.002Z".to_owned()]) {
                for operator in ["gt", "gte", "lt", "lte"] {
                    check(&filtering, [json!({field: {operator: value}})]).await;
                }
            }
            check(&filtering, [json!({field: {"isNull": true}}), json!({field: {"isNull": false}})]).await;
        }
        for field in ["isActive", "emailSubscribed", "doNotCall"] {
            complements(&filtering, json!({field: true}), json!({field: false})).await;
            check(&filtering, [json!({field: true}), json!({field: false}), json!({field: null})]).await;
        }
        for names in [json!([]), json!(["LEAD"]), json!(["lead", " vip "]), json!(["été", "nothing"]), json!(["50%"])] {
            for operator in ["hasAny", "hasAll", "hasNone"] {
                check(&filtering, [json!({"tags": {operator: names}})]).await;
            }
            complements(&filtering, json!({"tags": {"hasAny": names}}), json!({"tags": {"hasNone": names}})).await;
        }
        complements(&filtering, json!({"tags": {"isEmpty": true}}), json!({"tags": {"isEmpty": false}})).await;
        check(&filtering, [json!({"tags": {"isEmpty": true}}), json!({"score": {"isNull": true}})]).await;
    }

    async fn members_of_metadata_compare_as_json_values(filtering: Filtering) {
        for (key, value) in [
            ("n", json!(1)), ("n", json!(1.0)), ("n", json!("1")), ("n", json!(-2500)), ("b", json!(true)), ("b", json!(1)),
            ("b", json!("true")), ("s", json!("")), ("s", json!("x")), ("s", json!("ünï")), ("o", json!({})),
            ("o", json!({"b": [1.0, 2], "a": 1})), ("o", json!({"b": [2, 1], "a": 1})), ("o", json!({"a": 1})),
            ("l", json!([])), ("l", json!([{"x": null}])), ("l", json!(["1", 1.0, true, null])), ("l", json!({"x": null})),
            ("k\"q.$[0]", json!("odd")), ("none", json!(1)),
        ] {
            let member = json!({"metadata": [{"key": key, "eq": value}]});
            check(&filtering, [member.clone(), json!({"not": member})]).await;
        }
        for key in ["n", "s", "none", "k\"q.$[0]"] {
            check(&filtering, [
                json!({"metadata": [{"key": key, "isNull": true}]}),
                json!({"metadata": [{"key": key, "isNull": false}, {"key": "b", "eq": true}]}),
            ])
            .await;
        }
        // Where the API shows a value, the filter finds it.
        assert!(!filtered(&filtering.app, &json!({"metadata": [{"key": "o", "eq": {"a": 1, "b": [1, 2]}}]}), false).await.is_empty());
    }

    async fn joints_of_nothing_are_everything_or_nothing(filtering: Filtering) {
        check(&filtering, [
            json!({}), json!({"and": []}), json!({"or": []}), json!({"not": {}}), json!({"not": {"or": []}}),
            json!({"and": null, "or": null, "not": null}), json!({"metadata": []}),
            json!({"or": [{}]}), json!({"or": [{"or": []}, {"status": {"eq": "ACTIVE"}}]}),
        ])
        .await;
        assert!(filtered(&filtering.app, &json!({"or": []}), true).await.is_empty());
    }

    async fn filters_work_with_every_order_event_and_page(filtering: Filtering) {
        let filter = json!({"or": [{"tags": {"hasAny": ["lead", "vip"]}}, {"email": {"contains": "example"}}]});
        for order in ["sortKey: NAME", "sortKey: SCORE, order: ASC", "sortKey: COMPANY, order: DESC", "event: TAG_ADDED",
            "event: CREATED", "event: ENRICHED", "event: UPDATED, includeDeleted: true", "sortKey: ENRICHED_AT"]
        {
            let all = pages(&filtering, order, &filter, 200).await;
            assert!(all.len() > 2, "{order}: {}", all.len());
            assert_eq!(pages(&filtering, order, &filter, 3).await, all, "{order}");
        }
    }
}

/// The ids of a list, read in pages of a size; every flag and total on the way is held.
async fn pages(filtering: &Filtering, order: &str, filter: &Value, size: usize) -> Vec<String> {
    let query = format!(
        "query($filter: ContactFilter, $after: String) {{ contacts(first: {size}, after: $after, filter: $filter, {order}) {{
            totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}"
    );
    let mut ids: Vec<String> = Vec::new();
    let mut after = Value::Null;
    loop {
        let answer = filtering.app.ask_with(&query, json!({"filter": filter, "after": after})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        let page = &answer["data"]["contacts"];
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !ids.is_empty(), "{order}");
        let nodes = page["nodes"].as_array().expect("nodes");
        ids.extend(nodes.iter().filter_map(|node| node["id"].as_str().map(str::to_owned)));
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], ids.len(), "{order}");
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

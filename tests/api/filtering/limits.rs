//! How much a filter and a query may ask.

use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

async fn extensions(app: &App, variables: Value) -> Value {
    const LIST: &str = "query($filter: ContactFilter, $query: String) { contacts(filter: $filter, query: $query) { totalCount nodes { id } } viewer { id } }";
    let mut answer = app.ask_with(LIST, variables).await;
    let viewer = answer["data"]["viewer"]["id"].is_string();
    assert!(viewer || answer["data"].is_null(), "{answer:#}");
    let error = answer["errors"].get_mut(0).map(Value::take).unwrap_or_default();
    let mut extensions = error["extensions"].clone();
    if let Some(members) = extensions.as_object_mut() {
        members.remove("requestId");
    }
    extensions
}

fn nested(levels: usize) -> Value {
    (1..levels).fold(json!({"score": {"eq": 1}}), |filter, level| match level % 3 {
        0 => json!({"and": [filter]}),
        1 => json!({"not": filter}),
        _ => json!({"or": [{}, filter]}),
    })
}

on_each_engine! {
    async fn ten_levels_and_a_hundred_conditions_are_the_most(app: App) {
        app.created(json!({"firstName": "Jane"})).await;
        assert_eq!(extensions(&app, json!({"filter": nested(10)})).await, Value::Null);
        assert_eq!(
            extensions(&app, json!({"filter": nested(11)})).await,
            json!({"code": "QUERY_TOO_COMPLEX", "limit": "filterLevels", "maximum": 10, "actual": 11})
        );
        let conditions = |count: usize| {
            let each: Vec<Value> = (0..count / 2).map(|n| json!({"email": {"eq": format!("{n}@example.com")}, "tags": {"hasAny": ["a", "b"]}})).collect();
            json!({"filter": {"and": each}})
        };
        assert_eq!(extensions(&app, conditions(100)).await, Value::Null);
        assert_eq!(
            extensions(&app, conditions(102)).await,
            json!({"code": "QUERY_TOO_COMPLEX", "limit": "filterConditions", "maximum": 100, "actual": 102})
        );
        // Beneath `or` they cost ten times as much, and fewer can be asked for at once.
        let alternatives: Vec<Value> = (0..18).map(|n| json!({"email": {"eq": format!("{n}@example.com")}})).collect();
        assert_eq!(extensions(&app, json!({"filter": {"or": alternatives}})).await, Value::Null);
    }

    async fn lists_and_queries_have_a_size(app: App) {
        for field in ["email", "phone", "status", "externalId"] {
            for (count, refused) in [(200, false), (201, true)] {
                let values: Vec<String> = (0..count).map(|n| format!("{n}")).collect();
                let found = extensions(&app, json!({"filter": {field: {"in": values}}})).await;
                let error = json!({"code": "BAD_USER_INPUT", "argument": "filter", "maximum": 200});
                assert_eq!(found, if refused { error } else { Value::Null }, "{field}");
            }
        }
        let tags: Vec<String> = (0..200).map(|n| format!("{n}")).collect();
        assert_eq!(extensions(&app, json!({"filter": {"tags": {"hasAll": tags, "hasAny": tags, "hasNone": tags}}})).await, Value::Null);
        assert_eq!(extensions(&app, json!({"query": format!(" {} ", "é".repeat(256))})).await, Value::Null);
        assert_eq!(
            extensions(&app, json!({"query": "a".repeat(257)})).await,
            json!({"code": "BAD_USER_INPUT", "argument": "query", "maximum": 256})
        );
        let words = (0..85).map(|n| format!("{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(extensions(&app, json!({"query": words})).await, Value::Null);
    }
}

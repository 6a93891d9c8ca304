//! `metadata` and `industryContext`: objects that come back as they were given.

use serde_json::{Map, Value, json};

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

/// The order of the keys counts too.
fn text(value: &Value) -> String {
    serde_json::to_string(value).expect("JSON")
}

on_each_engine! {
    async fn objects_keep_types_and_order(app: App) {
        app.set_policy(LENIENT).await;
        let given = json!({"z": 1, "a": -1, "m": {"z": [], "a": {}}, "text": "a \"b\" \\ \u{1f600} é\n\t\r",
            "big": 9_007_199_254_740_993_i64, "unsigned": u64::MAX, "least": i64::MIN, "float": 0.1, "tiny": 5e-324,
            "huge": 1.797_693_134_862_315_7e308, "whole": 1.0, "yes": true, "no": false, "none": null,
            "": "empty key", "__proto__": "x", "a.b": 1, "$where": 1});
        for field in ["metadata", "industryContext"] {
            let contact = app.stored(json!({field: given})).await;
            assert_eq!(text(&contact[field]), text(&given));
        }
    }

    async fn an_object_in_the_document_is_as_good_as_one_in_a_variable(app: App) {
        let data = app.data("mutation { createContact(input: {firstName: \"Jane\",
            metadata: {b: [1, {c: \"d\"}], a: null}}) { contact { metadata } userErrors { code } } }").await;
        let payload = &data["createContact"];
        assert_eq!(text(&payload["contact"]["metadata"]), r#"{"b":[1,{"c":"d"}],"a":null}"#, "{payload:#}");
    }

    async fn what_is_no_object_is_refused(app: App) {
        app.set_policy(LENIENT).await;
        for given in [json!([]), json!([{"a": 1}]), json!("{}"), json!(""), json!(1), json!(true)] {
            for field in ["metadata", "industryContext"] {
                assert_eq!(app.faults(json!({field: given})).await, [format!("{field} METADATA_INVALID")], "{given}");
            }
        }
    }

    async fn sixteen_kib_are_taken_and_no_more(app: App) {
        app.set_policy(LENIENT).await;
        let sized = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
        for field in ["metadata", "industryContext"] {
            let most = sized(16 * 1024);
            assert_eq!(text(&most).len(), 16 * 1024);
            assert_eq!(app.stored(json!({field: most})).await[field], most);
            let more = sized(16 * 1024 + 1);
            assert_eq!(app.faults(json!({field: more})).await, [format!("{field} TOO_LONG")]);
        }
    }

    async fn two_hundred_keys_are_taken_and_no_more(app: App) {
        app.set_policy(LENIENT).await;
        let keys = |count: usize| Value::Object((0..count).map(|key| (key.to_string(), json!(key))).collect::<Map<_, _>>());
        assert_eq!(app.stored(json!({"metadata": keys(200)})).await["metadata"], keys(200));
        assert_eq!(app.faults(json!({"metadata": keys(201)})).await, ["metadata TOO_MANY"]);
        let nested = json!({"one": keys(1_000)});
        assert_eq!(app.stored(json!({"metadata": nested})).await["metadata"], nested, "only the top level counts");
    }

    async fn control_characters_are_refused_at_any_depth(app: App) {
        app.set_policy(LENIENT).await;
        for given in [json!({"a": "\u{0}"}), json!({"\u{1}": 1}), json!({"a": [{"b": "x\u{1b}[0m"}]}), json!({"a": {"\u{7f}": 1}})] {
            assert_eq!(app.faults(json!({"metadata": given})).await, ["metadata CHARACTER_INVALID"], "{given}");
        }
        let lines = json!({"a\tb": "c\r\nd"});
        assert_eq!(app.stored(json!({"metadata": lines})).await["metadata"], lines);
    }
}

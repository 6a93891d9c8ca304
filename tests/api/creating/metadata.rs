//! `metadata` and `industryContext`: objects that come back as they were given.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

/// The order of the keys counts too.
fn text(value: &Value) -> String {
    serde_json::to_string(value).expect("JSON")
}

/// Sends a document with variables of which the text matters.
async fn send(app: &App, query: &str, variables: &str) -> Value {
    let body = format!("{{\"query\": {}, \"variables\": {variables}}}", Value::from(query));
    let request = Request::post("/graphql")
        .header("authorization", format!("Bearer {}", app.key))
        .header("content-type", "application/json")
        .body(Body::from(body));
    let answer = app.router().oneshot(request.expect("a request")).await.expect("an answer");
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

/// Numbers that are neither 64-bit integers nor doubles.
const LOSSY: &[&str] = &[
    "18446744073709551616",
    "-9223372036854775809",
    "12345678901234567890123",
    "9007199254740993.0",
    "0.1000000000000000055",
    "1e400",
    "-1e400",
    "1e-400",
    "3.14159265358979323846",
];

on_each_engine! {
    async fn a_number_that_would_lose_digits_is_refused(app: App) {
        let id = app.created(json!({"firstName": "A", "externalId": "1"})).await;
        let before = (app.clock().await, app.rows().await);
        for number in LOSSY {
            for object in [format!("{{\"a\": {number}}}"), format!("{{\"a\": [{{\"b\": {number}}}]}}"), (*number).to_owned()] {
                for (kind, field, input) in [
                    ("CreateContactInput", "createContact", "{\"firstName\": \"A\", \"metadata\": #}".to_owned()),
                    ("CreateContactInput", "createContact", "{\"firstName\": \"A\", \"industryContext\": #}".to_owned()),
                    ("UpdateContactInput", "updateContact", format!("{{\"id\": \"{id}\", \"set\": {{\"metadata\": #}}}}")),
                    ("UpsertContactInput", "upsertContact", "{\"contact\": {\"externalId\": \"1\", \"metadata\": #}}".to_owned()),
                    ("CreateContactsInput", "createContacts", "{\"atomic\": true, \"contacts\": [{\"firstName\": \"A\", \"metadata\": #}]}".to_owned()),
                    ("UpdateContactsInput", "updateContacts",
                        format!("{{\"where\": {{\"ids\": [\"{id}\"]}}, \"set\": {{\"industryContext\": #}}}}")),
                    ("RecordContactEnrichmentInput", "recordContactEnrichment",
                        format!("{{\"id\": \"{id}\", \"set\": {{\"metadata\": #}}}}")),
                ] {
                    let query = format!("mutation($i: {kind}!) {{ {field}(input: $i) {{ userErrors {{ code field }} }} }}");
                    let answer = send(&app, &query, &format!("{{\"i\": {}}}", input.replace('#', &object))).await;
                    let faults = &answer["data"][field]["userErrors"];
                    assert_eq!(faults.as_array().map(Vec::len), Some(1), "{answer:#}");
                    assert_eq!(faults[0]["code"], "METADATA_INVALID", "{field} {object}: {answer:#}");
                }
            }
            let query = "query($f: ContactFilter) { contacts(filter: $f) { totalCount } }";
            for filter in ["{\"metadata\": [{\"key\": \"a\", \"eq\": #}]}", "{\"not\": {\"or\": [{\"metadata\": {\"key\": \"a\", \"eq\": {\"b\": #}}}]}}"] {
                let answer = send(&app, query, &format!("{{\"f\": {}}}", filter.replace('#', number))).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
            }
        }
        assert_eq!((app.clock().await, app.rows().await), before, "nothing is written");
    }

    async fn a_number_keeps_its_value_and_equals_no_other(app: App) {
        app.set_policy(LENIENT).await;
        let numbers = ["18446744073709551615", "18446744073709551614", "1.8446744073709552e19", "9007199254740993",
            "9007199254740992.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0.1", "1e22", "5e-324"];
        for number in numbers {
            let create = "mutation($i: CreateContactInput!) { createContact(input: $i) { contact { metadata } userErrors { code } } }";
            let object = format!("{{\"n\": {number}, \"in\": [{number}], \"a \\\"b\": {number}}}");
            let answer = send(&app, create, &format!("{{\"i\": {{\"metadata\": {object}, \"externalId\": \"{number}\"}}}}")).await;
            assert_eq!(answer["data"]["createContact"]["userErrors"], json!([]), "{number}: {answer:#}");
        }
        for number in numbers {
            for (key, value) in [("n", number.to_owned()), ("in", format!("[{number}]"))] {
                let query = "query($f: ContactFilter) { contacts(filter: $f) { nodes { externalId } } }";
                let filter = format!("{{\"f\": {{\"metadata\": [{{\"key\": \"{key}\", \"eq\": {value}}}]}}}}");
                let answer = send(&app, query, &filter).await;
                assert_eq!(answer["data"]["contacts"]["nodes"], json!([{"externalId": number}]), "{key} {number}: {answer:#}");
            }
        }
    }

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

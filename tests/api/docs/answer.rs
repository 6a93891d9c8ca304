//! Comparison of an answer with the one that a page shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Texts that answers had in the place of `<name>`, by `<name>`.
pub(super) type Values = BTreeMap<String, String>;

/// Stands for a text that differs from run to run.
const ANY_TEXT: &str = "…";

/// Returns a line for each difference, and remembers the texts shown as `<name>`.
pub(super) fn differences(shown: &Value, answer: &Value, values: &mut Values) -> Vec<String> {
    let mut found = Vec::new();
    compare("", shown, answer, values, &mut found);
    found
}

fn compare(path: &str, shown: &Value, answer: &Value, values: &mut Values, found: &mut Vec<String>) {
    match (shown, answer) {
        (Value::String(shown), Value::String(_)) if shown == ANY_TEXT => {}
        (Value::String(shown), Value::String(answer)) if is_name(shown) => {
            let value = values.entry(shown.clone()).or_insert_with(|| answer.clone());
            if value != answer {
                found.push(format!("{path}: {shown} was {value} and is {answer}"));
            }
        }
        (Value::Object(shown), Value::Object(answer)) => {
            let names: BTreeSet<_> = shown.keys().chain(answer.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                match (shown.get(name), answer.get(name)) {
                    (Some(shown), Some(answer)) => compare(&path, shown, answer, values, found),
                    (Some(_), None) => found.push(format!("{path} is missing")),
                    (None, _) => found.push(format!("{path} is not shown")),
                }
            }
        }
        (Value::Array(shown), Value::Array(answer)) if shown.len() == answer.len() => {
            for (index, (shown, answer)) in shown.iter().zip(answer).enumerate() {
                compare(&format!("{path}.{index}"), shown, answer, values, found);
            }
        }
        _ if shown == answer => {}
        _ => found.push(format!("{path}: {shown} is shown, and {answer} was answered")),
    }
}

/// True if a text stands for another, as `<id of Jane>` does.
fn is_name(text: &str) -> bool {
    text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).is_some()
}

#[test]
fn differences_are_told_and_names_keep_their_values() {
    let mut values = Values::new();
    let mut told = |shown: Value, answer: Value| differences(&shown, &answer, &mut values);
    assert_eq!(told(json!({"id": "<a>", "at": "…"}), json!({"id": "1", "at": "now"})), [""; 0]);
    assert_eq!(told(json!(["<a>"]), json!(["2"])), [".0: <a> was 1 and is 2"]);
    assert_eq!(told(json!(["…"]), json!([null])), [".0: \"…\" is shown, and null was answered"]);
    assert_eq!(told(json!({"a": 1}), json!({"b": 1})), [".a is missing", ".b is not shown"]);
    assert_eq!(told(json!([1]), json!([1, 2])), [": [1] is shown, and [1,2] was answered"]);
}

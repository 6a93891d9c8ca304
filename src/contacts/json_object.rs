//! JSON objects of a contact: `metadata` and `industryContext`.

use serde_json::{Map, Value};

use crate::input::{
    patch::Patch,
    problem::{ProblemCode, Problems},
    text::{LineBreaks, disallowed_message, first_disallowed},
};

/// Maximum bytes of an object as it is stored.
const MAX_BYTES: usize = 16 * 1024;
/// Maximum top-level keys of an object.
const MAX_KEYS: usize = 200;

/// Treatment of the members of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// The members are the whole object.
    Replace,
    /// The members are merged by top-level key; a null removes its key.
    Merge,
    /// The members are merged by top-level key; a null counts as left out.
    Fill,
}

/// Returns the members of an object, or reports a problem at the path. `None`: the value holds a
/// number that cannot be kept.
pub(super) fn check(problems: &mut Problems, path: &str, value: Option<Value>) -> Option<Map<String, Value>> {
    let Some(value) = value else {
        let message = "holds a number that is neither a 64-bit integer nor a double. Send it as text";
        problems.add(path, ProblemCode::MetadataInvalid, message);
        return None;
    };
    if let Some(character) = first_disallowed_in(&value) {
        problems.add(path, ProblemCode::CharacterInvalid, disallowed_message(character));
    }
    if let Value::Object(members) = value {
        Some(members)
    } else {
        problems.add(path, ProblemCode::MetadataInvalid, "is not a JSON object");
        None
    }
}

/// Applies a draft's object to the stored text.
pub(super) fn apply(
    problems: &mut Problems,
    path: &str,
    stored: &mut String,
    given: &Patch<Map<String, Value>>,
    how: Members,
) {
    let members = match (given, how) {
        (Patch::Absent, Members::Merge | Members::Fill) => return,
        (Patch::Absent, Members::Replace) | (Patch::Null, _) => Map::new(),
        (Patch::Value(given), Members::Replace) => given.clone(),
        (Patch::Value(given), Members::Merge | Members::Fill) => merged(stored, given, how),
    };
    *stored = stored_text(problems, path, members);
}

fn merged(stored: &str, given: &Map<String, Value>, how: Members) -> Map<String, Value> {
    let mut members: Map<String, Value> = serde_json::from_str(stored).unwrap_or_default();
    for (key, value) in given {
        match (value, how) {
            (Value::Null, Members::Fill) => {}
            // `shift_remove`, because the order of the other keys is the caller's.
            (Value::Null, Members::Merge | Members::Replace) => drop(members.shift_remove(key)),
            (value, _) => drop(members.insert(key.clone(), value.clone())),
        }
    }
    members
}

fn stored_text(problems: &mut Problems, path: &str, members: Map<String, Value>) -> String {
    if members.len() > MAX_KEYS {
        problems.add(path, ProblemCode::TooMany, format!("has more than {MAX_KEYS} keys"));
    }
    let text = Value::Object(members).to_string();
    if text.len() > MAX_BYTES {
        problems.add(path, ProblemCode::TooLong, format!("is longer than {MAX_BYTES} bytes"));
    }
    text
}

/// Returns the first character of any text of a value that is not accepted.
fn first_disallowed_in(value: &Value) -> Option<char> {
    let text = |text: &str| first_disallowed(text, LineBreaks::Allowed);
    match value {
        Value::String(value) => text(value),
        Value::Array(items) => items.iter().find_map(first_disallowed_in),
        Value::Object(members) => {
            members.iter().find_map(|(key, value)| text(key).or_else(|| first_disallowed_in(value)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

//! Markers for numbers in arguments that would lose digits. Only the type `JSON` accepts a marker, and then
//! refuses it with a message of its own.

use async_graphql::{Name, Value};

use crate::number::lossy;

/// Returns the marker of a number. No literal and no variable has this form: the name of an enum value cannot
/// begin with a digit.
pub(crate) fn mark(number: &str) -> Value {
    Value::Enum(Name::new(number))
}

/// Returns true if a value is or contains a marker.
pub(super) fn is_marked(value: &Value) -> bool {
    match value {
        Value::Enum(name) => name.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
        Value::List(items) => items.iter().any(is_marked),
        Value::Object(members) => members.values().any(is_marked),
        _ => false,
    }
}

/// Replaces the strings that stand for lossy numbers in JSON by markers.
pub(crate) fn mark_all(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(number) = lossy(text) {
                *value = mark(number);
            }
        }
        Value::List(items) => items.iter_mut().for_each(mark_all),
        Value::Object(members) => members.values_mut().for_each(mark_all),
        _ => {}
    }
}

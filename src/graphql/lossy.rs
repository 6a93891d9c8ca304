//! Numbers that do not survive being read, in arguments: a mark stands for each, which only the
//! type `JSON` takes, and refuses with a message about it.

use async_graphql::{Name, Value};

use crate::number::lossy;

/// Returns the mark of a number, given by its text. It equals no literal and no variable.
pub(crate) fn mark(number: &str) -> Value {
    Value::Enum(Name::new(number))
}

/// Returns true if a value is such a mark, or holds one.
pub(super) fn is_marked(value: &Value) -> bool {
    match value {
        Value::Enum(name) => name.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
        Value::List(items) => items.iter().any(is_marked),
        Value::Object(members) => members.values().any(is_marked),
        _ => false,
    }
}

/// Replaces the texts that stand for such numbers in JSON by marks.
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

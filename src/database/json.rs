//! Equality of JSON values on SQLite, which has none of its own beyond numbers and texts.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Compares texts of JSON values as the values: the order of an object's members does not count,
/// and 1 equals 1.0, as in PostgreSQL's `jsonb`. The order of values that differ has no meaning.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    match (serde_json::from_str(one), serde_json::from_str(other)) {
        (Ok(one), Ok(other)) => values(&one, &other),
        // Texts that are not JSON count as equal, and differ from all that are: the column has none.
        (one, other) => one.is_ok().cmp(&other.is_ok()),
    }
}

fn values(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => numbers(one, other),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Array(one), Value::Array(other)) => {
            let members = one.iter().zip(other).map(|(one, other)| values(one, other));
            first_difference(members).then_with(|| one.len().cmp(&other.len()))
        }
        (Value::Object(one), Value::Object(other)) => {
            let (mut one, mut other): (Vec<_>, Vec<_>) = (one.iter().collect(), other.iter().collect());
            one.sort_by_key(|(key, _)| *key);
            other.sort_by_key(|(key, _)| *key);
            let members = one.iter().zip(&other).map(|((one_key, one), (other_key, other))| {
                one_key.cmp(other_key).then_with(|| values(one, other))
            });
            first_difference(members).then_with(|| one.len().cmp(&other.len()))
        }
        _ => rank(one).cmp(&rank(other)),
    }
}

fn first_difference(mut members: impl Iterator<Item = Ordering>) -> Ordering {
    members.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn numbers(one: &Number, other: &Number) -> Ordering {
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// The number as an integer, if it is one: exact also for what an integer and a double may be.
#[expect(clippy::cast_possible_truncation, reason = "the double is whole and in range")]
fn whole(number: &Number) -> Option<i128> {
    // Below 2¹²⁷, about 1.7e38, the cast is exact.
    let double = || number.as_f64().filter(|double| double.fract() == 0.0 && double.abs() < 1e38);
    number.as_i128().or_else(|| double().map(|double| double as i128))
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_equal_whatever_their_texts() {
        for (one, other) in [
            (r#"{"a":1,"b":[true,null]}"#, r#"{ "b": [true, null], "a": 1.0 }"#),
            ("100", "1e2"),
            ("18446744073709551616.0", "1.8446744073709552e19"),
            (r#""\u0041""#, r#""A""#),
            ("[]", "[ ]"),
        ] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn values_that_differ_are_not_equal_and_keep_one_order() {
        let different = ["null", "false", "true", "1", "1.5", r#""1""#, "[]", "[1]", "[1,2]", "[2,1]", "{}"];
        let numbers = [
            "18446744073709551615",
            "18446744073709551614",
            "1.8446744073709552e19",
            "9007199254740993",
            "9007199254740992.0",
        ];
        let objects = [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"b":1}"#, r#"{"a":1,"b":1}"#, r#"{"a":null}"#];
        let all: Vec<_> = different.into_iter().chain(numbers).chain(objects).collect();
        for (place, one) in all.iter().enumerate() {
            for (other_place, other) in all.iter().enumerate() {
                assert_eq!(compare(one, other).is_eq(), place == other_place, "{one} {other}");
                assert_eq!(compare(one, other), compare(other, one).reverse(), "{one} {other}");
            }
        }
    }
}

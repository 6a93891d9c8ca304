//! The API's own scalars.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as Instant, Datelike as _, SecondsFormat, SubsecRound as _, Utc};

use super::lossy::is_marked as is_marked_number;
use crate::error::DatabaseError;

/// A point in time, as the API writes and reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DateTime(Instant<Utc>);

impl DateTime {
    /// Reads the stored form.
    pub(super) fn from_ms(ms: i64) -> Result<Self, DatabaseError> {
        Instant::from_timestamp_millis(ms)
            .map(Self)
            .ok_or_else(|| DatabaseError::internal("reading a time", "it is out of range"))
    }

    /// Returns the stored form, in which what is finer than a millisecond is cut off.
    pub(super) fn ms(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Returns the first whole millisecond that is not before it.
    pub(super) fn ms_rounded_up(self) -> i64 {
        let whole = self.0.trunc_subsecs(3) == self.0;
        self.ms() + i64::from(!whole)
    }
}

/// RFC 3339 timestamp; out: UTC, always millisecond precision and a `Z`: `2026-05-17T14:00:00.000Z`.
/// Safe to round-trip through a JavaScript Date. In: any offset; finer than a millisecond is cut
/// off.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else {
            return Err(InputValueError::expected_type(value));
        };
        read(&text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("is not an RFC 3339 time such as 2026-05-17T14:00:00Z"))
    }

    /// Checked before anything runs, so that a bad value refuses the whole request, not half of it.
    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if read(text).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// Reads a time whose year has four digits in UTC too, as RFC 3339 demands.
fn read(text: &str) -> Option<Instant<Utc>> {
    let time = Instant::parse_from_rfc3339(text).ok()?.to_utc();
    (0..=9999).contains(&time.year()).then_some(time)
}

/// A JSON object, as the API writes and reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Json {
    value: serde_json::Value,
    /// True if every number in it was read without loss.
    is_exact: bool,
}

impl Json {
    /// Reads the stored form.
    pub(super) fn from_text(text: &str) -> Result<Self, DatabaseError> {
        serde_json::from_str(text)
            .map(|value| Self { value, is_exact: true })
            .map_err(|_| DatabaseError::internal("reading an object", "it is not JSON"))
    }

    /// Returns the value; `None` if a number in it differs from the given one.
    pub(super) fn exact(self) -> Option<serde_json::Value> {
        self.is_exact.then_some(self.value)
    }

    pub(super) fn is_exact(&self) -> bool {
        self.is_exact
    }
}

/// Key by which the serializer marks text that it passes on unchanged. As data it would come back as
/// something else.
const RAW_MARK: &str = "$serde_json::private::RawValue";

fn is_marked(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.as_str() == RAW_MARK || is_marked(value))
        }
        Value::List(items) => items.iter().any(is_marked),
        _ => false,
    }
}

/// A JSON object. Keys are yours; the gateway stores them as given.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        if is_marked(&value) {
            return Err(InputValueError::custom(format!("may not have the key `{RAW_MARK}`")));
        }
        let is_exact = !is_marked_number(&value);
        Ok(Self { value: value.into_json()?, is_exact })
    }

    fn is_valid(value: &Value) -> bool {
        !is_marked(value)
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.value.clone()).unwrap_or_default()
    }
}

/// Returns why a value is not one of the named scalar; `None` if it is. Asked before anything runs,
/// so that a bad value refuses the whole request, not half of it.
pub(super) fn fault(scalar: &str, value: &Value) -> Option<&'static str> {
    match scalar {
        "DateTime" if !DateTime::is_valid(value) => {
            Some("must be an RFC 3339 time such as 2026-05-17T14:00:00Z")
        }
        "JSON" if !Json::is_valid(value) => Some("has a key that is reserved"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> DateTime {
        <DateTime as ScalarType>::parse(Value::from(text)).unwrap_or_else(|_| panic!("{text} is a time"))
    }

    #[test]
    fn times_come_out_in_utc_with_milliseconds() {
        for (given, out) in [
            ("2026-05-17T14:00:00Z", "2026-05-17T14:00:00.000Z"),
            ("2026-05-17T16:00:00.1239+02:00", "2026-05-17T14:00:00.123Z"),
        ] {
            let stored = DateTime::from_ms(parse(given).ms()).expect("in range");
            assert_eq!(stored.to_value(), Value::from(out));
        }
    }

    #[test]
    fn a_lower_bound_is_rounded_up() {
        assert_eq!(parse("1970-01-01T00:00:00.001Z").ms_rounded_up(), 1);
        assert_eq!(parse("1970-01-01T00:00:00.0010001Z").ms_rounded_up(), 2);
        assert_eq!(parse("1969-12-31T23:59:59.9985Z").ms_rounded_up(), -1);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for value in [
            Value::from("9999-12-31T23:59:59-01:00"),
            Value::from("2026-05-17"),
            Value::from("now"),
            Value::from(1),
            Value::from(""),
        ] {
            assert!(<DateTime as ScalarType>::parse(value).is_err());
        }
    }

    #[test]
    fn an_object_cannot_smuggle_raw_text() {
        let marked = serde_json::json!({"a": [{RAW_MARK: "{}"}]});
        let value = Value::from_json(marked).expect("JSON");
        assert!(<Json as ScalarType>::parse(value).is_err());
    }
}

//! Cells of rows as JSON.

use std::io::Write as _;

use chrono::{DateTime, Datelike as _, Timelike as _};
use serde::de::IgnoredAny;
use uuid::{Uuid, fmt::Hyphenated};

use crate::{database::RawRow, error::DatabaseError, graphql::answer_size::JSON_WEIGHT};

/// Name of the operation, in errors.
const DURING: &str = "writing a cell";

/// Format of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Id,
    Text,
    Integer,
    Boolean,
    /// UTC milliseconds, written as the API's `DateTime`.
    Time,
    /// Text that is JSON already.
    Json,
}

impl Format {
    /// Returns the format of a scalar or an enum of the schema, or of a list of such; `None` if it has none.
    pub(super) fn of(ty: &str, is_list: bool) -> Option<Self> {
        match ty {
            // Lists of texts are stored as JSON.
            "String" if is_list => Some(Self::Json),
            _ if is_list => None,
            "ID" => Some(Self::Id),
            // The value of an enum is stored by its name.
            "String" | "PhoneType" => Some(Self::Text),
            "Int" => Some(Self::Integer),
            "Boolean" => Some(Self::Boolean),
            "DateTime" => Some(Self::Time),
            "JSON" => Some(Self::Json),
            _ => None,
        }
    }

    /// Writes a cell, or null if it is empty. Returns the bytes that it counts towards the size of the answer.
    pub(super) fn write(
        self,
        row: &RawRow<'_>,
        place: usize,
        json: &mut Vec<u8>,
    ) -> Result<usize, DatabaseError> {
        let mut size = 0;
        let written = match self {
            Self::Text => row.text(place)?.map(|text| {
                size = text.len();
                write_text(text, json)
            }),
            Self::Id => row.id(place)?.map(|id| {
                write_id(id, json);
                Ok(())
            }),
            Self::Integer => row.integer(place)?.map(|integer| {
                // Writing to a vector does not fail.
                let _ = write!(json, "{integer}");
                Ok(())
            }),
            Self::Boolean => row.boolean(place)?.map(|boolean| {
                json.extend_from_slice(if boolean { b"true" } else { b"false" });
                Ok(())
            }),
            Self::Time => row.integer(place)?.map(|ms| write_time(ms, json)),
            Self::Json => row.text(place)?.map(|text| {
                size = text.len().saturating_mul(JSON_WEIGHT);
                write_json(text, json)
            }),
        };
        written.transpose()?.unwrap_or_else(|| json.extend_from_slice(b"null"));
        Ok(size)
    }
}

/// Writes a text in quotation marks.
pub(super) fn write_text(text: &str, json: &mut Vec<u8>) -> Result<(), DatabaseError> {
    serde_json::to_writer(json, text).map_err(|_| DatabaseError::internal(DURING, "a text cannot be written"))
}

fn write_id(id: Uuid, json: &mut Vec<u8>) {
    let mut text = [0; Hyphenated::LENGTH];
    json.push(b'"');
    json.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
    json.push(b'"');
}

/// Writes text that should be JSON. It is looked at, since a fault in it would spoil the whole answer.
fn write_json(text: &str, json: &mut Vec<u8>) -> Result<(), DatabaseError> {
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|_| DatabaseError::internal(DURING, "it is not JSON"))?;
    json.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Writes a time digit by digit: there are several in a row, and chrono's formatter takes ten times as long.
fn write_time(ms: i64, json: &mut Vec<u8>) -> Result<(), DatabaseError> {
    let out_of_range = || DatabaseError::internal(DURING, "a time is out of range");
    let time = DateTime::from_timestamp_millis(ms).ok_or_else(out_of_range)?.naive_utc();
    let year = u32::try_from(time.year()).ok().filter(|year| *year < 10_000).ok_or_else(out_of_range)?;
    let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
    for (end, mut number) in [
        (5, year),
        (8, time.month()),
        (11, time.day()),
        (14, time.hour()),
        (17, time.minute()),
        (20, time.second()),
        (24, time.nanosecond() / 1_000_000),
    ] {
        for digit in text[..end].iter_mut().rev() {
            if number == 0 {
                break;
            }
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    }
    json.extend_from_slice(&text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::ScalarType as _;

    use super::*;
    use crate::graphql::scalars::DateTime as ApiTime;

    #[test]
    fn times_are_written_as_the_api_writes_them() {
        for ms in
            [0, 1, -1, 999, 1_000, 951_782_399_999, 951_782_400_000, 1_796_000_123_045, 253_402_300_799_999]
        {
            let mut json = Vec::new();
            write_time(ms, &mut json).expect("in range");
            let value: async_graphql::Value = serde_json::from_slice(&json).expect("JSON");
            assert_eq!(value, ApiTime::from_ms(ms).expect("in range").to_value());
        }
        for ms in [i64::MIN, i64::MAX, 253_402_300_800_000, -62_167_219_200_001] {
            assert!(write_time(ms, &mut Vec::new()).is_err());
        }
    }

    #[test]
    fn text_that_is_not_json_is_refused() {
        for text in ["", "[", "[1]2", "{\"a\":}", "nul"] {
            assert!(write_json(text, &mut Vec::new()).is_err());
        }
    }
}

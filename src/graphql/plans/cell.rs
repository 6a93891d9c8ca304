//! Cells of rows as JSON.

use chrono::{Datelike as _, NaiveDate};
use serde::de::IgnoredAny;
use uuid::{Uuid, fmt::Hyphenated};

use crate::{database::RawRow, error::DatabaseError, graphql::answer_size::JSON_WEIGHT};

/// Name of the operation, in errors.
const DURING: &str = "writing a cell";

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;

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
                let start = json.len();
                write_text(text, json)?;
                // Without the quotation marks.
                size = json.len() - start - 2;
                Ok(())
            }),
            Self::Id => row.id(place)?.map(|id| {
                write_id(id, json);
                Ok(())
            }),
            Self::Integer => row.integer(place)?.map(|integer| {
                // Not by `write!`, which takes twice as long. Writing to a vector does not fail.
                let _ = serde_json::to_writer(&mut *json, &integer);
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
    if is_plain(text.as_bytes()) {
        json.reserve(text.len() + 2);
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
        return Ok(());
    }
    serde_json::to_writer(json, text).map_err(|_| DatabaseError::internal(DURING, "a text cannot be written"))
}

/// Returns true if JSON escapes no character of a text of at least eight bytes. Eight are looked at at a time, as
/// most texts are short and have nothing to escape.
fn is_plain(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else { return false };
    // The last eight may overlap with those before them.
    let (words, _) = text.as_chunks::<8>();
    words.iter().chain([last]).fold(0, |found, word| found | escaped(u64::from_ne_bytes(*word))) == 0
}

/// Returns a word that is not 0 if a byte of the given one is escaped by JSON: a control character, a quotation
/// mark or a backslash.
fn escaped(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    // A byte that is less than what is subtracted from it gets its high bit by that.
    let less = |word: u64, least: u64| word.wrapping_sub(ONES * least) & !word;
    let is = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    (less(word, 0x20) | is(b'"') | is(b'\\')) & (ONES * 0x80)
}

fn write_id(id: Uuid, json: &mut Vec<u8>) {
    let mut text = [b'"'; Hyphenated::LENGTH + 2];
    id.hyphenated().encode_lower(&mut text[1..=Hyphenated::LENGTH]);
    json.extend_from_slice(&text);
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
    let time = digits_of_time(ms).ok_or_else(|| DatabaseError::internal(DURING, "a time is out of range"))?;
    json.extend_from_slice(&time);
    Ok(())
}

fn digits_of_time(ms: i64) -> Option<[u8; 26]> {
    let date = NaiveDate::from_epoch_days(ms.div_euclid(MS_PER_DAY).try_into().ok()?)?;
    let year = u32::try_from(date.year()).ok().filter(|year| *year < 10_000)?;
    let ms = u32::try_from(ms.rem_euclid(MS_PER_DAY)).ok()?;
    let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
    let mut put = |end: usize, number: u32| {
        text[end - 1] = digit(number);
        text[end - 2] = digit(number / 10);
    };
    put(3, year / 100);
    put(5, year);
    put(8, date.month());
    put(11, date.day());
    put(14, ms / 3_600_000);
    put(17, ms / 60_000 % 60);
    put(20, ms / 1_000 % 60);
    put(23, ms / 10 % 100);
    text[23] = digit(ms);
    Some(text)
}

/// Returns the last digit of a number.
fn digit(number: u32) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or_default()
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
    fn texts_are_written_as_json_has_them() {
        let mut texts = vec![String::new(), "\u{7f}\u{80}\u{a2}\u{dc}\u{2028}\u{1f600}é".to_owned()];
        for byte in 0..0x80 {
            for length in 0..20 {
                let text: String = ["x".repeat(length).as_str(), "ü", &"y".repeat(19 - length)].join("");
                texts.push(text.replacen('y', &char::from(byte).to_string(), 1));
                texts.push(format!("{}{}", "z".repeat(length), char::from(byte)));
            }
        }
        for text in texts {
            let mut json = Vec::new();
            write_text(&text, &mut json).expect("it can be written");
            assert_eq!(json, serde_json::to_vec(&text).expect("it can be written"));
        }
    }

    #[test]
    fn text_that_is_not_json_is_refused() {
        for text in ["", "[", "[1]2", "{\"a\":}", "nul"] {
            assert!(write_json(text, &mut Vec::new()).is_err());
        }
    }
}

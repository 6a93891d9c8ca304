//! JSON numbers that would lose digits when they are parsed.
//!
//! A number is parsed to a 64-bit integer or a double. One that is neither loses digits, and the result does
//! not show it. Therefore the text of a request is searched for such numbers before it is parsed.

use std::{borrow::Cow, fmt::Write as _};

use memchr::memchr2;
use serde_json::Number;

/// Prefix of a string that stands for a lossy number, as it is written in JSON.
const ESCAPED_PREFIX: &str = "\\u0000number:";
/// The same prefix after the JSON has been parsed.
const PREFIX: &str = "\u{0}number:";

/// Returns true if a JSON number is still the same number after it has been parsed and printed again.
#[must_use]
pub fn is_lossless(text: &str) -> bool {
    // Up to 18 digits always fit into 64 bits, and nearly all numbers are such.
    let is_short = text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
    is_short
        || serde_json::from_str::<Number>(text).is_ok_and(|read| decimal(text) == decimal(&read.to_string()))
}

/// Returns the number that a string stands for, if [`without_lossy`] has replaced one by it.
#[must_use]
pub fn lossy(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX).filter(|number| is_number(number))
}

/// Replaces the lossy numbers of a JSON text by strings, which [`lossy`] recognizes. A text without such
/// numbers is borrowed.
#[must_use]
pub fn without_lossy(text: &str) -> Cow<'_, str> {
    let mut rewritten = String::new();
    let mut copied = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            // Digits in a string, such as a phone number, are not a number.
            b'"' => at = after_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let is_part = |b: &u8| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let end = at + bytes[at..].iter().take_while(|b| is_part(b)).count();
                let token = &text[at..end];
                if is_number(token) && !is_lossless(token) {
                    rewritten.push_str(&text[copied..at]);
                    // Writing to a `String` cannot fail.
                    let _ = write!(rewritten, "\"{ESCAPED_PREFIX}{token}\"");
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    rewritten.push_str(&text[copied..]);
    Cow::Owned(rewritten)
}

/// Returns the place after the string of a JSON text that begins at `start`, or the end of the text if the
/// string does not end.
#[must_use]
pub fn after_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        match text[at + found] {
            b'"' => return at + found + 1,
            // The byte after a backslash does not end the string.
            _ => at += found + 2,
        }
    }
    text.len()
}

/// Returns true if a text is a number in JSON's grammar, of any size.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && digits(fraction)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// Returns a number's sign, its digits without zeros around them, and the position of the first digit
/// relative to the decimal point. They are equal for equal numbers.
fn decimal(text: &str) -> (bool, String, i64) {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX);
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    let place = i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_sub(zeros);
    // An exponent beyond 64 bits is beyond any double, so this number equals none that has been parsed.
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    (is_negative, significant.to_owned(), place.saturating_add(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_64_bit_integer_or_double_is_lossless() {
        for text in [
            "0",
            "-0",
            "1",
            "-1",
            "1.0",
            "1.50",
            "100e-2",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551615",
            "9007199254740993",
            "0.1",
            "1e22",
            "1E+2",
            "123456789012345680000",
            "5e-324",
            "1.7976931348623157e308",
            "0e999999999",
            "0.30000000000000004",
            "-0.0",
        ] {
            assert!(is_lossless(text), "{text}");
            assert_eq!(without_lossy(text), text);
        }
        for text in [
            "18446744073709551616",
            "-9223372036854775809",
            "9007199254740993.0",
            "12345678901234567890123",
            "0.1000000000000000055",
            "1e400",
            "-1e400",
            "1e-400",
            "1e99999999999999999999",
            "4.9406564584124654e-324",
            "3.14159265358979323846",
            "123456789.12345678901",
        ] {
            assert!(!is_lossless(text), "{text}");
        }
    }

    #[test]
    fn only_lossy_numbers_are_replaced_and_never_within_strings() {
        let text = r#"{"a":[1,1e400,"1e400 \" 1e400"],"b":{"c":-9223372036854775809}, "1e400":0.1}"#;
        let value: serde_json::Value = serde_json::from_str(&without_lossy(text)).expect("JSON");
        assert_eq!(value["a"][1].as_str().and_then(lossy), Some("1e400"));
        assert_eq!(value["b"]["c"].as_str().and_then(lossy), Some("-9223372036854775809"));
        assert_eq!(
            (&value["a"][0], &value["a"][2], &value["1e400"]),
            (&1.into(), &"1e400 \" 1e400".into(), &0.1.into())
        );
        assert_eq!(lossy("1e400"), None);
        for broken in ["{", "\"", "\"\\", "1e", "-", "01", "1e400.5", "[1e", "--1e400"] {
            assert_eq!(without_lossy(broken), broken);
        }
    }
}

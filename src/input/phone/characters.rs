//! Characters of phone numbers: spaces, invisible characters, and digits of other scripts.

use rlibphonenumber::PHONE_NUMBER_UTIL;

use crate::input::text::is_format;

/// Removes format characters, and replaces white space by plain spaces. Overrides of the writing direction
/// stay, so that the number is refused: they may change the order in which its digits are displayed.
pub(super) fn without_format(text: &str) -> String {
    const OVERRIDES: [char; 2] = ['\u{202d}', '\u{202e}'];
    with_plain_spaces(text).chars().filter(|c| OVERRIDES.contains(c) || !is_format(*c)).collect()
}

/// Replaces white space by plain spaces.
pub(super) fn with_plain_spaces(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() && !c.is_control() { ' ' } else { c }).collect()
}

/// Converts the digits of any script in a text to ASCII.
pub(crate) fn in_ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let digit = (!c.is_ascii() && c.is_numeric()).then(|| digits(c.encode_utf8(&mut [0; 4])));
        match digit.filter(|digit| !digit.is_empty()) {
            Some(digit) => plain.push_str(&digit),
            None => plain.push(c),
        }
    }
    plain
}

/// Returns the digits of any script in a text, in ASCII.
pub(crate) fn digits(text: &str) -> String {
    PHONE_NUMBER_UTIL.normalize_digits_only(text)
}

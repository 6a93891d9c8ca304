//! Characters of which nothing is seen.

use icu_properties::{CodePointMapData, props::GeneralCategory};

/// Whether a character only says how others are to be laid out: marks of direction, joiners, the
/// soft hyphen, the byte order mark.
pub(super) fn is_format(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::Format
}

/// Text without such characters, and with plain blanks only.
pub(super) fn without_format(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_format(*c));
    visible.map(|c| if c.is_whitespace() && !c.is_control() { ' ' } else { c }).collect()
}

//! Text: what is allowed in it, and how it is folded for sorting and comparing.

use unicode_normalization::UnicodeNormalization as _;

use crate::fault::{FaultCode, Faults};

/// Sort keys are cut to so many bytes, so that any database can index them.
const KEY_BYTES: usize = 256;

/// Folds text for sorting: no accents, no case, no doubled spaces; at most 256 bytes.
pub(crate) fn sort_key(text: &str) -> String {
    cut(fold(text), KEY_BYTES)
}

/// What contacts are sorted by under NAME: the last name, then the first, both folded; `None`
/// when both are blank. The separator sorts before every letter, so a blank last name comes
/// before "a".
pub(super) fn name_key(first_name: Option<&str>, last_name: Option<&str>) -> Option<String> {
    let last = fold(last_name.unwrap_or_default());
    let first = fold(first_name.unwrap_or_default());
    (!last.is_empty() || !first.is_empty()).then(|| cut(format!("{last}\u{1}{first}"), KEY_BYTES))
}

/// Folds text for comparing: composed, and without case. Accents count.
pub(crate) fn comparison_key(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

pub(super) fn fold(text: &str) -> String {
    let ascii = any_ascii::any_ascii(text).to_lowercase();
    ascii.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(mut text: String, bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// Whether text has nothing but white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Which control characters are welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// None.
    One,
    /// Tab and line breaks.
    Many,
}

/// Whether text holds a control character that is not welcome.
pub(super) fn has_control(text: &str, lines: Lines) -> bool {
    text.chars().any(|c| c.is_control() && !(lines == Lines::Many && matches!(c, '\t' | '\n' | '\r')))
}

/// Faults text that is too long, or holds control characters; true when it is sound.
pub(crate) fn check(faults: &mut Faults, path: &str, text: &str, longest: usize, lines: Lines) -> bool {
    let mut sound = true;
    if text.chars().count() > longest {
        faults.add(path, FaultCode::TooLong, format!("has more than {longest} characters"));
        sound = false;
    }
    if has_control(text, lines) {
        faults.add(path, FaultCode::CharacterInvalid, "holds a control character");
        sound = false;
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_last_name_then_first_and_blank_last_names_come_first() {
        let key = |first, last| name_key(Some(first), Some(last)).expect("not blank");
        let sorted = [
            key("Zoe", " "),
            key("Émile", "Abel"),
            key("eva", "ABEL"),
            key("Ann", "Abel Smith"),
            key("Ann", "Öz"),
        ];
        assert!(sorted.is_sorted(), "{sorted:?}");
    }

    #[test]
    fn a_blank_name_has_no_key() {
        assert_eq!(name_key(Some(" "), None), None);
    }

    #[test]
    fn keys_are_cut_at_256_bytes() {
        assert_eq!(sort_key(&"é".repeat(1000)).len(), 256);
        assert_eq!(name_key(None, Some(&"李".repeat(1000))).expect("not blank").len(), 256);
    }

    #[test]
    fn comparison_ignores_case_and_composition_but_not_accents() {
        assert_eq!(comparison_key("CAFE\u{301}"), comparison_key("café"));
        assert_ne!(comparison_key("cafe"), comparison_key("café"));
    }
}

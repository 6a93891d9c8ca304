//! Sort keys: bytes that sort as the root collation of Unicode does, on any database.
//!
//! Keys depend on the data of `icu_collator`. A test compares some keys with those that databases hold. If it
//! fails after an upgrade, a migration must recalculate all keys, and the version of cursors must be raised.

use icu_collator::{CollatorBorrowed, options::CollatorOptions};

use super::is_blank;

/// Maximum number of bytes of a key, so that any database can index it.
const MAX_KEY_BYTES: usize = 256;
/// Maximum number of characters of which a key is made: a key may have forty times the length of its text.
const MAX_CHARS: usize = 80;
/// Maximum number of characters of a first name in a key, after those of the last name.
const MAX_FIRST_NAME_CHARS: usize = 40;
/// Separator of two texts in one key. U+FFFE sorts before all other characters on every level of the
/// collation.
const SEPARATOR: char = '\u{fffe}';

/// Returns the key by which names other than those of contacts are sorted.
pub(crate) fn sort_key(text: &str) -> Vec<u8> {
    key(&start(text, MAX_CHARS))
}

/// Returns the key by which contacts are sorted under NAME: by the last name, then by the first. A blank last
/// name comes before all others. `None` if both are blank.
pub(crate) fn name_key(first_name: Option<&str>, last_name: Option<&str>) -> Option<Vec<u8>> {
    let (first, last) = (first_name.unwrap_or_default(), last_name.unwrap_or_default());
    (!is_blank(first) || !is_blank(last)).then(|| {
        let mut text = start(last, MAX_CHARS);
        text.push(SEPARATOR);
        text += &start(first, MAX_FIRST_NAME_CHARS);
        key(&text)
    })
}

/// Returns the first characters of a text, after white space is trimmed and collapsed.
fn start(text: &str, max_chars: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    // A separator within a text would end its part of the key too early.
    words.join(" ").chars().filter(|c| *c != SEPARATOR).take(max_chars).collect()
}

fn key(text: &str) -> Vec<u8> {
    let root = CollatorBorrowed::new_root(CollatorOptions::default());
    let mut key = Vec::new();
    // Writing to a `Vec` cannot fail: its error type has no values.
    let Ok(()) = root.write_sort_key_to(text, &mut key);
    // Keys are compared byte by byte only, so they may be cut anywhere.
    key.truncate(MAX_KEY_BYTES);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(key: &[u8]) -> String {
        use std::fmt::Write as _;
        key.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    #[test]
    fn keys_are_those_that_databases_hold() {
        let names = |first, last| hex(&name_key(Some(first), Some(last)).expect("a name"));
        let keys = [
            hex(&sort_key("Acme Inc")),
            hex(&sort_key("Łódź & Sons")),
            hex(&sort_key("Иванов 7")),
            hex(&sort_key("李小明")),
            names("Anna", "Öberg"),
            names("", "O'Neil-Smith"),
            names("Ångström", ""),
        ];
        let held = [
            "2b2f4333043b452f010c01dcc2dc06",
            "4147315d040a92044f47454f0145b2458844880b01dcbddc07",
            "62460e06788a0e030420010c01db0b",
            "fa3504fa1e58fa327e01070107",
            "472d334d37022b45452b0145960d01dcc0dc07",
            "47097045333b41050e4f433b513902011101dcc5dcc2dc09",
            "022b45374f514d474301449240960501c5dc0d",
        ];
        assert_eq!(keys, held);
    }

    #[test]
    fn names_sort_as_the_root_collation_does() {
        let names = [
            "10", "9", "a", "A", "á", "Å", "ab", "Łuk", "Lz", "m", "Ö", "Oz", "ø", "zeta", "Ωmega", "Анна",
            "あ", "李",
        ];
        let mut sorted = names;
        sorted.sort_by_key(|name| sort_key(name));
        assert_eq!(
            sorted,
            [
                "10", "9", "a", "A", "á", "Å", "ab", "Łuk", "Lz", "m", "Ö", "ø", "Oz", "zeta", "Ωmega",
                "Анна", "あ", "李"
            ]
        );
    }

    #[test]
    fn contacts_sort_by_last_name_then_first_and_blank_last_names_come_first() {
        let key = |first, last| name_key(Some(first), Some(last)).expect("not blank");
        let sorted = [
            key("Zoe", " "),
            key("Émile", "Abel"),
            key("eva", "abel"),
            key("eva", "ABEL"),
            key("Ann", "Abel Smith"),
            key("Anna", "Öberg"),
            key("Zoe", "Oberg"),
            key("Ann", "Öz"),
        ];
        assert!(sorted.is_sorted(), "{sorted:?}");
    }

    #[test]
    fn a_blank_name_has_no_key() {
        assert_eq!(name_key(Some(" "), None), None);
        assert_eq!(name_key(Some("\u{200b}"), Some("")), None);
    }

    #[test]
    fn keys_are_short_however_long_the_text() {
        for text in ["é", "李", "ﷺ", "Z"] {
            let long = text.repeat(256);
            assert!(sort_key(&long).len() <= 256);
            assert!(name_key(Some(&long), Some(&long)).expect("not blank").len() <= 256);
        }
    }
}

//! Folding: the form in which names are compared and searched. It removes case and accents only.

use icu_casemap::CaseMapper;
use unicode_normalization::UnicodeNormalization as _;

/// Folds text: removes case and accents, replaces Latin letters with strokes and ligatures by plain letters,
/// and collapses white space. Letters of other scripts stay as they are.
pub(crate) fn fold(text: &str) -> String {
    let folded = if text.is_ascii() { text.to_ascii_lowercase() } else { without_accents(text) };
    let is_white = |c: char| c.is_whitespace() && c != ' ';
    if folded.contains(is_white) || folded.contains("  ") { with_single_blanks(&folded) } else { folded }
}

/// Removes case and accents.
fn without_accents(text: &str) -> String {
    // Compatibility forms are decomposed too, so ligatures and full-width letters become plain ones.
    let bare: String = text.nfkd().filter(|c| !is_accent(*c)).collect();
    let caseless = CaseMapper::new().fold_string(&bare);
    let mut folded = String::with_capacity(caseless.len());
    for c in caseless.chars() {
        match plain(c) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(c),
        }
    }
    // The parts that are left may compose again: the syllables of Hangul do.
    folded.nfc().collect()
}

/// Replaces each run of white space by one blank.
fn with_single_blanks(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            single.push(c);
        } else if !single.ends_with(' ') {
            single.push(' ');
        }
    }
    single
}

/// Folds a text to search for. `None` if no text can contain it: if folding leaves nothing of it, or if it
/// has a null character, which PostgreSQL cannot store.
pub(crate) fn needle(text: &str) -> Option<String> {
    let folded = fold(text);
    let lost = folded.is_empty() && !text.is_empty();
    (!lost && !text.contains('\0')).then_some(folded)
}

/// Folds a text to store. A text of which folding leaves nothing is returned as it is, since it is not empty.
pub(crate) fn stored_fold(text: &str) -> String {
    needle(text).unwrap_or_else(|| text.to_owned())
}

/// Returns true if a character is a combining mark of Latin, Greek, Cyrillic, Arabic or Hebrew. In other
/// scripts a mark makes another letter: が is not か.
fn is_accent(c: char) -> bool {
    let of_any_alphabet = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20f0}' | '\u{fe20}'..='\u{fe2f}');
    let cyrillic = matches!(c,
        '\u{483}'..='\u{489}' | '\u{2de0}'..='\u{2dff}' | '\u{a66f}'..='\u{a672}'
        | '\u{a674}'..='\u{a67d}' | '\u{a69e}'..='\u{a69f}' | '\u{1e08f}');
    let hebrew = matches!(c,
        '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}'
        | '\u{fb1e}');
    let arabic = matches!(c,
        '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}' | '\u{6e7}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{897}'..='\u{89f}' | '\u{8ca}'..='\u{8e1}' | '\u{8e3}'..='\u{8ff}');
    of_any_alphabet || cyrillic || hebrew || arabic
}

/// Returns the plain letters for a Latin letter with a stroke, for one without its dot, or for a ligature.
/// Unicode decomposes or case-folds all others.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ⱥ' => "a",
        'ƀ' => "b",
        'ȼ' | 'ꞓ' => "c",
        'đ' => "d",
        'ɇ' => "e",
        'ǥ' | 'ꞡ' => "g",
        'ħ' => "h",
        'ı' | 'ɨ' => "i",
        'ȷ' | 'ɉ' => "j",
        'ꝁ' | 'ꝃ' | 'ꝅ' | 'ꞣ' => "k",
        'ł' | 'ƚ' | 'ⱡ' | 'ꝉ' => "l",
        'ꞥ' => "n",
        'ø' | 'ɵ' | 'ꝋ' => "o",
        'ᵽ' | 'ꝑ' => "p",
        'ꝗ' | 'ꝙ' => "q",
        'ɍ' | 'ꞧ' => "r",
        'ꞩ' => "s",
        'ŧ' | 'ⱦ' => "t",
        'ʉ' => "u",
        'ꝟ' => "v",
        'ɏ' => "y",
        'ƶ' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'ꜳ' => "aa",
        'ꜵ' => "ao",
        'ꜷ' => "au",
        'ꜹ' | 'ꜻ' => "av",
        'ꜽ' => "ay",
        'ꝏ' => "oo",
        'ꝡ' => "vy",
        'ᵺ' => "th",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_accents_are_removed() {
        for (text, folded) in [
            ("JANÉ", "jane"),
            ("Łódź", "lodz"),
            ("Ærøskøbing", "aeroskobing"),
            ("Đặng", "dang"),
            ("Œuvre", "oeuvre"),
            ("STRAẞE straße", "strasse strasse"),
            ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
            ("ﬁnn Ⅳ ①", "finn iv 1"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Άννα", "αννα"),
            ("ЁЛКА Йод", "елка иод"),
            ("مُحَمَّد", "محمد"),
            ("أحمد", "احمد"),
            ("שָׁלוֹם", "שלום"),
            ("Ｆｕｌｌ", "full"),
            ("Ǆ", "dz"),
            ("Ǿ", "o"),
            ("ŉ", "ʼn"),
            ("ŀ", "l·"),
            ("ẖ", "h"),
            ("  a \u{a0}\t\u{3000}b ", " a b "),
            ("K Å", "k a"),
            ("ﷺ", "صلى الله عليه وسلم"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn letters_of_other_scripts_stay_as_they_are() {
        for text in [
            "李",
            "黎",
            "三",
            "が",
            "か",
            "パ",
            "ハ",
            "कि",
            "की",
            "क़",
            "ที่",
            "ไทย",
            "한국",
            "ا",
            "ь",
            "ъ",
            "♥",
            "🙂",
            "ð",
            "þ",
            "_",
            "%",
            "'",
        ] {
            let composed: String = text.nfkd().nfc().collect();
            assert_eq!(fold(text), composed, "{text}");
        }
        assert_eq!(fold("ｶﾞ"), "ガ");
    }

    #[test]
    fn text_that_folds_to_nothing_is_in_no_text_and_is_stored_as_it_is() {
        assert_eq!(needle("\u{301}"), None);
        assert_eq!(needle("\u{64e}\u{5b0}"), None);
        assert_eq!(needle("a\0"), None);
        assert_eq!(needle("").as_deref(), Some(""));
        assert_eq!(needle(" ").as_deref(), Some(" "));
        assert_eq!(stored_fold("\u{301}"), "\u{301}");
        assert_eq!(stored_fold(""), "");
    }

    proptest! {
        #[test]
        fn text_in_ascii_is_folded_as_any_other(text in "[ -~\\t\\n\\r\\x0b\\x0c\\x1c\\x00]*") {
            prop_assert_eq!(fold(&text), with_single_blanks(&without_accents(&text)));
        }

        #[test]
        fn folding_twice_is_as_folding_once(text in any::<String>()) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn composition_does_not_count(text in any::<String>()) {
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(fold(&composed), fold(&decomposed));
        }
    }

    #[test]
    fn folding_any_character_twice_is_as_folding_it_once() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let folded = fold(&c.to_string());
            assert_eq!(fold(&folded), folded, "U+{:04X}", u32::from(c));
            let upper: String = c.to_uppercase().collect();
            let lower: String = c.to_lowercase().collect();
            assert!(fold(&upper) == folded || fold(&lower) == folded, "U+{:04X}", u32::from(c));
        }
    }
}

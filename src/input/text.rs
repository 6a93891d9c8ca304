//! Text: allowed characters, blank text, and the forms in which texts are compared and sorted.

mod collation;
mod fold;

use icu_casemap::CaseMapper;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark},
};
use unicode_normalization::UnicodeNormalization as _;

pub(crate) use collation::{name_key, sort_key};
pub(crate) use fold::{fold, needle, stored_fold};

use super::problem::{ProblemCode, Problems};

/// Returns a text in NFC.
pub(crate) fn composed(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfc().collect() }
}

/// Returns the key by which names of tags and stages are compared: in NFC, with case folded. Accents count.
pub(crate) fn comparison_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Case folding does not preserve NFC, so the text is decomposed before and composed after it.
    let decomposed: String = text.nfd().collect();
    CaseMapper::new().fold_string(&decomposed).nfc().collect()
}

/// Returns true if a text has only white space and invisible characters. A control character is neither, so
/// that a text with one is refused, and not taken for blank.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

fn is_invisible(c: char) -> bool {
    // In no Unicode property for invisible characters, although its glyph is empty.
    const BRAILLE_BLANK: char = '\u{2800}';
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    c == BRAILLE_BLANK || ignorable || is_format(c)
}

/// Returns true if a character is a decimal digit of any script.
pub(crate) fn is_digit(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DecimalNumber
}

/// Returns true if a code point is one of the 66 noncharacters of Unicode.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Returns true if a character is an invisible format character, such as those that change the direction of
/// writing.
pub(crate) fn is_format(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    // These are format characters with a glyph, such as the Arabic number sign.
    let is_visible = || CodePointSetData::new::<PrependedConcatenationMark>().contains(c);
    category == GeneralCategory::Format && !is_visible()
}

/// Returns true if a character is part of a word: a letter, a mark on one, or a decimal digit.
pub(crate) fn is_word_character(c: char) -> bool {
    use GeneralCategory as G;
    let category = CodePointMapData::<G>::new().get(c);
    let marks = [G::NonspacingMark, G::SpacingMark, G::EnclosingMark, G::DecimalNumber];
    // Circled letters are alphabetic too, but symbols.
    c.is_alphabetic() && category != G::OtherSymbol || marks.contains(&category)
}

/// Treatment of tabs and line breaks in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineBreaks {
    /// One line, without tabs.
    Refused,
    /// Several lines, and tabs.
    Allowed,
}

/// Returns the first character of a text that is not allowed: a control character, a noncharacter, or a
/// format character, with which a text could look like another one or like none. Joiners are allowed, since
/// scripts and emoji need them.
pub(crate) fn first_disallowed(text: &str, line_breaks: LineBreaks) -> Option<char> {
    const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    let category = CodePointMapData::<GeneralCategory>::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let is_allowed = match c {
            '\t' | '\n' | '\r' => line_breaks == LineBreaks::Allowed,
            BLACK_FLAG => {
                rest = after_flag_tags(rest);
                true
            }
            c if c.is_ascii() => !c.is_control(),
            c if JOINERS.contains(&c) => true,
            c => !c.is_control() && category.get(c) != GeneralCategory::Format && !is_noncharacter(c),
        };
        if !is_allowed {
            return Some(c);
        }
    }
    None
}

/// Returns the message about a character that is not allowed. It names the code point, since the character
/// itself may be invisible.
pub(crate) fn disallowed_message(character: char) -> String {
    let kind = match character {
        c if c.is_control() => "a control character",
        c if is_noncharacter(c) => "a noncharacter",
        c if is_format(c) => "an invisible character",
        _ => "a formatting character",
    };
    format!("contains {kind} (U+{:04X}). Remove it", u32::from(character))
}

const BLACK_FLAG: char = '\u{1f3f4}';

/// Skips the tag characters after a black flag, which make it the flag of England, Scotland or Wales.
fn after_flag_tags(rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let mut ahead = rest.clone();
    let letters = ahead.by_ref().take_while(|c| ('\u{e0020}'..='\u{e007e}').contains(c)).count();
    let ends = rest.clone().nth(letters) == Some('\u{e007f}');
    if letters > 0 && ends { ahead } else { rest }
}

/// Checks a text's length and characters. Returns true if both are allowed, and reports problems at the path
/// otherwise.
pub(crate) fn check(
    problems: &mut Problems,
    path: &str,
    text: &str,
    max_chars: usize,
    line_breaks: LineBreaks,
) -> bool {
    let mut is_allowed = true;
    if text.chars().count() > max_chars {
        problems.add(path, ProblemCode::TooLong, format!("has more than {max_chars} characters. Shorten it"));
        is_allowed = false;
    }
    if let Some(character) = first_disallowed(text, line_breaks) {
        problems.add(path, ProblemCode::CharacterInvalid, disallowed_message(character));
        is_allowed = false;
    }
    is_allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison_ignores_case_and_composition_but_not_accents() {
        assert_eq!(comparison_key("CAFE\u{301}"), comparison_key("café"));
        assert_eq!(comparison_key("STRASSE"), comparison_key("straße"));
        assert_eq!(comparison_key("ΟΔΟΣ"), comparison_key("οδος"));
        assert_ne!(comparison_key("cafe"), comparison_key("café"));
    }

    #[test]
    fn text_without_visible_characters_is_blank() {
        for blank in [
            "",
            " \t\n",
            "\u{a0}\u{3000}",
            "\u{200b}",
            "\u{2060}\u{feff}",
            "\u{ad}",
            "\u{3164}",
            "\u{2800}",
            "\u{200d}",
            "\u{fe0f}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for visible in ["a", ".", "\u{200b}a", "\u{0}", "\u{600}", "🙂", "\u{301}"] {
            assert!(!is_blank(visible), "{visible:?}");
        }
    }

    #[test]
    fn control_and_format_characters_are_refused_and_joiners_and_flags_are_not() {
        for (text, found) in [
            ("Jane", None),
            ("a\tb", Some('\t')),
            ("a\u{0}b", Some('\u{0}')),
            ("a\u{85}", Some('\u{85}')),
            ("a\u{202e}b", Some('\u{202e}')),
            ("\u{2066}a\u{2069}", Some('\u{2066}')),
            ("a\u{200b}b", Some('\u{200b}')),
            ("a\u{feff}", Some('\u{feff}')),
            ("a\u{ad}b", Some('\u{ad}')),
            ("\u{200e}a", Some('\u{200e}')),
            ("می\u{200c}خواهم", None),
            ("👩\u{200d}🚀", None),
            ("❤\u{fe0f}", None),
            ("\u{600}1", Some('\u{600}')),
            ("a\u{6dd}", Some('\u{6dd}')),
            ("\u{70f}a", Some('\u{70f}')),
            ("a\u{8e2}", Some('\u{8e2}')),
            ("\u{110bd}", Some('\u{110bd}')),
            ("a\u{fffe}b", Some('\u{fffe}')),
            ("\u{ffff}", Some('\u{ffff}')),
            ("\u{fdd0}", Some('\u{fdd0}')),
            ("\u{10ffff}", Some('\u{10ffff}')),
            ("\u{fffd}\u{fdcf}\u{fdf0}\u{e000}", None),
            ("🏴\u{e0067}\u{e0062}\u{e007f}!", None),
            ("🏴\u{e0067}\u{e0062}", Some('\u{e0067}')),
            ("a\u{e0067}\u{e007f}", Some('\u{e0067}')),
            ("🏴", None),
            ("🏴\u{202e}", Some('\u{202e}')),
        ] {
            assert_eq!(first_disallowed(text, LineBreaks::Refused), found, "{text:?}");
        }
        assert_eq!(first_disallowed("a\tb\r\nc", LineBreaks::Allowed), None);
        assert_eq!(first_disallowed("a\u{1}", LineBreaks::Allowed), Some('\u{1}'));
        assert_eq!(first_disallowed("a\n\u{202e}", LineBreaks::Allowed), Some('\u{202e}'));
    }
}

//! Text: which characters are welcome, what is blank, and the forms in which texts compare and sort.

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

/// Folds text for telling tags and stages apart: composed, and without case. Accents count.
pub(crate) fn comparison_key(text: &str) -> String {
    let decomposed: String = text.nfd().collect();
    CaseMapper::new().fold_string(&decomposed).nfc().collect()
}

/// Whether nothing of a text is visible: white space, and characters that are never shown. Control
/// characters do not make a text blank; they are refused.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_unseen(c))
}

fn is_unseen(c: char) -> bool {
    const BRAILLE_BLANK: char = '\u{2800}';
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    c == BRAILLE_BLANK || ignorable || is_format(c)
}

/// Whether a character is a decimal digit of any script.
pub(crate) fn is_digit(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DecimalNumber
}

/// Whether a character is one of those that Unicode has set aside for a program's own use.
fn is_set_aside(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether a character has no look of its own, as those that turn the direction of writing.
pub(crate) fn is_format(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    // Such as the Arabic number sign: in the same category, but seen.
    let seen = || CodePointSetData::new::<PrependedConcatenationMark>().contains(c);
    category == GeneralCategory::Format && !seen()
}

/// Whether a character is a letter, a mark on one, or a decimal digit.
pub(crate) fn is_of_a_word(c: char) -> bool {
    use GeneralCategory as G;
    let category = CodePointMapData::<G>::new().get(c);
    let marks = [G::NonspacingMark, G::SpacingMark, G::EnclosingMark, G::DecimalNumber];
    c.is_alphabetic() && category != G::OtherSymbol || marks.contains(&category)
}

/// Which line breaks are welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// None.
    One,
    /// Tab and line breaks.
    Many,
}

/// The first character of a text that is not welcome: a control character, or a format character
/// by which a text would look like another one, or none at all. The joiners are, as scripts and
/// emoji need them.
pub(crate) fn unwelcome(text: &str, lines: Lines) -> Option<char> {
    const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    let category = CodePointMapData::<GeneralCategory>::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let welcome = match c {
            '\t' | '\n' | '\r' => lines == Lines::Many,
            FLAG => {
                rest = after_flag(rest);
                true
            }
            c if JOINERS.contains(&c) => true,
            c => !c.is_control() && category.get(c) != GeneralCategory::Format && !is_set_aside(c),
        };
        if !welcome {
            return Some(c);
        }
    }
    None
}

/// Says that a character is not welcome. It is named, as it cannot be seen.
pub(crate) fn unwelcome_message(character: char) -> String {
    let kind = match character {
        c if c.is_control() => "a control character",
        c if is_set_aside(c) => "what is not a character",
        c if is_format(c) => "an invisible character",
        _ => "a formatting character",
    };
    format!("holds {kind} (U+{:04X}); remove it", u32::from(character))
}

const FLAG: char = '\u{1f3f4}';

/// Skips the tag characters by which a black flag becomes that of England, Scotland or Wales.
fn after_flag(rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let mut ahead = rest.clone();
    let letters = ahead.by_ref().take_while(|c| ('\u{e0020}'..='\u{e007e}').contains(c)).count();
    let ends = rest.clone().nth(letters) == Some('\u{e007f}');
    if letters > 0 && ends { ahead } else { rest }
}

/// Checks a text's length and characters; true if it is sound, else the problems are reported at the
/// path.
pub(crate) fn check(problems: &mut Problems, path: &str, text: &str, max_chars: usize, lines: Lines) -> bool {
    let mut sound = true;
    if text.chars().count() > max_chars {
        problems.add(path, ProblemCode::TooLong, format!("has more than {max_chars} characters"));
        sound = false;
    }
    if let Some(character) = unwelcome(text, lines) {
        problems.add(path, ProblemCode::CharacterInvalid, unwelcome_message(character));
        sound = false;
    }
    sound
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
    fn text_of_which_nothing_is_seen_is_blank() {
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
        for seen in ["a", ".", "\u{200b}a", "\u{0}", "\u{600}", "🙂", "\u{301}"] {
            assert!(!is_blank(seen), "{seen:?}");
        }
    }

    #[test]
    fn control_and_format_characters_are_unwelcome_but_joiners_and_flags_are_not() {
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
            assert_eq!(unwelcome(text, Lines::One), found, "{text:?}");
        }
        assert_eq!(unwelcome("a\tb\r\nc", Lines::Many), None);
        assert_eq!(unwelcome("a\u{1}", Lines::Many), Some('\u{1}'));
        assert_eq!(unwelcome("a\n\u{202e}", Lines::Many), Some('\u{202e}'));
    }
}

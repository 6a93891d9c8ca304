//! Phone numbers: their normal form, and how a stored one is shown.

mod number;

use std::str::FromStr as _;

use entity::organization::PhoneFormat;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

pub(crate) use self::number::{Number, digits, in_ascii};
use self::number::{spaced, without_format};
use super::{
    locale::country,
    problem::{ProblemCode, Problems},
    text::{self, Lines},
};

/// Maximum characters of a number. Longer text is never parsed.
const MAX_CHARS: usize = 64;
/// Minimum digits of a number that identifies somebody. A text with fewer is a word, such as `none`
/// or `n/a`, which many contacts may have in the place of a number.
const MIN_DIGITS: usize = 5;

/// How numbers of an organization are read and kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notation {
    /// Form in which a number is kept.
    pub(crate) format: PhoneFormat,
    /// Region of national numbers; `None`: they cannot be read.
    pub(crate) region: Option<Region>,
}

/// A number in the form in which it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptNumber {
    pub(crate) number: String,
    pub(crate) extension: Option<String>,
    /// True if its notation said that it is a mobile phone's.
    pub(crate) is_mobile: bool,
}

impl KeptNumber {
    fn plain(number: String) -> Self {
        Self { number, extension: None, is_mobile: false }
    }
}

/// Returns the number in the form in which it is kept, or reports a problem at the path.
pub(crate) fn check(
    problems: &mut Problems,
    path: &str,
    number: &str,
    notation: Notation,
) -> Option<KeptNumber> {
    let Notation { format, region } = notation;
    let read = Number::read(number.trim(), region);
    // Only in a number are characters that are not seen left out; in a text they are a problem.
    let given = if read.is_some() { without_format(number) } else { spaced(number) };
    let given = given.trim();
    if !text::check(problems, path, given, MAX_CHARS, Lines::One) {
        return None;
    }
    let as_given = || KeptNumber::plain(given.to_owned());
    let kept = match (read, format) {
        (None, PhoneFormat::E164Required) => None,
        (None, PhoneFormat::AsGiven | PhoneFormat::E164Preferred)
        | (Some(Number { extension: None, .. }), PhoneFormat::AsGiven) => Some(as_given()),
        (Some(Number { extension, notation, .. }), PhoneFormat::AsGiven) => {
            Some(KeptNumber { extension, ..KeptNumber::plain(notation) })
        }
        (Some(Number { e164, extension, is_mobile, .. }), _) => {
            Some(KeptNumber { number: e164, extension, is_mobile })
        }
    };
    let kept = kept.filter(|phone| !phone.number.is_empty());
    if kept.is_none() {
        let message = "is not a phone number in international form, such as +14165550100";
        problems.add(path, ProblemCode::PhoneInvalid, message);
    }
    kept
}

/// The number in E.164, if it is a possible one, without its extension.
pub(crate) fn e164(text: &str, region: Option<Region>) -> Option<String> {
    Number::read(text, region).map(|number| number.e164)
}

/// The texts as which a number may be stored: in E.164 if it is a possible one, and as given, which
/// it was before the region was known, or where a policy keeps the notation.
pub(crate) fn stored_forms(text: &str, region: Option<Region>) -> Vec<String> {
    let e164 = e164(text, region);
    let given = if e164.is_some() { without_format(text) } else { spaced(text) };
    let mut forms = vec![given.trim().to_owned()];
    forms.extend(e164.filter(|e164| *e164 != forms[0]));
    forms
}

/// Whether a number, or text in the place of one, tells one contact from the others.
pub(crate) fn identifies(number: &str) -> bool {
    digits(number).len() >= MIN_DIGITS
}

/// A stored number in E.164.
fn parse(number: &str) -> Option<PhoneNumber> {
    let is_e164 = number.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    is_e164.then(|| PHONE_NUMBER_UTIL.parse(number, None).ok())?
}

/// The digits by which a stored number is dialled in its own country.
pub(crate) fn national_digits(number: &str) -> Option<String> {
    let parsed = parse(number)?;
    let national = parsed.format_as(PhoneNumberFormat::National);
    Some(national.chars().filter(char::is_ascii_digit).collect())
}

/// A stored number for people, e.g. `+1 416-555-0100`; as it is stored when it is not E.164.
///
/// A mobile phone in Argentina is called from abroad with a 9, which is not stored.
#[must_use]
pub fn formatted(number: &str, is_mobile: bool) -> String {
    let abroad = number.strip_prefix("+54").filter(|_| is_mobile).map(|rest| format!("+549{rest}"));
    let parsed = abroad.as_deref().and_then(parse).or_else(|| parse(number));
    parsed.map_or_else(
        || number.to_owned(),
        |parsed| parsed.format_as(PhoneNumberFormat::International).into_owned(),
    )
}

/// Whether a stored number exists in its country's plan.
#[must_use]
pub fn is_valid(number: &str) -> bool {
    parse(number).is_some_and(|parsed| parsed.is_valid())
}

/// A region of the phone library, by its code or the country's name.
pub(crate) fn region(text: &str) -> Option<String> {
    let code = text.trim().to_uppercase();
    let known = |code: &String| {
        let region = Region::from_str(code).ok();
        region.is_some_and(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some())
    };
    Some(code).filter(known).or_else(|| country(text).filter(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn possible_numbers_become_e164_in_any_notation() {
        let us = Some(Region::US);
        assert_eq!(e164("(416) 555-0100", us).as_deref(), Some("+14165550100"));
        assert_eq!(e164("+44 20 7946 0958", None).as_deref(), Some("+442079460958"));
        assert_eq!(e164("+15551234567", None).as_deref(), Some("+15551234567"));
        assert!(!is_valid("+15551234567"));
    }

    #[test]
    fn what_is_no_number_is_not_normalized() {
        for text in ["416 555 0100", "call me", "", "+1", "+", "tel:", "00", &"1".repeat(5_000)] {
            assert_eq!(e164(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_stored_number_is_written_as_it_is_dialled_from_abroad() {
        for (number, is_mobile, written) in [
            ("+14165550100", false, "+1 416-555-0100"),
            ("+541123456789", false, "+54 11 2345-6789"),
            ("+541123456789", true, "+54 9 11 2345-6789"),
            ("extension 12", true, "extension 12"),
            ("+1 416 (home)", false, "+1 416 (home)"),
        ] {
            assert_eq!(formatted(number, is_mobile), written);
        }
    }

    #[test]
    fn regions_are_those_of_the_library() {
        for (text, code) in
            [("us", "US"), ("XK", "XK"), ("AC", "AC"), ("TA", "TA"), ("Germany", "DE"), ("UK", "GB")]
        {
            assert_eq!(region(text).as_deref(), Some(code), "{text}");
        }
        for text in ["", "AQ", "001", "ZZ", "Atlantis"] {
            assert_eq!(region(text), None, "{text}");
        }
    }
}

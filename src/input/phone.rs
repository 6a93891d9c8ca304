//! Phone numbers: their normal form, and the formats in which stored numbers are shown.

mod characters;
mod number;

use std::str::FromStr as _;

use entity::organization::PhoneFormat;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use self::characters::{with_plain_spaces, without_format};
pub(crate) use self::{
    characters::{digits, in_ascii},
    number::ParsedNumber,
};
use super::{
    locale::country,
    problem::{ProblemCode, Problems},
    text::{self, LineBreaks},
};

/// Maximum number of characters of a phone number. Longer text is never parsed.
const MAX_CHARS: usize = 64;
/// Minimum number of digits of a phone number that identifies a contact. A text with fewer is a word, such as
/// `none` or `n/a`, which many contacts may have instead of a number.
const MIN_DIGITS: usize = 5;

/// Rules by which an organization's phone numbers are parsed and stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notation {
    /// Form in which a number is stored.
    pub(crate) format: PhoneFormat,
    /// Region of national numbers. Without it they cannot be parsed.
    pub(crate) region: Option<Region>,
}

/// Phone number in the form in which it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptNumber {
    pub(crate) number: String,
    pub(crate) extension: Option<String>,
    /// True if the given number had a digit that only mobile phones have, and that is not stored.
    pub(crate) is_mobile: bool,
}

impl KeptNumber {
    fn plain(number: String) -> Self {
        Self { number, extension: None, is_mobile: false }
    }
}

/// Returns a phone number in the form in which it is stored, or reports a problem at the path.
pub(crate) fn check(
    problems: &mut Problems,
    path: &str,
    number: &str,
    notation: Notation,
) -> Option<KeptNumber> {
    let Notation { format, region } = notation;
    let parsed = ParsedNumber::parse(number.trim(), region);
    // Invisible characters are removed from a phone number only; in any other text they are a problem.
    let given = if parsed.is_some() { without_format(number) } else { with_plain_spaces(number) };
    let given = given.trim();
    if !text::check(problems, path, given, MAX_CHARS, LineBreaks::Refused) {
        return None;
    }
    let unparsed = || KeptNumber::plain(given.to_owned());
    let kept = match (parsed, format) {
        (None, PhoneFormat::E164Required) => None,
        (None, PhoneFormat::AsGiven | PhoneFormat::E164Preferred)
        | (Some(ParsedNumber { extension: None, .. }), PhoneFormat::AsGiven) => Some(unparsed()),
        (Some(ParsedNumber { extension, as_given, .. }), PhoneFormat::AsGiven) => {
            Some(KeptNumber { extension, ..KeptNumber::plain(as_given) })
        }
        (
            Some(ParsedNumber { e164, extension, is_mobile, .. }),
            PhoneFormat::E164Required | PhoneFormat::E164Preferred,
        ) => Some(KeptNumber { number: e164, extension, is_mobile }),
    };
    let kept = kept.filter(|phone| !phone.number.is_empty());
    if kept.is_none() {
        let message = "is not a phone number in international form. Use one such as +14165550100";
        problems.add(path, ProblemCode::PhoneInvalid, message);
    }
    kept
}

/// Returns a possible number in E.164, without its extension.
pub(crate) fn e164(text: &str, region: Option<Region>) -> Option<String> {
    ParsedNumber::parse(text, region).map(|number| number.e164)
}

/// Returns the texts as which a number may be stored: in E.164 if it is a possible number, and as given,
/// since it may have been stored before the region was set, or by a policy that keeps numbers as given.
pub(crate) fn stored_forms(text: &str, region: Option<Region>) -> Vec<String> {
    let e164 = e164(text, region);
    let given = if e164.is_some() { without_format(text) } else { with_plain_spaces(text) };
    let mut forms = vec![given.trim().to_owned()];
    forms.extend(e164.filter(|e164| *e164 != forms[0]));
    forms
}

/// Returns true if a number, or a text instead of one, identifies a contact.
pub(crate) fn identifies(number: &str) -> bool {
    digits(number).len() >= MIN_DIGITS
}

/// Parses a stored number; `None` if it is not in E.164.
fn parse(number: &str) -> Option<PhoneNumber> {
    let is_e164 = number.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    is_e164.then(|| PHONE_NUMBER_UTIL.parse(number, None).ok())?
}

/// Returns the digits by which a stored number is dialled in its own country.
pub(crate) fn national_digits(number: &str) -> Option<String> {
    let parsed = parse(number)?;
    let national = parsed.format_as(PhoneNumberFormat::National);
    Some(national.chars().filter(char::is_ascii_digit).collect())
}

/// Returns a stored number in international format, e.g. `+1 416-555-0100`, or as it is stored if it is not
/// E.164.
///
/// Calls from abroad to a mobile phone in Argentina need a 9, which is not stored.
#[must_use]
pub fn formatted(number: &str, is_mobile: bool) -> String {
    let abroad = number.strip_prefix("+54").filter(|_| is_mobile).map(|rest| format!("+549{rest}"));
    let parsed = abroad.as_deref().and_then(parse).or_else(|| parse(number));
    parsed.map_or_else(
        || number.to_owned(),
        |parsed| parsed.format_as(PhoneNumberFormat::International).into_owned(),
    )
}

/// Returns true if a stored number is valid in the numbering plan of its country.
#[must_use]
pub fn is_valid(number: &str) -> bool {
    parse(number).is_some_and(|parsed| parsed.is_valid())
}

/// Returns the code of a region that the phone library knows, by the code or the name of the country.
pub(crate) fn region(text: &str) -> Option<String> {
    let code = text.trim().to_uppercase();
    // The library has some regions without a country code, whose numbers cannot be parsed.
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
    fn a_text_that_is_not_a_number_is_not_normalized() {
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

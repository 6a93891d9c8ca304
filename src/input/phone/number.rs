//! Parsing of phone numbers: every notation of a number has one normal form.

mod tel_uri;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use self::tel_uri::TelParts;
use super::{
    MAX_CHARS,
    characters::{digits, in_ascii, without_format},
};

/// Punctuation that may stand between the digits of a number.
const PUNCTUATION: &str = "-.()[]/~\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2053}\u{2212}\u{223c}\u{30fc}\u{ff08}\u{ff09}\u{ff0d}\u{ff0e}\u{ff0f}\u{ff3b}\u{ff3d}";

/// A possible number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParsedNumber {
    pub(crate) e164: String,
    /// Digits to be dialled after the number.
    pub(crate) extension: Option<String>,
    /// True if the number had a digit that only mobile phones have, and that is not in `e164`.
    pub(crate) is_mobile: bool,
    /// The given text without the extension.
    pub(crate) as_given: String,
}

impl ParsedNumber {
    /// Parses a number; `None` if it is not a possible number, or if it has text around it.
    ///
    /// It may contain invisible characters, be a `tel:` link (RFC 3966), and have an extension. `00` means
    /// `+`, unless it means something else in the region.
    pub(crate) fn parse(text: &str, region: Option<Region>) -> Option<Self> {
        // A character has at most four bytes, so a longer text has too many characters.
        if text.len() > MAX_CHARS * 4 {
            return None;
        }
        let TelParts { number, extension } = TelParts::parse(&in_ascii(&without_format(text)))?;
        let (number, extension) = match split_extension(&number, region) {
            Some((number, own)) => (number, extension.or(Some(own))),
            None => (number.as_str(), extension),
        };
        let number = number.trim();
        let parsed = match Shape::of(number)? {
            // The region comes first: in some, a number that begins with 00 is not international.
            Shape::Digits => possible(number, region).or_else(|| possible(&international(number)?, None)),
            // If the digits before the letters are a number by themselves, the letters are text behind it.
            Shape::Letters(before) => {
                let word = possible(number, region).filter(PhoneNumber::is_valid);
                word.filter(|_| possible(before, region).is_none())
            }
        }?;
        let (parsed, is_mobile) = normalize_mobile_digit(parsed);
        Some(Self {
            e164: parsed.format_as(PhoneNumberFormat::E164).into_owned(),
            extension: extension.filter(|extension| !extension.is_empty()),
            is_mobile,
            as_given: number.to_owned(),
        })
    }
}

/// Splits a text into a number and an extension, which the library finds by words of several languages;
/// `None` if it has no extension.
fn split_extension(text: &str, region: Option<Region>) -> Option<(&str, String)> {
    // Neither of a word nor of a sign for an extension: most numbers are such.
    if text.chars().all(|c| matches!(c, '0'..='9' | '+' | ' ' | '-' | '.' | '(' | ')')) {
        return None;
    }
    // The words do not depend on the region, but without one the library parses no national number.
    let parsed = PHONE_NUMBER_UTIL.parse(text, region.or(Some(Region::US))).ok()?;
    let extension = digits(parsed.extension());
    // The last occurrence is the extension: the number may contain the same digits.
    let (before, after) = text.rsplit_once(extension.as_str()).filter(|_| !extension.is_empty())?;
    let is_end = after.chars().all(|c| matches!(c, ' ' | '#' | '.' | ')' | ']'));
    // The word for the extension stands between the number and the extension, and is removed too.
    is_end.then(|| (before.trim_end_matches(|c: char| !c.is_ascii_digit()), extension))
}

/// Kinds of characters in a text without its extension.
enum Shape<'a> {
    /// Digits and punctuation.
    Digits,
    /// Digits, punctuation and letters, as in 1-800-FLOWERS, with the text before the first letter.
    Letters(&'a str),
}

impl<'a> Shape<'a> {
    /// Returns the shape of a text; `None` if it has other characters, or begins with a letter.
    fn of(text: &'a str) -> Option<Self> {
        let is_punctuation = |c: char| c == ' ' || PUNCTUATION.contains(c);
        let rest = text.trim_start_matches(is_punctuation).trim_start_matches(['+', '\u{ff0b}']);
        if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        if let Some(at) = rest.find(|c: char| !c.is_ascii_digit() && !is_punctuation(c)) {
            let is_word = |c: char| c.is_ascii_alphanumeric() || is_punctuation(c);
            let before = &text[..text.len() - rest.len() + at];
            return rest.chars().all(is_word).then_some(Self::Letters(before));
        }
        Some(Self::Digits)
    }
}

/// Parses a text; `None` if it is not a possible number.
fn possible(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    let parsed = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    // With the additional digit of a mobile phone, some numbers are longer than the library allows.
    PHONE_NUMBER_UTIL.is_possible_number(&normalize_mobile_digit(parsed.clone()).0).then_some(parsed)
}

/// Returns a number that begins with `00` in the form that begins with `+`.
fn international(text: &str) -> Option<String> {
    digits(text).strip_prefix("00").filter(|_| !text.contains('+')).map(|rest| format!("+{rest}"))
}

/// Normalizes the additional digit of mobile numbers, which some people write and others do not (WhatsApp
/// does both): it is removed in Mexico and Argentina, and added in Brazil. Returns true with the number if a
/// digit was removed.
///
/// Mexico abolished its 1 in 2019. Argentina's 9 is needed for calls from abroad, but is not dialled within
/// the country, and often not written. In Brazil all mobile numbers begin with a 9 since 2016, and older ones
/// lack it.
fn normalize_mobile_digit(number: PhoneNumber) -> (PhoneNumber, bool) {
    let national = number.get_national_significant_number();
    let code = number.country_code;
    let (rewritten, is_mobile) = match (code, national.len(), national.as_bytes()) {
        (52, 11, [b'1', ..]) | (54, 11, [b'9', ..]) => (national[1..].to_owned(), true),
        (55, 10, [_, _, b'6' | b'8' | b'9', ..]) if !number.is_valid() => {
            (format!("{}9{}", &national[..2], &national[2..]), false)
        }
        _ => return (number, false),
    };
    let parsed = PHONE_NUMBER_UTIL.parse(format!("+{code}{rewritten}"), None).ok();
    match parsed.filter(|parsed| code != 55 || parsed.is_valid()) {
        Some(parsed) => (parsed, is_mobile),
        None => (number, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, region: Option<Region>) -> Option<String> {
        let number = ParsedNumber::parse(text, region)?;
        let extension = number.extension.map(|extension| format!(" x{extension}")).unwrap_or_default();
        Some(format!("{}{extension}", number.e164))
    }

    #[test]
    fn one_form_for_every_notation() {
        for text in [
            "\u{202a}+1 201-555-0123\u{202c}",
            "\u{2066}+12015550123\u{2069}",
            "\u{feff}+1\u{a0}201\u{202f}555\u{2009}0123",
            "tel:+1-201-555-0123",
            "TEL:+1(201)5550123;isub=7",
            "+1 201 555\u{200b} 0123",
            "tel://+12015550123",
            "tel:%2B1%20201%20555%200123",
            "tel:555-0123;phone-context=+1-201",
            "001 201 555 0123",
            "011 1 201 555 0123",
            "+1 (201) 555\u{2010}0123",
            "\u{ff0b}\u{ff11}\u{ff12}\u{ff10}\u{ff11}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff12}\u{ff13}",
            "(+1) 201.555.0123",
            "\u{661}\u{662}\u{660}\u{661}\u{665}\u{665}\u{665}\u{660}\u{661}\u{662}\u{663}",
            "1201/555-0123",
        ] {
            assert_eq!(read(text, Some(Region::US)).as_deref(), Some("+12015550123"), "{text}");
        }
    }

    #[test]
    fn an_extension_stands_beside_the_number() {
        for text in [
            "tel:+1-201-555-0123;ext=12",
            "+1 201 555 0123;ext=12",
            "tel:+12015550123;isub=1;EXT=12",
            "+1 201 555 0123 x12",
            "+1 201 555 0123x12",
            "+1 201 555 0123 ext. 12",
            "+1 201 555 0123 extension 12",
            "+1 201 555 0123 #12",
            "+1 201 555 0123,12",
            "+1 201 555 0123;12",
            "+1 201 555 0123 доб. 12",
            "tel:+12015550123%20x12",
        ] {
            assert_eq!(read(text, None).as_deref(), Some("+12015550123 x12"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_number_without_letters_and_signs_has_no_extension(text in "[0-9+ ().-]{1,40}") {
            let parsed = PHONE_NUMBER_UTIL.parse(&text, Some(Region::US)).ok();
            proptest::prop_assert!(parsed.is_none_or(|parsed| parsed.extension().is_empty()));
        }
    }

    #[test]
    fn a_number_with_text_around_it_is_refused() {
        for text in [
            "abc+12015550123",
            "call +1 201 555 0123",
            "+1 201 555 0123 (home)",
            "+49 30 901820 abc",
            "+1 201 555 0123 ext. 12 Anna",
            "Tel +12015550123",
            "+12015550123; Anna",
            "+1 201 555 0123 \u{260e}",
            "\u{260e} +1 201 555 0123",
            "1+2015550123",
            "*31#+12015550123",
            "+1 201 555 0123, +1 201 555 0124",
            "x+12015550123",
            "電話+12015550123",
            "\u{202e}+12015550123",
            "+1201\u{202d}5550123",
            "tel:201-555-0123;phone-context=example.com",
            "tel:+12015550123;phone-context=1",
            "tel:+12015550123;phone-context=+",
            "tel:+12015550123;ext=",
            "tel:+12015550123;ext=1-2",
            "tel:+12015550123;ext=12;ext=13",
            "+12015550123;ext=abc",
            "tel:+12015550123;foo",
            "tel:+12015550123;foo=1",
            "tel:+12015550123;12",
        ] {
            assert_eq!(read(text, Some(Region::US)), None, "{text}");
        }
        assert_eq!(read("1-800-FLOWERS", Some(Region::US)).as_deref(), Some("+18003569377"));
    }

    #[test]
    fn a_mobile_number_has_one_form_with_its_additional_digit_and_without() {
        for (text, region, number) in [
            ("+52 1 55 1234 5678", None, "+525512345678"),
            ("+525512345678", None, "+525512345678"),
            ("1 55 1234 5678", Some(Region::MX), "+525512345678"),
            ("+54 9 11 2345 6789", None, "+541123456789"),
            ("+54 11 2345 6789", None, "+541123456789"),
            ("011 15 2345 6789", Some(Region::AR), "+541123456789"),
            ("+54 9 341 123 4567", None, "+543411234567"),
            ("+55 41 8765 4321", None, "+5541987654321"),
            ("+55 41 98765 4321", None, "+5541987654321"),
            ("+55 41 3234 5678", None, "+554132345678"),
        ] {
            assert_eq!(read(text, region).as_deref(), Some(number), "{text}");
        }
        assert!(ParsedNumber::parse("+5215512345678", None).is_some_and(|number| number.is_mobile));
        assert!(ParsedNumber::parse("+525512345678", None).is_some_and(|number| !number.is_mobile));
    }

    #[test]
    fn the_prefix_of_the_region_is_understood() {
        for (text, region, number) in [
            ("0049 30 901820", Some(Region::GB), "+4930901820"),
            ("0049 30 901820", None, "+4930901820"),
            ("0049 30 901820", Some(Region::US), "+4930901820"),
            ("0011 49 30 901820", Some(Region::AU), "+4930901820"),
            ("+44 (0)20 7946 0958", None, "+442079460958"),
            ("+39 06 6982", None, "+39066982"),
        ] {
            assert_eq!(read(text, region).as_deref(), Some(number), "{text}");
        }
    }
}

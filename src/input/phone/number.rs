//! The one normal form of a phone number, in whatever notation it is written.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use super::MAX_CHARS;
use crate::input::text::is_format;

/// Beside digits, what may stand in a number.
const PUNCTUATION: &str = "-.()[]/~\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2053}\u{2212}\u{223c}\u{30fc}\u{ff08}\u{ff09}\u{ff0d}\u{ff0e}\u{ff0f}\u{ff3b}\u{ff3d}";

/// A possible number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) e164: String,
    /// To be dialled after it.
    pub(crate) extension: Option<String>,
    /// Whether a digit that is not kept said that it is a mobile phone's.
    pub(crate) is_mobile: bool,
    /// As it was written, without the extension.
    pub(crate) notation: String,
}

impl Number {
    /// Reads a number; `None` when it is not a possible one, or when there is text around it.
    ///
    /// It may be wrapped in marks of direction, be a `tel:` link (RFC 3966) and have an extension.
    /// `00` is as `+`, unless it is something else in the region.
    pub(crate) fn read(text: &str, region: Option<Region>) -> Option<Self> {
        if text.len() > MAX_CHARS * 4 {
            return None;
        }
        let Written { number, extension } = Written::read(&in_ascii(&without_format(text)))?;
        let (number, extension) = match extended(&number, region) {
            Some((number, own)) => (number, extension.or(Some(own))),
            None => (number.as_str(), extension),
        };
        let number = number.trim();
        let parsed = match Shape::of(number)? {
            Shape::Digits => possible(number, region).or_else(|| possible(&international(number)?, None)),
            Shape::Letters(before) => {
                let word = possible(number, region).filter(PhoneNumber::is_valid);
                word.filter(|_| possible(before, region).is_none())
            }
        }?;
        let (parsed, is_mobile) = without_mobile_digit(parsed);
        Some(Self {
            e164: parsed.format_as(PhoneNumberFormat::E164).into_owned(),
            extension: extension.filter(|extension| !extension.is_empty()),
            is_mobile,
            notation: number.to_owned(),
        })
    }
}

/// The text without characters that are not seen, and with plain blanks only. Those that turn its
/// order around stay: with them it is no number.
pub(super) fn without_format(text: &str) -> String {
    const OVERRIDES: [char; 2] = ['\u{202d}', '\u{202e}'];
    spaced(text).chars().filter(|c| OVERRIDES.contains(c) || !is_format(*c)).collect()
}

/// The text with plain blanks only.
pub(super) fn spaced(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() && !c.is_control() { ' ' } else { c }).collect()
}

/// The text with its digits, of whatever script, in ASCII.
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

/// Takes an extension off, in whatever words the library knows for it; `None` when there is none.
fn extended(text: &str, region: Option<Region>) -> Option<(&str, String)> {
    // These words are the same everywhere, but without a region it reads no national number.
    let parsed = PHONE_NUMBER_UTIL.parse(text, region.or(Some(Region::US))).ok()?;
    let extension = digits(parsed.extension());
    let (before, after) = text.rsplit_once(extension.as_str()).filter(|_| !extension.is_empty())?;
    let is_end = after.chars().all(|c| matches!(c, ' ' | '#' | '.' | ')' | ']'));
    is_end.then(|| (before.trim_end_matches(|c: char| !c.is_ascii_digit()), extension))
}

/// A text taken apart by RFC 3966.
struct Written {
    number: String,
    extension: Option<String>,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let link = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map(|_| &text[4..]);
        let text = match link {
            Some(link) => percent_decode_str(link.trim_start_matches('/')).decode_utf8().ok()?,
            None => Cow::Borrowed(text),
        };
        let mut parts = text.split(';').map(str::trim);
        let mut number = parts.next()?.to_owned();
        let (mut extension, mut context, mut subaddress) = (None, None, None);
        for part in parts {
            // Without its name only where it is not a link's parameter.
            let short = || (link.is_none() && is_digits(part)).then_some(("ext", part));
            let (name, value) = part.split_once('=').or_else(short)?;
            let (known, is_sound) = match name.to_ascii_lowercase().as_str() {
                "ext" => (&mut extension, is_digits(value)),
                // A domain says nothing of the number.
                "phone-context" => (&mut context, value.strip_prefix('+').is_some_and(is_grouped)),
                "isub" => (&mut subaddress, !value.is_empty()),
                _ => return None,
            };
            if !is_sound || known.replace(value.to_owned()).is_some() {
                return None;
            }
        }
        if let Some(context) = context.filter(|_| !number.starts_with('+')) {
            number = format!("{context}{number}");
        }
        Some(Self { number, extension })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Whether there are digits, and nothing but the separators of RFC 3966 among them.
fn is_grouped(text: &str) -> bool {
    is_digits(&text.replace(['-', '.', '(', ')'], ""))
}

/// What a text without its extension is made of.
enum Shape<'a> {
    /// Digits and what stands between them.
    Digits,
    /// Letters too, as in 1-800-FLOWERS, and what is before the first of them.
    Letters(&'a str),
}

impl<'a> Shape<'a> {
    /// `None` for anything else.
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

fn possible(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    let parsed = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    // A mobile phone's digit makes some numbers longer than they may be.
    PHONE_NUMBER_UTIL.is_possible_number(&without_mobile_digit(parsed.clone()).0).then_some(parsed)
}

/// What is written with `00` before the country's code.
fn international(text: &str) -> Option<String> {
    digits(text).strip_prefix("00").filter(|_| !text.contains('+')).map(|rest| format!("+{rest}"))
}

/// The number as it is dialled now, where a digit that says that it is a mobile phone's is written
/// by some and left out by others; WhatsApp does either. Also whether there was such a digit.
///
/// Mexico gave its 1 up in 2019. Argentina's 9 is needed for calls from abroad, but is neither in
/// the number that is dialled at home, nor in what people note down. In Brazil all mobile numbers
/// begin with a 9 since 2016; the older ones are too short without it.
fn without_mobile_digit(number: PhoneNumber) -> (PhoneNumber, bool) {
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

/// Its digits, of whatever script, in ASCII.
pub(crate) fn digits(text: &str) -> String {
    PHONE_NUMBER_UTIL.normalize_digits_only(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, region: Option<Region>) -> Option<String> {
        let number = Number::read(text, region)?;
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

    #[test]
    fn text_around_a_number_makes_it_none() {
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
    fn a_mobile_phone_has_one_number_with_its_digit_and_without() {
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
        assert!(Number::read("+5215512345678", None).is_some_and(|number| number.is_mobile));
        assert!(Number::read("+525512345678", None).is_some_and(|number| !number.is_mobile));
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

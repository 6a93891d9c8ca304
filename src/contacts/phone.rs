//! Phone numbers: normalizing them, and the rules of a contact's list of them.

mod list;
mod number;

use std::str::FromStr as _;

use entity::{contact_phone::PhoneType, organization::PhoneFormat};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

pub(super) use list::{add, make_primary, remove_primary, replace, set_whatsapp};
pub(super) use number::{Number, digits, in_ascii};

use number::{spaced, without_format};

use super::{
    draft::{BlankEntries, Field, PhoneDraft},
    place::country,
    text::{self, Lines, is_blank},
};
use crate::{
    fault::{FaultCode, Faults},
    organizations::Policy,
};

/// The longest number, in characters; longer text is never parsed.
const LONGEST: usize = 64;
/// The digits that a number has at least; a text with fewer is a word, such as `none` or `n/a`, that many
/// contacts may have for a number.
const MIN_DIGITS: usize = 5;
/// Numbers of a contact, at most.
const MOST: usize = 20;

/// A number as it was given, normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the marks of a number, each by itself")]
pub(super) struct GivenPhone {
    pub(super) number: String,
    pub(super) extension: Option<String>,
    /// Where in the input it was given.
    pub(super) path: String,
    /// Which number of the contact it is said to be.
    pub(super) id: Option<String>,
    pub(super) kind: PhoneType,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
    pub(super) is_whatsapp: bool,
    pub(super) do_not_call: bool,
    /// Whether its notation said that it is a mobile phone's.
    pub(super) is_mobile: bool,
}

/// The number in E.164, if it is a possible one, without its extension.
pub(super) fn e164(text: &str, region: Option<Region>) -> Option<String> {
    Number::read(text, region).map(|number| number.e164)
}

/// The texts as which a number may be stored: in E.164 if it is a possible one, and as given, which
/// it was before the region was known, or where a policy keeps the notation.
pub(super) fn stored_forms(text: &str, region: Option<Region>) -> Vec<String> {
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
pub(super) fn national_digits(number: &str) -> Option<String> {
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

/// Checks and normalizes the one primary number.
pub(super) fn check_one(faults: &mut Faults, policy: &Policy, given: Field<String>) -> Field<GivenPhone> {
    let kept = |number: &str| normalize(faults, "phone", number, policy.phone_format, policy.phone_region());
    checked(given, kept)
}

/// Checks and normalizes the WhatsApp number.
pub(super) fn check_whatsapp(
    faults: &mut Faults,
    policy: &Policy,
    given: Field<String>,
) -> Field<GivenPhone> {
    let format = PhoneFormat::E164Required;
    let kept = |number: &str| normalize(faults, "whatsappNumber", number, format, policy.phone_region());
    checked(given, kept)
}

/// A blank text is as null.
fn checked(given: Field<String>, check: impl FnOnce(&str) -> Option<GivenPhone>) -> Field<GivenPhone> {
    match given {
        Field::Omitted => Field::Omitted,
        Field::Given(number) if !is_blank(&number) => check(&number).map_or(Field::Omitted, Field::Given),
        Field::Null | Field::Given(_) => Field::Null,
    }
}

/// Checks and normalizes a list; a number that is in it twice is one, with all that is said of
/// either.
pub(super) fn check_list(
    faults: &mut Faults,
    policy: &Policy,
    given: Field<Vec<PhoneDraft>>,
    blanks: BlankEntries,
) -> Field<Vec<GivenPhone>> {
    let drafts = match given {
        Field::Omitted => return Field::Omitted,
        Field::Null => Vec::new(),
        Field::Given(drafts) => drafts,
    };
    if drafts.len() > MOST {
        faults.add("phones", FaultCode::TooMany, format!("has more than {MOST} numbers"));
    }
    let mut list: Vec<GivenPhone> = Vec::new();
    for (index, draft) in drafts.into_iter().take(MOST).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&draft.number) {
            continue;
        }
        let Some(phone) = one_of_list(faults, policy, index, draft) else { continue };
        match list.iter_mut().find(|other| other.is_same(&phone.number, phone.extension.as_deref())) {
            Some(other) => other.merge(phone),
            None => list.push(phone),
        }
    }
    if list.iter().filter(|phone| phone.is_primary).count() > 1 {
        faults.add("phones", FaultCode::MultiplePrimary, "has more than one primary number");
    }
    Field::Given(list)
}

fn one_of_list(faults: &mut Faults, policy: &Policy, index: usize, draft: PhoneDraft) -> Option<GivenPhone> {
    let PhoneDraft { id, number, kind, label, is_primary, is_whatsapp, do_not_call } = draft;
    let path = format!("phones.{index}");
    let label = label.filter(|label| !is_blank(label));
    if let Some(label) = &label {
        text::check(faults, &format!("{path}.label"), label, 1_024, Lines::One);
    }
    let format = if is_whatsapp { PhoneFormat::E164Required } else { policy.phone_format };
    let phone = normalize(faults, &format!("{path}.number"), &number, format, policy.phone_region())?;
    Some(GivenPhone {
        path,
        id,
        kind,
        label,
        is_primary: is_primary == Some(true),
        is_whatsapp,
        do_not_call,
        ..phone
    })
}

/// The number as it is to be kept, or a fault.
fn normalize(
    faults: &mut Faults,
    path: &str,
    number: &str,
    format: PhoneFormat,
    region: Option<Region>,
) -> Option<GivenPhone> {
    let read = Number::read(number.trim(), region);
    // Only in a number are characters that are not seen left out; in a text they are a fault.
    let given = if read.is_some() { without_format(number) } else { spaced(number) };
    let given = given.trim();
    if !text::check(faults, path, given, LONGEST, Lines::One) {
        return None;
    }
    let as_given = || GivenPhone::new(given.to_owned(), path);
    let kept = match (read, format) {
        (None, PhoneFormat::E164Required) => None,
        (None, PhoneFormat::AsGiven | PhoneFormat::E164Preferred)
        | (Some(Number { extension: None, .. }), PhoneFormat::AsGiven) => Some(as_given()),
        (Some(Number { extension, notation, .. }), PhoneFormat::AsGiven) => {
            Some(GivenPhone { extension, ..GivenPhone::new(notation, path) })
        }
        (Some(Number { e164, extension, is_mobile, .. }), _) => {
            Some(GivenPhone { extension, is_mobile, ..GivenPhone::new(e164, path) })
        }
    };
    let kept = kept.filter(|phone| !phone.number.is_empty());
    if kept.is_none() {
        let message = "is not a phone number in international form, such as +14165550100";
        faults.add(path, FaultCode::PhoneInvalid, message);
    }
    kept
}

impl GivenPhone {
    /// A number about which nothing else is said.
    pub(super) fn new(number: String, path: &str) -> Self {
        Self {
            number,
            extension: None,
            path: path.to_owned(),
            id: None,
            kind: PhoneType::Other,
            label: None,
            is_primary: false,
            is_whatsapp: false,
            do_not_call: false,
            is_mobile: false,
        }
    }

    /// Whether it is this number. One without an extension may be any of those that have one.
    pub(super) fn is_same(&self, number: &str, extension: Option<&str>) -> bool {
        let own = self.extension.as_deref();
        self.number == number && (own.is_none() || extension.is_none() || own == extension)
    }

    /// Takes in what else is said of the same number.
    fn merge(&mut self, other: Self) {
        self.is_primary |= other.is_primary;
        self.is_whatsapp |= other.is_whatsapp;
        self.do_not_call |= other.do_not_call;
        self.is_mobile |= other.is_mobile;
        self.id = self.id.take().or(other.id);
        self.label = self.label.take().or(other.label);
        self.extension = self.extension.take().or(other.extension);
        if self.kind == PhoneType::Other {
            self.kind = other.kind;
        }
    }
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

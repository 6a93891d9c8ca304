//! Phone numbers: normalizing them, and the rules of a contact's list of them.

mod list;

use entity::{contact_phone::PhoneType, organization::PhoneFormat};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

pub(super) use list::{add, make_primary, remove_primary, replace, set_whatsapp};

use super::{
    draft::{Field, PhoneDraft},
    text::{self, Lines, is_blank},
};
use crate::{
    fault::{FaultCode, Faults},
    organizations::Policy,
};

/// The longest number, in characters; longer text is never parsed.
const LONGEST: usize = 64;
/// Numbers of a contact, at most.
const MOST: usize = 20;

/// A number as it was given, normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GivenPhone {
    pub(super) number: String,
    /// Where in the input it was given.
    pub(super) path: String,
    /// Which number of the contact it is said to be.
    pub(super) id: Option<String>,
    pub(super) kind: PhoneType,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
    pub(super) is_whatsapp: bool,
    pub(super) do_not_call: bool,
}

/// The number in E.164, if it is a possible one and nothing of it would be lost.
pub(super) fn e164(text: &str, region: Option<Region>) -> Option<String> {
    let number = parse(text, region)?;
    let possible = PHONE_NUMBER_UTIL.is_possible_number(&number) && number.extension().is_empty();
    possible.then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}

fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    (text.len() <= LONGEST * 4).then(|| PHONE_NUMBER_UTIL.parse(text.trim(), region).ok())?
}

/// The digits by which a stored number is dialled in its own country.
pub(super) fn national_digits(number: &str) -> Option<String> {
    let parsed = parse(number, None).filter(|_| number.starts_with('+'))?;
    let national = parsed.format_as(PhoneNumberFormat::National);
    Some(national.chars().filter(char::is_ascii_digit).collect())
}

/// A stored number for people, e.g. `+1 416-555-0100`; as it is stored when it is not E.164.
#[must_use]
pub fn formatted(number: &str) -> String {
    match parse(number, None) {
        Some(parsed) if number.starts_with('+') => {
            parsed.format_as(PhoneNumberFormat::International).into_owned()
        }
        _ => number.to_owned(),
    }
}

/// Whether a stored number exists in its country's plan.
#[must_use]
pub fn is_valid(number: &str) -> bool {
    parse(number, None).is_some_and(|parsed| parsed.is_valid())
}

/// Checks and normalizes the one primary number; a blank one is as null.
pub(super) fn check_one(faults: &mut Faults, policy: &Policy, given: Field<String>) -> Field<GivenPhone> {
    match given {
        Field::Omitted => Field::Omitted,
        Field::Given(number) if !is_blank(&number) => {
            let kept = normalize(faults, "phone", &number, policy.phone_format, policy.phone_region());
            kept.map_or(Field::Omitted, |number| Field::Given(GivenPhone::new(number, "phone")))
        }
        Field::Null | Field::Given(_) => Field::Null,
    }
}

/// Checks and normalizes the WhatsApp number; a blank one is as null.
pub(super) fn check_whatsapp(faults: &mut Faults, policy: &Policy, given: Field<String>) -> Field<String> {
    match given {
        Field::Omitted => Field::Omitted,
        Field::Given(number) if !is_blank(&number) => {
            let format = PhoneFormat::E164Required;
            let kept = normalize(faults, "whatsappNumber", &number, format, policy.phone_region());
            kept.map_or(Field::Omitted, Field::Given)
        }
        Field::Null | Field::Given(_) => Field::Null,
    }
}

/// Checks and normalizes a list; a number that is in it twice is one, with the flags of both.
pub(super) fn check_list(
    faults: &mut Faults,
    policy: &Policy,
    given: Field<Vec<PhoneDraft>>,
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
        let Some(phone) = one_of_list(faults, policy, index, draft) else { continue };
        match list.iter_mut().find(|other| other.number == phone.number) {
            Some(other) => {
                other.is_primary |= phone.is_primary;
                other.is_whatsapp |= phone.is_whatsapp;
                other.do_not_call |= phone.do_not_call;
            }
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
    if let Some(label) = &label {
        text::check(faults, &format!("{path}.label"), label, 1_024, Lines::One);
    }
    let format = if is_whatsapp { PhoneFormat::E164Required } else { policy.phone_format };
    let number = normalize(faults, &format!("{path}.number"), &number, format, policy.phone_region())?;
    Some(GivenPhone {
        number,
        path,
        id,
        kind,
        label,
        is_primary: is_primary == Some(true),
        is_whatsapp,
        do_not_call,
    })
}

/// The number as it is to be kept, or a fault.
fn normalize(
    faults: &mut Faults,
    path: &str,
    number: &str,
    format: PhoneFormat,
    region: Option<Region>,
) -> Option<String> {
    if !text::check(faults, path, number, LONGEST, Lines::One) {
        return None;
    }
    let given = number.trim();
    let kept = match format {
        PhoneFormat::AsGiven => Some(given.to_owned()),
        PhoneFormat::E164Preferred => e164(given, region).or_else(|| Some(given.to_owned())),
        PhoneFormat::E164Required => e164(given, region),
    };
    let kept = kept.filter(|number| !number.is_empty());
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
            path: path.to_owned(),
            id: None,
            kind: PhoneType::Other,
            label: None,
            is_primary: false,
            is_whatsapp: false,
            do_not_call: false,
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
        assert_eq!(formatted("+14165550100"), "+1 416-555-0100");
    }

    #[test]
    fn what_would_lose_something_or_is_no_number_is_not_normalized() {
        for text in ["416 555 0100", "call me", "", "+1", "+1 416 555 0100 ext. 5", &"1".repeat(5_000)] {
            assert_eq!(e164(text, None), None, "{text}");
        }
        assert_eq!(formatted("extension 12"), "extension 12");
    }
}

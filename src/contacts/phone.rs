//! Phone numbers: normalizing one, and the rules of a contact's list of them.

use entity::organization::PhoneFormat;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use super::{
    draft::{Field, PhoneDraft},
    fault::{FaultCode, Faults},
    text::{self, Lines, is_blank},
};
use crate::organizations::Policy;
use entity::contact_phone::PhoneType;

/// The longest number, in characters; longer text is never parsed.
const LONGEST: usize = 64;
const MOST: usize = 20;

/// A number of a contact, normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    pub(super) number: String,
    /// Where in the input it was given.
    pub(super) path: String,
    pub(super) kind: PhoneType,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
    pub(super) is_whatsapp: bool,
    pub(super) do_not_call: bool,
}

/// The number in E.164, if it is a possible one and nothing of it would be lost.
fn e164(text: &str, region: Option<Region>) -> Option<String> {
    let number = parse(text, region)?;
    let possible = PHONE_NUMBER_UTIL.is_possible_number(&number) && number.extension().is_empty();
    possible.then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}

fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    (text.len() <= LONGEST * 4).then(|| PHONE_NUMBER_UTIL.parse(text.trim(), region).ok())?
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

/// Checks and normalizes all that an input says about numbers.
pub(super) fn check(
    faults: &mut Faults,
    policy: &Policy,
    phone: Field<String>,
    phones: Field<Vec<PhoneDraft>>,
    whatsapp_number: Field<String>,
) -> Vec<Phone> {
    if matches!((&phone, &phones), (Field::Given(_), Field::Given(_))) {
        faults.add("phone", FaultCode::FieldsConflict, "give either `phone` or `phones`");
    }
    let region = policy.phone_region();
    let mut list = Vec::new();
    let drafts = phones.given().unwrap_or_default();
    if drafts.len() > MOST {
        faults.add("phones", FaultCode::TooMany, format!("has more than {MOST} numbers"));
    }
    for (index, draft) in drafts.into_iter().take(MOST).enumerate() {
        one_of_list(faults, policy, index, draft, &mut list);
    }
    if list.iter().filter(|phone| phone.is_primary).count() > 1 {
        faults.add("phones", FaultCode::MultiplePrimary, "has more than one primary number");
    }
    if let Some(number) = phone.given().filter(|number| !is_blank(number))
        && let Some(number) = normalize(faults, "phone", &number, policy.phone_format, region)
    {
        list.push(Phone::new(number, "phone"));
    }
    if !list.iter().any(|phone| phone.is_primary)
        && let Some(first) = list.first_mut()
    {
        first.is_primary = true;
    }
    if let Some(number) = whatsapp_number.given().filter(|number| !is_blank(number))
        && let Some(number) = normalize(faults, "whatsappNumber", &number, PhoneFormat::E164Required, region)
    {
        match list.iter_mut().find(|phone| phone.number == number) {
            Some(phone) => phone.is_whatsapp = true,
            None => list.push(Phone { is_whatsapp: true, ..Phone::new(number, "whatsappNumber") }),
        }
    }
    if list.iter().filter(|phone| phone.is_whatsapp).count() > 1 {
        faults.add(
            "whatsappNumber",
            FaultCode::MultipleWhatsapp,
            "a contact has at most one WhatsApp number",
        );
    }
    list
}

/// Adds one number of a list; a number that is in it already only gains flags.
fn one_of_list(faults: &mut Faults, policy: &Policy, index: usize, draft: PhoneDraft, list: &mut Vec<Phone>) {
    let path = format!("phones.{index}");
    if draft.id.is_some() {
        faults.add(&format!("{path}.id"), FaultCode::Invalid, "a new contact has no phone with this id");
    }
    if let Some(label) = &draft.label {
        text::check(faults, &format!("{path}.label"), label, 1_024, Lines::One);
    }
    let format = if draft.is_whatsapp { PhoneFormat::E164Required } else { policy.phone_format };
    let path = format!("{path}.number");
    let Some(number) = normalize(faults, &path, &draft.number, format, policy.phone_region()) else {
        return;
    };
    match list.iter_mut().find(|phone| phone.number == number) {
        Some(phone) => {
            phone.is_primary |= draft.is_primary == Some(true);
            phone.is_whatsapp |= draft.is_whatsapp;
            phone.do_not_call |= draft.do_not_call;
        }
        None => list.push(Phone {
            kind: draft.kind,
            label: draft.label,
            is_primary: draft.is_primary == Some(true),
            is_whatsapp: draft.is_whatsapp,
            do_not_call: draft.do_not_call,
            ..Phone::new(number, &path)
        }),
    }
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

impl Phone {
    fn new(number: String, path: &str) -> Self {
        Self {
            number,
            path: path.to_owned(),
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

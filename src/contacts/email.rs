//! Email addresses: normalizing one, and the rules of a contact's list of them.

use super::{
    draft::{EmailDraft, Field},
    fault::{FaultCode, Faults},
    text::{self, Lines, is_blank},
};

const LONGEST: usize = 320;
const MOST: usize = 20;

/// An address of a contact, normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Email {
    pub(super) address: String,
    /// What addresses are compared by: no case, the domain in its ASCII form.
    pub(super) key: String,
    /// Where in the input it was given.
    pub(super) path: String,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
}

/// Checks and normalizes all that an input says about addresses.
pub(super) fn check(faults: &mut Faults, email: Field<String>, emails: Field<Vec<EmailDraft>>) -> Vec<Email> {
    if matches!((&email, &emails), (Field::Given(_), Field::Given(_))) {
        faults.add("email", FaultCode::FieldsConflict, "give either `email` or `emails`");
    }
    let drafts = emails.given().unwrap_or_default();
    if drafts.len() > MOST {
        faults.add("emails", FaultCode::TooMany, format!("has more than {MOST} addresses"));
    }
    let mut list: Vec<Email> = Vec::new();
    for (index, draft) in drafts.into_iter().take(MOST).enumerate() {
        one_of_list(faults, index, draft, &mut list);
    }
    if list.iter().filter(|email| email.is_primary).count() > 1 {
        faults.add("emails", FaultCode::MultiplePrimary, "has more than one primary address");
    }
    if let Some(address) = email.given().filter(|address| !is_blank(address)) {
        list.extend(normalize(faults, "email", &address));
    }
    if !list.iter().any(|email| email.is_primary)
        && let Some(first) = list.first_mut()
    {
        first.is_primary = true;
    }
    list
}

/// Adds one address of a list; an address that is in it already only gains the flag.
fn one_of_list(faults: &mut Faults, index: usize, draft: EmailDraft, list: &mut Vec<Email>) {
    let path = format!("emails.{index}");
    if draft.id.is_some() {
        faults.add(&format!("{path}.id"), FaultCode::Invalid, "a new contact has no email with this id");
    }
    if let Some(label) = &draft.label {
        text::check(faults, &format!("{path}.label"), label, 1_024, Lines::One);
    }
    let Some(email) = normalize(faults, &format!("{path}.address"), &draft.address) else {
        return;
    };
    let is_primary = draft.is_primary == Some(true);
    match list.iter_mut().find(|other| other.key == email.key) {
        Some(other) => other.is_primary |= is_primary,
        None => list.push(Email { label: draft.label, is_primary, ..email }),
    }
}

fn normalize(faults: &mut Faults, path: &str, address: &str) -> Option<Email> {
    if !text::check(faults, path, address, LONGEST, Lines::One) {
        return None;
    }
    let parsed = parse(address.trim(), path);
    if parsed.is_none() {
        faults.add(path, FaultCode::EmailInvalid, "is not an email address");
    }
    parsed
}

fn parse(address: &str, path: &str) -> Option<Email> {
    let (user, domain) = address.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    let ascii = idna::domain_to_ascii(&domain).unwrap_or_else(|_| domain.clone());
    garde::rules::email::parse_email(&format!("{user}@{ascii}")).ok()?;
    Some(Email {
        address: format!("{user}@{domain}"),
        key: format!("{}@{ascii}", user.to_lowercase()),
        path: path.to_owned(),
        label: None,
        is_primary: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_lowered_and_the_rest_kept() {
        let email = parse("Jane.Doe@EXAMPLE.com", "").expect("an address");
        assert_eq!(email.address, "Jane.Doe@example.com");
        assert_eq!(email.key, "jane.doe@example.com");
    }

    #[test]
    fn a_domain_in_its_own_script_equals_its_ascii_form() {
        let email = parse("a@Bücher.example", "").expect("an address");
        assert_eq!(email.address, "a@bücher.example");
        assert_eq!(email.key, parse("a@xn--bcher-kva.example", "").expect("an address").key);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "jane", "jane@", "@example.com", "a b@example.com", "a@b@example.com", "a@-x.com"] {
            assert_eq!(parse(text, ""), None, "{text}");
        }
    }
}

//! Email addresses: normalizing them, and the rules of a contact's list of them.

use entity::contact_email::Model;
use uuid::Uuid;

use super::{
    draft::{EmailDraft, Field},
    record::Record,
    text::{self, Lines, is_blank},
};
use crate::fault::{FaultCode, Faults};

const LONGEST: usize = 320;
/// Addresses of a contact, at most.
const MOST: usize = 20;

/// An address as it was given, normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GivenEmail {
    pub(super) address: String,
    /// What addresses are compared by: no case, the domain in its ASCII form.
    pub(super) key: String,
    /// Where in the input it was given.
    pub(super) path: String,
    /// Which address of the contact it is said to be.
    pub(super) id: Option<String>,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
}

/// Checks and normalizes the one primary address; a blank one is as null.
pub(super) fn check_one(faults: &mut Faults, given: Field<String>) -> Field<GivenEmail> {
    match given {
        Field::Omitted => Field::Omitted,
        Field::Given(address) if !is_blank(&address) => {
            normalize(faults, "email", &address).map_or(Field::Omitted, Field::Given)
        }
        Field::Null | Field::Given(_) => Field::Null,
    }
}

/// An address that is not a contact's: checked and normalized all the same.
pub(crate) fn address(faults: &mut Faults, given: Field<String>) -> Field<String> {
    match check_one(faults, given) {
        Field::Omitted => Field::Omitted,
        Field::Null => Field::Null,
        Field::Given(email) => Field::Given(email.address),
    }
}

/// Checks and normalizes a list; an address that is in it twice is one.
pub(super) fn check_list(faults: &mut Faults, given: Field<Vec<EmailDraft>>) -> Field<Vec<GivenEmail>> {
    let drafts = match given {
        Field::Omitted => return Field::Omitted,
        Field::Null => Vec::new(),
        Field::Given(drafts) => drafts,
    };
    if drafts.len() > MOST {
        faults.add("emails", FaultCode::TooMany, format!("has more than {MOST} addresses"));
    }
    let mut list: Vec<GivenEmail> = Vec::new();
    for (index, draft) in drafts.into_iter().take(MOST).enumerate() {
        let EmailDraft { id, address, label, is_primary } = draft;
        let path = format!("emails.{index}");
        if let Some(label) = &label {
            text::check(faults, &format!("{path}.label"), label, 1_024, Lines::One);
        }
        let Some(email) = normalize(faults, &format!("{path}.address"), &address) else { continue };
        let is_primary = is_primary == Some(true);
        match list.iter_mut().find(|other| other.key == email.key) {
            Some(other) => other.is_primary |= is_primary,
            None => list.push(GivenEmail { path, id, label, is_primary, ..email }),
        }
    }
    if list.iter().filter(|email| email.is_primary).count() > 1 {
        faults.add("emails", FaultCode::MultiplePrimary, "has more than one primary address");
    }
    Field::Given(list)
}

fn normalize(faults: &mut Faults, path: &str, address: &str) -> Option<GivenEmail> {
    if !text::check(faults, path, address, LONGEST, Lines::One) {
        return None;
    }
    let parsed = parse(address.trim(), path);
    if parsed.is_none() {
        faults.add(path, FaultCode::EmailInvalid, "is not an email address");
    }
    parsed
}

/// What an address compares by; text that is no address, by itself without case.
pub(super) fn key(address: &str) -> String {
    let address = address.trim();
    let parsed = (address.len() <= LONGEST * 4).then(|| parse(address, "")).flatten();
    parsed.map_or_else(|| address.to_lowercase(), |email| email.key)
}

fn parse(address: &str, path: &str) -> Option<GivenEmail> {
    let (user, domain) = address.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    let ascii = idna::domain_to_ascii(&domain).unwrap_or_else(|_| domain.clone());
    garde::rules::email::parse_email(&format!("{user}@{ascii}")).ok()?;
    Some(GivenEmail {
        address: format!("{user}@{domain}"),
        key: format!("{}@{ascii}", user.to_lowercase()),
        path: path.to_owned(),
        id: None,
        label: None,
        is_primary: false,
    })
}

/// Puts these in the place of all. An address that was there already stays the same one.
pub(super) fn replace(faults: &mut Faults, record: &mut Record, given: &[GivenEmail]) {
    let mut old = std::mem::take(&mut record.emails);
    for email in given {
        let same = match &email.id {
            Some(id) => {
                let found = old.iter().position(|row| row.id.to_string() == id.to_lowercase());
                if found.is_none() {
                    let path = format!("{}.id", email.path);
                    faults.add(&path, FaultCode::Invalid, "the contact has no email with this id");
                }
                found
            }
            None => old.iter().position(|row| row.address_key == email.key),
        };
        let id = same.map_or_else(Uuid::now_v7, |at| old.swap_remove(at).id);
        record.emails.push(row(record, id, email));
    }
    settle(faults, record, "emails");
}

/// Adds those that are not there yet.
pub(super) fn add(faults: &mut Faults, record: &mut Record, given: &[GivenEmail]) {
    for email in given {
        if email.is_primary {
            unset_primary(record);
        }
        match record.emails.iter_mut().find(|row| row.address_key == email.key) {
            Some(row) => {
                row.is_primary |= email.is_primary;
                if email.label.is_some() {
                    row.label.clone_from(&email.label);
                }
            }
            None => record.emails.push(row(record, Uuid::now_v7(), email)),
        }
    }
    settle(faults, record, "emails");
}

/// Makes an address the primary one, adding it if it is not there; the others stay.
pub(super) fn make_primary(faults: &mut Faults, record: &mut Record, given: &GivenEmail) {
    unset_primary(record);
    match record.emails.iter_mut().find(|row| row.address_key == given.key) {
        Some(row) => {
            row.is_primary = true;
            row.address.clone_from(&given.address);
        }
        None => {
            let row = Model { is_primary: true, ..row(record, Uuid::now_v7(), given) };
            record.emails.push(row);
        }
    }
    settle(faults, record, "email");
}

/// Removes the primary address; the next becomes it.
pub(super) fn remove_primary(faults: &mut Faults, record: &mut Record) {
    record.emails.retain(|email| !email.is_primary);
    settle(faults, record, "email");
}

fn unset_primary(record: &mut Record) {
    for email in &mut record.emails {
        email.is_primary = false;
    }
}

/// What holds of every list.
fn settle(faults: &mut Faults, record: &mut Record, path: &str) {
    if !record.emails.iter().any(|email| email.is_primary)
        && let Some(first) = record.emails.first_mut()
    {
        first.is_primary = true;
    }
    if record.emails.len() > MOST {
        faults.add(path, FaultCode::TooMany, format!("a contact has at most {MOST} addresses"));
    }
}

fn row(record: &Record, id: Uuid, given: &GivenEmail) -> Model {
    Model {
        org_id: record.row.org_id,
        contact_id: record.row.id,
        id,
        position: 0,
        address: given.address.clone(),
        address_key: given.key.clone(),
        // As its place, settled with the record.
        address_fold: String::new(),
        label: given.label.clone(),
        is_primary: given.is_primary,
    }
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
        assert_eq!(email.key, parse("A@xn--bcher-kva.example", "").expect("an address").key);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "jane", "jane@", "@example.com", "a b@example.com", "a@b@example.com", "a@-x.com"] {
            assert_eq!(parse(text, ""), None, "{text}");
        }
    }
}

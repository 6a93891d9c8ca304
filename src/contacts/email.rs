//! Email addresses: normalizing them, and the rules of a contact's list of them.

use entity::contact_email::Model;
use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use super::{
    apply::Lists,
    draft::{BlankEntries, EmailDraft, Field},
    record::Record,
    text::{self, Lines, is_blank},
};
use crate::{
    fault::{FaultCode, Faults},
    text::is_format,
};

const LONGEST: usize = 320;
/// Maximum bytes before the `@`.
const MAX_USER_BYTES: usize = 64;
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
pub(super) fn check_list(
    faults: &mut Faults,
    given: Field<Vec<EmailDraft>>,
    blanks: BlankEntries,
) -> Field<Vec<GivenEmail>> {
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
        if blanks == BlankEntries::LeftOut && is_blank(&address) {
            continue;
        }
        let label = label.filter(|label| !is_blank(label));
        let path = format!("emails.{index}");
        if let Some(label) = &label {
            text::check(faults, &format!("{path}.label"), label, 1_024, Lines::One);
        }
        let Some(email) = normalize(faults, &format!("{path}.address"), &address) else { continue };
        let is_primary = is_primary == Some(true);
        match list.iter_mut().find(|other| other.key == email.key) {
            Some(other) => {
                other.is_primary |= is_primary;
                other.id = other.id.take().or(id);
                other.label = other.label.take().or(label);
            }
            None => list.push(GivenEmail { path, id, label, is_primary, ..email }),
        }
    }
    if list.iter().filter(|email| email.is_primary).count() > 1 {
        faults.add("emails", FaultCode::MultiplePrimary, "has more than one primary address");
    }
    Field::Given(list)
}

fn normalize(faults: &mut Faults, path: &str, address: &str) -> Option<GivenEmail> {
    let address = address.trim();
    if !text::check(faults, path, address, LONGEST, Lines::One) {
        return None;
    }
    let parsed = parse(address, path);
    if parsed.is_none() {
        faults.add(path, FaultCode::EmailInvalid, "is not an email address, such as jane@example.com");
    }
    parsed
}

/// What an address compares by; text that is no address, by itself without case.
pub(super) fn key(address: &str) -> String {
    let address = address.trim();
    let parsed = (address.len() <= LONGEST * 4).then(|| parse(address, "")).flatten();
    parsed.map_or_else(|| lower(address), |email| email.key)
}

/// Without case and composed. Letters that only look alike in capitals stay apart, as ß and ss do:
/// they are of two mailboxes.
fn lower(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// An address in its normal form: the user composed, the domain as UTS 46 has it in Unicode.
///
/// Beside what a mail server has always taken, a user may have letters of any script (SMTPUTF8);
/// a domain may not be the number of a host.
fn parse(address: &str, path: &str) -> Option<GivenEmail> {
    let (user, domain) = address.rsplit_once('@')?;
    if address.chars().any(is_format) {
        return None;
    }
    let user: String = user.nfc().collect();
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?;
    let (domain, sound) = uts46.to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    sound.ok()?;
    // To the rules of an ASCII address, a letter of another script is a letter.
    let is_letter = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    let plain: String = user.chars().map(|c| if is_letter(c) { 'a' } else { c }).collect();
    garde::rules::email::parse_email(&format!("{plain}@{ascii}")).ok()?;
    (user.len() <= MAX_USER_BYTES).then(|| GivenEmail {
        address: format!("{user}@{domain}"),
        key: format!("{}@{ascii}", lower(&user)),
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

/// Makes an address the primary one, adding it if it is not there; the others stay. One that is to
/// be added keeps the spelling in which it is there.
pub(super) fn make_primary(faults: &mut Faults, record: &mut Record, given: &GivenEmail, lists: Lists) {
    unset_primary(record);
    match record.emails.iter_mut().find(|row| row.address_key == given.key) {
        Some(row) => {
            row.is_primary = true;
            if lists == Lists::Replace {
                row.address.clone_from(&given.address);
            }
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
    fn a_domain_has_one_form() {
        for address in [
            "a@bücher.example",
            "a@BÜCHER.example",
            "a@xn--bcher-kva.example",
            "a@XN--BCHER-KVA.Example",
            "a@bu\u{308}cher.example",
            "a@bücher\u{3002}example",
            "a@bücher\u{ff61}example",
        ] {
            let email = parse(address, "").unwrap_or_else(|| panic!("{address}"));
            assert_eq!(email.address, "a@bücher.example", "{address}");
            assert_eq!(email.key, "a@xn--bcher-kva.example", "{address}");
        }
    }

    #[test]
    fn what_is_before_the_at_may_be_of_any_script() {
        for (address, stored) in [
            ("jörg@example.com", "jörg@example.com"),
            ("jo\u{308}rg@example.com", "jörg@example.com"),
            ("用户@例子.广告", "用户@例子.广告"),
            ("अजय@डाटा.भारत", "अजय@डाटा.भारत"),
            ("o'neil+tag@sub.example.co.uk", "o'neil+tag@sub.example.co.uk"),
        ] {
            assert_eq!(parse(address, "").map(|email| email.address).as_deref(), Some(stored), "{address}");
        }
        assert_eq!(key("JÖRG@example.com"), key("jo\u{308}rg@EXAMPLE.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long_domain = format!("a@{}.com", ["x".repeat(60).as_str(); 5].join("."));
        let long_label = format!("a@{}.com", "x".repeat(64));
        for text in [
            "",
            "jane",
            "jane@",
            "@example.com",
            "a b@example.com",
            "a\u{a0}b@example.com",
            "a@b@example.com",
            "a@-x.com",
            "a@x..com",
            "a@x.com.",
            "a@.com",
            "a@[::1]",
            "a@[IPv6:::1]",
            "a@[127.0.0.1]",
            "a@exa\u{200b}mple.com",
            "a@exa\u{ad}mple.com",
            "ja\u{200d}ne@example.com",
            "\u{202e}jane@example.com",
            "a@exa_mple.com",
            "a@xn--\u{fc}.com",
            "a@xn--0.example",
            &long_domain,
            &long_label,
            &format!("{}@example.com", "ö".repeat(40)),
        ] {
            assert_eq!(parse(text, ""), None, "{text}");
        }
    }
}

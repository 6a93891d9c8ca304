//! A contact's list of email addresses: reading it from an input, and the rules of changing it.

use entity::contact_email::Model;
use uuid::Uuid;

use super::record::Record;
use crate::input::{
    email::EmailAddress,
    patch::{BlankEntries, Lists},
    problem::{ProblemCode, Problems},
    text::{self, LineBreaks, is_blank},
};

/// Maximum addresses of a contact.
const MAX_EMAILS: usize = 20;
/// Maximum characters of a label.
const MAX_LABEL_CHARS: usize = 1_024;

/// An email address of an input, as it was given.
#[derive(Clone, Debug, Default)]
pub struct EmailDraft {
    /// Id of the contact's address that it replaces; `None`: a new one.
    pub id: Option<String>,
    /// Address.
    pub address: String,
    /// Free label.
    pub label: Option<String>,
    /// True if it is to be the primary address; `None`: the other entries decide.
    pub is_primary: Option<bool>,
}

/// An email address of an input, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmailEntry {
    pub(super) email: EmailAddress,
    /// Path in the input.
    pub(super) path: String,
    /// Id of the contact's address that it replaces.
    pub(super) id: Option<String>,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
}

/// Checks the one primary address.
pub(super) fn check_one(problems: &mut Problems, address: &str) -> Option<EmailEntry> {
    let path = "email".to_owned();
    let email = EmailAddress::check(problems, &path, address)?;
    Some(EmailEntry { email, path, id: None, label: None, is_primary: false })
}

/// Checks a list. An address that is in it twice counts once.
pub(super) fn check_list(
    problems: &mut Problems,
    drafts: Vec<EmailDraft>,
    blanks: BlankEntries,
) -> Vec<EmailEntry> {
    if drafts.len() > MAX_EMAILS {
        problems.add("emails", ProblemCode::TooMany, format!("has more than {MAX_EMAILS} addresses"));
    }
    let mut list: Vec<EmailEntry> = Vec::new();
    for (index, draft) in drafts.into_iter().take(MAX_EMAILS).enumerate() {
        let EmailDraft { id, address, label, is_primary } = draft;
        if blanks == BlankEntries::LeftOut && is_blank(&address) {
            continue;
        }
        let label = label.filter(|label| !is_blank(label));
        let path = format!("emails.{index}");
        if let Some(label) = &label {
            text::check(problems, &format!("{path}.label"), label, MAX_LABEL_CHARS, LineBreaks::Refused);
        }
        let Some(email) = EmailAddress::check(problems, &format!("{path}.address"), &address) else {
            continue;
        };
        let is_primary = is_primary == Some(true);
        match list.iter_mut().find(|other| other.email.key == email.key) {
            Some(other) => {
                other.is_primary |= is_primary;
                other.id = other.id.take().or(id);
                other.label = other.label.take().or(label);
            }
            None => list.push(EmailEntry { email, path, id, label, is_primary }),
        }
    }
    if list.iter().filter(|entry| entry.is_primary).count() > 1 {
        problems.add("emails", ProblemCode::MultiplePrimary, "has more than one primary address");
    }
    list
}

/// Replaces all addresses. One that the contact has already keeps its id.
pub(super) fn replace(problems: &mut Problems, record: &mut Record, given: &[EmailEntry]) {
    let mut old = std::mem::take(&mut record.emails);
    for entry in given {
        let same = match &entry.id {
            Some(id) => {
                let found = old.iter().position(|row| row.id.to_string() == id.to_lowercase());
                if found.is_none() {
                    let path = format!("{}.id", entry.path);
                    problems.add(
                        &path,
                        ProblemCode::Invalid,
                        "is not the id of an email of this contact. Leave it out to add an address",
                    );
                }
                found
            }
            None => old.iter().position(|row| row.address_key == entry.email.key),
        };
        let id = same.map_or_else(Uuid::now_v7, |at| old.swap_remove(at).id);
        record.emails.push(row(record, id, entry));
    }
    settle(problems, record, "emails");
}

/// Adds the addresses that the contact does not have yet.
pub(super) fn add(problems: &mut Problems, record: &mut Record, given: &[EmailEntry]) {
    for entry in given {
        if entry.is_primary {
            unset_primary(record);
        }
        match record.emails.iter_mut().find(|row| row.address_key == entry.email.key) {
            Some(row) => {
                row.is_primary |= entry.is_primary;
                if entry.label.is_some() {
                    row.label.clone_from(&entry.label);
                }
            }
            None => record.emails.push(row(record, Uuid::now_v7(), entry)),
        }
    }
    settle(problems, record, "emails");
}

/// Makes an address the primary one, adding it if the contact does not have it; the others stay. A known
/// address keeps its spelling with [`Lists::Add`].
pub(super) fn make_primary(problems: &mut Problems, record: &mut Record, given: &EmailEntry, lists: Lists) {
    unset_primary(record);
    match record.emails.iter_mut().find(|row| row.address_key == given.email.key) {
        Some(row) => {
            row.is_primary = true;
            if lists == Lists::Replace {
                row.address.clone_from(&given.email.address);
            }
        }
        None => {
            let row = Model { is_primary: true, ..row(record, Uuid::now_v7(), given) };
            record.emails.push(row);
        }
    }
    settle(problems, record, "email");
}

/// Removes the primary address; the next becomes it.
pub(super) fn remove_primary(problems: &mut Problems, record: &mut Record) {
    record.emails.retain(|email| !email.is_primary);
    settle(problems, record, "email");
}

fn unset_primary(record: &mut Record) {
    for email in &mut record.emails {
        email.is_primary = false;
    }
}

/// Restores the rules of every list: one primary address, and the maximum number.
fn settle(problems: &mut Problems, record: &mut Record, path: &str) {
    if !record.emails.iter().any(|email| email.is_primary)
        && let Some(first) = record.emails.first_mut()
    {
        first.is_primary = true;
    }
    if record.emails.len() > MAX_EMAILS {
        let message = format!("would give the contact more than {MAX_EMAILS} addresses");
        problems.add(path, ProblemCode::TooMany, message);
    }
}

/// Returns a row for an address of the input.
fn row(record: &Record, id: Uuid, given: &EmailEntry) -> Model {
    Model {
        org_id: record.row.org_id,
        contact_id: record.row.id,
        id,
        position: 0,
        address: given.email.address.clone(),
        address_key: given.email.key.clone(),
        // Set when the record is settled, as the position is.
        address_fold: String::new(),
        label: given.label.clone(),
        is_primary: given.is_primary,
    }
}

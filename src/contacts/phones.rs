//! A contact's list of phone numbers, and the rules of changing it.

mod entry;

use entity::contact_phone::{Model, PhoneType};
use uuid::Uuid;

use self::entry::MAX_PHONES;
pub use self::entry::PhoneDraft;
pub(super) use self::entry::{PhoneEntry, check_list, check_one, check_whatsapp};
use super::record::Record;
use crate::input::problem::{ProblemCode, Problems};

/// Replaces all numbers. One that the contact has already keeps its id.
pub(super) fn replace(problems: &mut Problems, record: &mut Record, given: &[PhoneEntry]) {
    let mut old = std::mem::take(&mut record.phones);
    for phone in given {
        let same = match &phone.id {
            Some(id) => {
                let found = old.iter().position(|row| row.id.to_string() == id.to_lowercase());
                if found.is_none() {
                    let path = format!("{}.id", phone.path);
                    problems.add(
                        &path,
                        ProblemCode::Invalid,
                        "is not the id of a phone of this contact. Leave it out to add a number",
                    );
                }
                found
            }
            None => find(&old, phone),
        };
        let old = same.map(|at| old.swap_remove(at));
        let mut row = row(record, old.as_ref().map_or_else(Uuid::now_v7, |old| old.id), phone);
        // The input has no field for the extension. A caller that sends a number back as it was read
        // must not lose it.
        let old = old.filter(|old| old.number == row.number);
        row.extension = row.extension.or_else(|| old?.extension);
        record.phones.push(row);
    }
    // In a whole list the first number becomes primary even if it is the WhatsApp number, which `settle`
    // would not choose.
    if !record.phones.iter().any(|phone| phone.is_primary)
        && let Some(first) = record.phones.first_mut()
    {
        first.is_primary = true;
    }
    settle(problems, record, "phones");
}

/// Adds the numbers that the contact does not have yet. A flag that is given is set, and none is
/// removed.
pub(super) fn add(problems: &mut Problems, record: &mut Record, given: &[PhoneEntry]) {
    for phone in given {
        if phone.is_primary {
            unset_primary(record);
        }
        match find_mut(&mut record.phones, phone) {
            Some(row) => {
                row.is_primary |= phone.is_primary;
                row.is_whatsapp |= phone.is_whatsapp;
                row.do_not_call |= phone.do_not_call;
                extend(row, phone);
                if phone.label.is_some() {
                    row.label.clone_from(&phone.label);
                }
                if phone.kind != PhoneType::Other {
                    row.kind = phone.kind;
                }
            }
            None => {
                let row = row(record, Uuid::now_v7(), phone);
                record.phones.push(row);
            }
        }
    }
    settle(problems, record, "phones");
}

/// Makes a number the primary one, adding it if the contact does not have it; the others stay.
pub(super) fn make_primary(problems: &mut Problems, record: &mut Record, given: &PhoneEntry) {
    unset_primary(record);
    match find_mut(&mut record.phones, given) {
        Some(row) => {
            row.is_primary = true;
            extend(row, given);
        }
        None => {
            let row = Model { is_primary: true, ..row(record, Uuid::now_v7(), given) };
            record.phones.push(row);
        }
    }
    settle(problems, record, "phone");
}

/// Removes the primary number; the next becomes it.
pub(super) fn remove_primary(problems: &mut Problems, record: &mut Record) {
    record.phones.retain(|phone| !phone.is_primary);
    settle(problems, record, "phone");
}

/// Flags a number for WhatsApp, adding it if the contact does not have it, and unflags the previous one.
/// A number that is nothing but the previous WhatsApp number is removed.
pub(super) fn set_whatsapp(problems: &mut Problems, record: &mut Record, given: Option<&PhoneEntry>) {
    let number = given.map(|given| given.number.as_str());
    // Else every change of the WhatsApp number would leave the previous one behind.
    record.phones.retain(|phone| {
        let is_nothing_else = !phone.is_primary
            && phone.label.is_none()
            && (phone.kind == PhoneType::Other || is_mobile_by_notation(phone))
            && !phone.do_not_call;
        !(phone.is_whatsapp && is_nothing_else && Some(phone.number.as_str()) != number)
    });
    for phone in &mut record.phones {
        // Another number that the same input flags stays flagged, which `settle` reports.
        phone.is_whatsapp &=
            Some(phone.number.as_str()) == number || record.flagged_whatsapp.contains(&phone.id);
    }
    if let Some(given) = given {
        match find_mut(&mut record.phones, given) {
            Some(row) => {
                row.is_whatsapp = true;
                extend(row, given);
            }
            None => {
                let row = Model { is_whatsapp: true, ..row(record, Uuid::now_v7(), given) };
                record.phones.push(row);
            }
        }
    }
    settle(problems, record, "whatsappNumber");
}

/// Returns the index of the number's row, preferably of one with the same extension.
fn find(rows: &[Model], given: &PhoneEntry) -> Option<usize> {
    let exact = |row: &Model| row.number == given.number && row.extension == given.extension;
    let same = |row: &Model| given.is_same(&row.number, row.extension.as_deref());
    rows.iter().position(exact).or_else(|| rows.iter().position(same))
}

fn find_mut<'a>(rows: &'a mut [Model], given: &PhoneEntry) -> Option<&'a mut Model> {
    find(rows, given).and_then(|at| rows.get_mut(at))
}

/// Adds the extension and the kind that an input knows of a number.
fn extend(row: &mut Model, given: &PhoneEntry) {
    if given.extension.is_some() {
        row.extension.clone_from(&given.extension);
    }
    if given.is_mobile && row.kind == PhoneType::Other {
        row.kind = PhoneType::Mobile;
    }
}

/// Returns true if the kind may come from the notation alone, as WhatsApp writes the numbers of Mexico and
/// Argentina. Then nobody has set it.
fn is_mobile_by_notation(row: &Model) -> bool {
    row.kind == PhoneType::Mobile && ["+52", "+54"].iter().any(|code| row.number.starts_with(code))
}

fn unset_primary(record: &mut Record) {
    for phone in &mut record.phones {
        phone.is_primary = false;
    }
}

/// Restores the rules of every list: a primary number, at most one for WhatsApp, and the maximum number.
/// A number for WhatsApp does not become primary by itself.
fn settle(problems: &mut Problems, record: &mut Record, path: &str) {
    if !record.phones.iter().any(|phone| phone.is_primary)
        && let Some(next) = record.phones.iter_mut().find(|phone| !phone.is_whatsapp)
    {
        next.is_primary = true;
    }
    if record.phones.iter().filter(|phone| phone.is_whatsapp).count() > 1 {
        problems.add(
            path,
            ProblemCode::MultipleWhatsapp,
            "would give the contact more than one WhatsApp number",
        );
    }
    if record.phones.len() > MAX_PHONES {
        let message = format!("would give the contact more than {MAX_PHONES} numbers");
        problems.add(path, ProblemCode::TooMany, message);
    }
}

/// Returns a row for a number of the input.
fn row(record: &mut Record, id: Uuid, given: &PhoneEntry) -> Model {
    if given.is_whatsapp {
        record.flagged_whatsapp.push(id);
    }
    Model {
        org_id: record.row.org_id,
        contact_id: record.row.id,
        id,
        // Set when the record is settled.
        position: 0,
        number: given.number.clone(),
        extension: given.extension.clone(),
        kind: if given.is_mobile && given.kind == PhoneType::Other { PhoneType::Mobile } else { given.kind },
        label: given.label.clone(),
        is_primary: given.is_primary,
        is_whatsapp: given.is_whatsapp,
        do_not_call: given.do_not_call,
    }
}

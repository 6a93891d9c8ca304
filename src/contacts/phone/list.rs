//! A contact's list of numbers, and what can be done to it.

use entity::contact_phone::{Model, PhoneType};
use uuid::Uuid;

use super::{GivenPhone, MOST};
use crate::{
    contacts::record::Record,
    fault::{FaultCode, Faults},
};

/// Puts these in the place of all. A number that was there already stays the same one.
pub(in crate::contacts) fn replace(faults: &mut Faults, record: &mut Record, given: &[GivenPhone]) {
    let mut old = std::mem::take(&mut record.phones);
    for phone in given {
        let same = match &phone.id {
            Some(id) => {
                let found = old.iter().position(|row| row.id.to_string() == id.to_lowercase());
                if found.is_none() {
                    let path = format!("{}.id", phone.path);
                    faults.add(&path, FaultCode::Invalid, "the contact has no phone with this id");
                }
                found
            }
            None => find(&old, phone),
        };
        let old = same.map(|at| old.swap_remove(at));
        let mut row = row(record, old.as_ref().map_or_else(Uuid::now_v7, |old| old.id), phone);
        // It has no field of its own in the input: who sends a number back as it was read keeps it.
        let old = old.filter(|old| old.number == row.number);
        row.extension = row.extension.or_else(|| old?.extension);
        record.phones.push(row);
    }
    if !record.phones.iter().any(|phone| phone.is_primary)
        && let Some(first) = record.phones.first_mut()
    {
        first.is_primary = true;
    }
    settle(faults, record, "phones");
}

/// Adds those that are not there yet; a flag that is given is set, none is taken away.
pub(in crate::contacts) fn add(faults: &mut Faults, record: &mut Record, given: &[GivenPhone]) {
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
    settle(faults, record, "phones");
}

/// Makes a number the primary one, adding it if it is not there; the others stay.
pub(in crate::contacts) fn make_primary(faults: &mut Faults, record: &mut Record, given: &GivenPhone) {
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
    settle(faults, record, "phone");
}

/// Removes the primary number; the next becomes it.
pub(in crate::contacts) fn remove_primary(faults: &mut Faults, record: &mut Record) {
    record.phones.retain(|phone| !phone.is_primary);
    settle(faults, record, "phone");
}

/// Flags a number, adding it if it is not there, and unflags the one before. A number that is
/// nothing but the WhatsApp number goes when it no longer is.
pub(in crate::contacts) fn set_whatsapp(
    faults: &mut Faults,
    record: &mut Record,
    given: Option<&GivenPhone>,
) {
    let number = given.map(|given| given.number.as_str());
    record.phones.retain(|phone| {
        let bare = !phone.is_primary
            && phone.label.is_none()
            && (phone.kind == PhoneType::Other || is_mobile_by_notation(phone))
            && !phone.do_not_call;
        !(phone.is_whatsapp && bare && Some(phone.number.as_str()) != number)
    });
    for phone in &mut record.phones {
        // Another that was flagged in the same input stays flagged, and is a fault.
        phone.is_whatsapp &=
            Some(phone.number.as_str()) == number || record.fresh_whatsapp.contains(&phone.id);
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
    settle(faults, record, "whatsappNumber");
}

/// The row of the number, best with the same extension.
fn find(rows: &[Model], given: &GivenPhone) -> Option<usize> {
    let exact = |row: &Model| row.number == given.number && row.extension == given.extension;
    let same = |row: &Model| given.is_same(&row.number, row.extension.as_deref());
    rows.iter().position(exact).or_else(|| rows.iter().position(same))
}

fn find_mut<'a>(rows: &'a mut [Model], given: &GivenPhone) -> Option<&'a mut Model> {
    find(rows, given).and_then(|at| rows.get_mut(at))
}

fn extend(row: &mut Model, given: &GivenPhone) {
    if given.extension.is_some() {
        row.extension.clone_from(&given.extension);
    }
    if given.is_mobile && row.kind == PhoneType::Other {
        row.kind = PhoneType::Mobile;
    }
}

/// Whether its type may be known from nothing but how the number was written, as WhatsApp writes
/// those of Mexico and Argentina.
fn is_mobile_by_notation(row: &Model) -> bool {
    row.kind == PhoneType::Mobile && ["+52", "+54"].iter().any(|code| row.number.starts_with(code))
}

fn unset_primary(record: &mut Record) {
    for phone in &mut record.phones {
        phone.is_primary = false;
    }
}

/// What holds of every list. A number that is only for WhatsApp is not made primary by itself.
fn settle(faults: &mut Faults, record: &mut Record, path: &str) {
    if !record.phones.iter().any(|phone| phone.is_primary)
        && let Some(next) = record.phones.iter_mut().find(|phone| !phone.is_whatsapp)
    {
        next.is_primary = true;
    }
    if record.phones.iter().filter(|phone| phone.is_whatsapp).count() > 1 {
        faults.add(path, FaultCode::MultipleWhatsapp, "a contact has at most one WhatsApp number");
    }
    if record.phones.len() > MOST {
        faults.add(path, FaultCode::TooMany, format!("a contact has at most {MOST} numbers"));
    }
}

fn row(record: &mut Record, id: Uuid, given: &GivenPhone) -> Model {
    if given.is_whatsapp {
        record.fresh_whatsapp.push(id);
    }
    Model {
        org_id: record.row.org_id,
        contact_id: record.row.id,
        id,
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

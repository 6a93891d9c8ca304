//! A contact's list of phone numbers: reading it from an input, and the rules of changing it.

use entity::{
    contact_phone::{Model, PhoneType},
    organization::PhoneFormat,
};
use uuid::Uuid;

use super::record::Record;
use crate::input::{
    patch::BlankEntries,
    phone::{self, KeptNumber, Notation},
    problem::{ProblemCode, Problems},
    text::{self, LineBreaks, is_blank},
};

/// Maximum numbers of a contact.
const MAX_PHONES: usize = 20;
/// Maximum characters of a label.
const MAX_LABEL_CHARS: usize = 1_024;

/// A phone number as it was given.
#[derive(Clone, Debug, Default)]
pub struct PhoneDraft {
    /// Id of the contact's number that it replaces; `None`: a new one.
    pub id: Option<String>,
    /// The number in any notation.
    pub number: String,
    /// What it is used for.
    pub kind: PhoneType,
    /// A free label.
    pub label: Option<String>,
    /// True if it is to be the primary number; `None`: the other entries decide.
    pub is_primary: Option<bool>,
    /// True if WhatsApp reaches it.
    pub is_whatsapp: bool,
    /// True if it must not be called.
    pub do_not_call: bool,
}

/// A number of an input, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks of a number")]
pub(super) struct PhoneEntry {
    pub(super) number: String,
    pub(super) extension: Option<String>,
    /// Its place in the input.
    pub(super) path: String,
    /// Id of the contact's number that it replaces.
    pub(super) id: Option<String>,
    pub(super) kind: PhoneType,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
    pub(super) is_whatsapp: bool,
    pub(super) do_not_call: bool,
    /// True if its notation said that it is a mobile phone's.
    pub(super) is_mobile: bool,
}

/// Checks the one primary number.
pub(super) fn check_one(problems: &mut Problems, number: &str, notation: Notation) -> Option<PhoneEntry> {
    phone::check(problems, "phone", number, notation).map(|kept| PhoneEntry::new(kept, "phone"))
}

/// Checks the WhatsApp number, which is always kept in E.164.
pub(super) fn check_whatsapp(
    problems: &mut Problems,
    number: &str,
    notation: Notation,
) -> Option<PhoneEntry> {
    const PATH: &str = "whatsappNumber";
    let notation = Notation { format: PhoneFormat::E164Required, ..notation };
    phone::check(problems, PATH, number, notation).map(|kept| PhoneEntry::new(kept, PATH))
}

/// Checks a list. A number that it holds twice counts once, with all that is said of either.
pub(super) fn check_list(
    problems: &mut Problems,
    drafts: Vec<PhoneDraft>,
    notation: Notation,
    blanks: BlankEntries,
) -> Vec<PhoneEntry> {
    if drafts.len() > MAX_PHONES {
        problems.add("phones", ProblemCode::TooMany, format!("has more than {MAX_PHONES} numbers"));
    }
    let mut list: Vec<PhoneEntry> = Vec::new();
    for (index, draft) in drafts.into_iter().take(MAX_PHONES).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&draft.number) {
            continue;
        }
        let Some(entry) = check_entry(problems, index, draft, notation) else { continue };
        match list.iter_mut().find(|other| other.is_same(&entry.number, entry.extension.as_deref())) {
            Some(other) => other.merge(entry),
            None => list.push(entry),
        }
    }
    if list.iter().filter(|entry| entry.is_primary).count() > 1 {
        problems.add("phones", ProblemCode::MultiplePrimary, "has more than one primary number");
    }
    list
}

fn check_entry(
    problems: &mut Problems,
    index: usize,
    draft: PhoneDraft,
    notation: Notation,
) -> Option<PhoneEntry> {
    let PhoneDraft { id, number, kind, label, is_primary, is_whatsapp, do_not_call } = draft;
    let path = format!("phones.{index}");
    let label = label.filter(|label| !is_blank(label));
    if let Some(label) = &label {
        text::check(problems, &format!("{path}.label"), label, MAX_LABEL_CHARS, LineBreaks::Refused);
    }
    let format = if is_whatsapp { PhoneFormat::E164Required } else { notation.format };
    let kept = phone::check(problems, &format!("{path}.number"), &number, Notation { format, ..notation })?;
    let is_primary = is_primary == Some(true);
    Some(PhoneEntry { id, kind, label, is_primary, is_whatsapp, do_not_call, ..PhoneEntry::new(kept, &path) })
}

impl PhoneEntry {
    /// Creates an entry that says nothing but the number. Its path in a list is the list entry's.
    fn new(kept: KeptNumber, path: &str) -> Self {
        let KeptNumber { number, extension, is_mobile } = kept;
        Self {
            number,
            extension,
            is_mobile,
            path: path.to_owned(),
            id: None,
            kind: PhoneType::Other,
            label: None,
            is_primary: false,
            is_whatsapp: false,
            do_not_call: false,
        }
    }

    /// Returns true if it is this number. One without an extension may be any of those with one.
    pub(super) fn is_same(&self, number: &str, extension: Option<&str>) -> bool {
        let own = self.extension.as_deref();
        self.number == number && (own.is_none() || extension.is_none() || own == extension)
    }

    /// Adds what another entry says of the same number.
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

/// Puts these in the place of all. A number that was there already stays the same one.
pub(super) fn replace(problems: &mut Problems, record: &mut Record, given: &[PhoneEntry]) {
    let mut old = std::mem::take(&mut record.phones);
    for phone in given {
        let same = match &phone.id {
            Some(id) => {
                let found = old.iter().position(|row| row.id.to_string() == id.to_lowercase());
                if found.is_none() {
                    let path = format!("{}.id", phone.path);
                    problems.add(&path, ProblemCode::Invalid, "the contact has no phone with this id");
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
    settle(problems, record, "phones");
}

/// Adds those that are not there yet; a flag that is given is set, none is taken away.
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

/// Makes a number the primary one, adding it if it is not there; the others stay.
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

/// Flags a number, adding it if it is not there, and unflags the one before. A number that is
/// nothing but the WhatsApp number goes when it no longer is.
pub(super) fn set_whatsapp(problems: &mut Problems, record: &mut Record, given: Option<&PhoneEntry>) {
    let number = given.map(|given| given.number.as_str());
    record.phones.retain(|phone| {
        let bare = !phone.is_primary
            && phone.label.is_none()
            && (phone.kind == PhoneType::Other || is_mobile_by_notation(phone))
            && !phone.do_not_call;
        !(phone.is_whatsapp && bare && Some(phone.number.as_str()) != number)
    });
    for phone in &mut record.phones {
        // Another that was flagged in the same input stays flagged, and is a problem.
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
    settle(problems, record, "whatsappNumber");
}

/// The row of the number, best with the same extension.
fn find(rows: &[Model], given: &PhoneEntry) -> Option<usize> {
    let exact = |row: &Model| row.number == given.number && row.extension == given.extension;
    let same = |row: &Model| given.is_same(&row.number, row.extension.as_deref());
    rows.iter().position(exact).or_else(|| rows.iter().position(same))
}

fn find_mut<'a>(rows: &'a mut [Model], given: &PhoneEntry) -> Option<&'a mut Model> {
    find(rows, given).and_then(|at| rows.get_mut(at))
}

fn extend(row: &mut Model, given: &PhoneEntry) {
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
fn settle(problems: &mut Problems, record: &mut Record, path: &str) {
    if !record.phones.iter().any(|phone| phone.is_primary)
        && let Some(next) = record.phones.iter_mut().find(|phone| !phone.is_whatsapp)
    {
        next.is_primary = true;
    }
    if record.phones.iter().filter(|phone| phone.is_whatsapp).count() > 1 {
        problems.add(path, ProblemCode::MultipleWhatsapp, "a contact has at most one WhatsApp number");
    }
    if record.phones.len() > MAX_PHONES {
        problems.add(path, ProblemCode::TooMany, format!("a contact has at most {MAX_PHONES} numbers"));
    }
}

fn row(record: &mut Record, id: Uuid, given: &PhoneEntry) -> Model {
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

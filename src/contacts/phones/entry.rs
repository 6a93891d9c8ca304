//! Phone numbers of an input: reading and checking them.

use entity::{contact_phone::PhoneType, organization::PhoneFormat};

use crate::input::{
    patch::BlankEntries,
    phone::{self, KeptNumber, Notation},
    problem::{ProblemCode, Problems},
    text::{self, LineBreaks, is_blank},
};

/// Maximum numbers of a contact.
pub(super) const MAX_PHONES: usize = 20;
/// Maximum characters of a label.
const MAX_LABEL_CHARS: usize = 1_024;

/// A phone number of an input, as it was given.
#[derive(Clone, Debug, Default)]
pub struct PhoneDraft {
    /// Id of the contact's number that it replaces; `None`: a new one.
    pub id: Option<String>,
    /// Number, in any notation.
    pub number: String,
    /// Kind of phone.
    pub kind: PhoneType,
    /// Free label.
    pub label: Option<String>,
    /// True if it is to be the primary number; `None`: the other entries decide.
    pub is_primary: Option<bool>,
    /// True if WhatsApp reaches it.
    pub is_whatsapp: bool,
    /// True if it must not be called.
    pub do_not_call: bool,
}

/// A phone number of an input, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags of a number")]
pub(in crate::contacts) struct PhoneEntry {
    pub(in crate::contacts) number: String,
    pub(in crate::contacts) extension: Option<String>,
    /// Path in the input.
    pub(in crate::contacts) path: String,
    /// Id of the contact's number that it replaces.
    pub(in crate::contacts) id: Option<String>,
    pub(in crate::contacts) kind: PhoneType,
    pub(in crate::contacts) label: Option<String>,
    pub(in crate::contacts) is_primary: bool,
    pub(in crate::contacts) is_whatsapp: bool,
    pub(in crate::contacts) do_not_call: bool,
    /// True if its notation shows that it is a mobile phone's, as WhatsApp writes those of Mexico and
    /// Argentina.
    pub(in crate::contacts) is_mobile: bool,
}

/// Checks the one primary number.
pub(in crate::contacts) fn check_one(
    problems: &mut Problems,
    number: &str,
    notation: Notation,
) -> Option<PhoneEntry> {
    phone::check(problems, "phone", number, notation).map(|kept| PhoneEntry::new(kept, "phone"))
}

/// Checks the WhatsApp number, which is always kept in E.164.
pub(in crate::contacts) fn check_whatsapp(
    problems: &mut Problems,
    number: &str,
    notation: Notation,
) -> Option<PhoneEntry> {
    const PATH: &str = "whatsappNumber";
    let notation = Notation { format: PhoneFormat::E164Required, ..notation };
    phone::check(problems, PATH, number, notation).map(|kept| PhoneEntry::new(kept, PATH))
}

/// Checks a list. A number that is in it twice counts once, with the flags and labels of both.
pub(in crate::contacts) fn check_list(
    problems: &mut Problems,
    drafts: Vec<PhoneDraft>,
    notation: Notation,
    blanks: BlankEntries,
) -> Vec<PhoneEntry> {
    if drafts.len() > MAX_PHONES {
        problems.add("phones", ProblemCode::TooMany, format!("has more than {MAX_PHONES} numbers"));
    }
    let mut list: Vec<PhoneEntry> = Vec::new();
    // The entries beyond the maximum are not checked, so that the list is one problem and not hundreds.
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
    // WhatsApp knows a number in E.164 only.
    let format = if is_whatsapp { PhoneFormat::E164Required } else { notation.format };
    let kept = phone::check(problems, &format!("{path}.number"), &number, Notation { format, ..notation })?;
    let is_primary = is_primary == Some(true);
    Some(PhoneEntry { id, kind, label, is_primary, is_whatsapp, do_not_call, ..PhoneEntry::new(kept, &path) })
}

impl PhoneEntry {
    /// Creates an entry of nothing but the number. Its path in a list is the list entry's.
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

    /// Returns true if it is this number. A number without an extension is the same as one with any.
    pub(in crate::contacts) fn is_same(&self, number: &str, extension: Option<&str>) -> bool {
        let own = self.extension.as_deref();
        self.number == number && (own.is_none() || extension.is_none() || own == extension)
    }

    /// Adds the flags, label and extension of another entry with the same number.
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

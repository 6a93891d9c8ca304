//! Entries of a contact's lists, as inputs: phone numbers and email addresses.

use async_graphql::{ID, InputObject};

use crate::{
    contacts::{EmailDraft, PhoneDraft},
    graphql::contact::details::PhoneType,
};

/// A phone number of a contact. If none is primary, the first becomes primary. Two primaries are an error.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactPhoneInput {
    /// Id of one of the contact's numbers, to change that one. Without it, a number that the contact has
    /// already stays the same one, and any other is new.
    id: Option<ID>,
    /// Number in any notation, `tel:` links included; national numbers are read by the policy's
    /// `defaultPhoneRegion`. An extension (`x12`, `;ext=12`) is stored separately.
    number: String,
    /// Kind of phone.
    #[graphql(name = "type", default_with = "Some(PhoneType::Other)")]
    kind: Option<PhoneType>,
    /// Free label, e.g. `Front desk`; at most 1,024 characters.
    label: Option<String>,
    /// True: the primary number. Null or omitted: decided by the other entries.
    is_primary: Option<bool>,
    /// True: the WhatsApp number. It is always stored in E.164, whatever the policy.
    #[graphql(default_with = "Some(false)")]
    is_whatsapp: Option<bool>,
    /// True: the number must not be called.
    #[graphql(default_with = "Some(false)")]
    do_not_call: Option<bool>,
}

/// An email address of a contact. If none is primary, the first becomes primary. Two primaries are an
/// error.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactEmailInput {
    /// Id of one of the contact's addresses, to change that one. Without it, an address that the contact
    /// has already stays the same one, and any other is new.
    id: Option<ID>,
    /// Address of at most 320 characters, in any script; the domain in Unicode or in its ASCII form.
    address: String,
    /// Free label, e.g. `Billing`; at most 1,024 characters.
    label: Option<String>,
    /// True: the primary address. Null or omitted: decided by the other entries.
    is_primary: Option<bool>,
}

impl From<ContactPhoneInput> for PhoneDraft {
    fn from(input: ContactPhoneInput) -> Self {
        let ContactPhoneInput { id, number, kind, label, is_primary, is_whatsapp, do_not_call } = input;
        Self {
            id: id.map(|id| id.0),
            number,
            kind: kind.unwrap_or(PhoneType::Other).into(),
            label,
            is_primary,
            is_whatsapp: is_whatsapp.unwrap_or(false),
            do_not_call: do_not_call.unwrap_or(false),
        }
    }
}

impl From<ContactEmailInput> for EmailDraft {
    fn from(input: ContactEmailInput) -> Self {
        let ContactEmailInput { id, address, label, is_primary } = input;
        Self { id: id.map(|id| id.0), address, label, is_primary }
    }
}

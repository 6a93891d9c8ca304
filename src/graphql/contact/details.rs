//! Lists of a contact: phone numbers, email addresses, tags, assignees.

use async_graphql::{Description, Enum, ID, Object};
use entity::{contact_assignee, contact_email, contact_phone, user};
use uuid::Uuid;

use crate::{
    error::DatabaseError,
    graphql::{error::ApiResult, loaders::Loaders, user::User},
    input::phone,
};

/// Kind of phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contact_phone::PhoneType")]
pub(in crate::graphql) enum PhoneType {
    /// A mobile phone.
    Mobile,
    /// A phone at work.
    Work,
    /// A phone at home.
    Home,
    /// The main line of a company.
    Main,
    /// A fax machine.
    Fax,
    /// Any other kind; `label` may name it. The default.
    Other,
}

/// A phone number of a contact.
#[derive(Description)]
pub(in crate::graphql) struct ContactPhone(contact_phone::Model);

impl ContactPhone {
    pub(super) fn new(row: contact_phone::Model) -> Self {
        Self(row)
    }
}

#[Object(use_type_description)]
impl ContactPhone {
    /// Id of the number. It stays the same while the contact has the number.
    async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// Number in E.164, e.g. `+14165550100`; the text as it was given if it cannot be parsed and the policy
    /// allows that. Mexican and Argentine numbers are without the digit (1, 9) that marks a mobile phone.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// Extension: the digits to dial after the number, without a prefix.
    async fn extension(&self) -> Option<&str> {
        self.0.extension.as_deref()
    }
    /// Kind of phone.
    #[graphql(name = "type")]
    async fn kind(&self) -> PhoneType {
        self.0.kind.into()
    }
    /// Free label, e.g. `Front desk`.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }
    /// True if it is the contact's `phone`. Exactly one number is, unless the contact has no number but the WhatsApp number.
    async fn is_primary(&self) -> bool {
        self.0.is_primary
    }
    /// True if it is the contact's `whatsappNumber`. At most one number is.
    async fn is_whatsapp(&self) -> bool {
        self.0.is_whatsapp
    }
    /// True if the number must not be called.
    async fn do_not_call(&self) -> bool {
        self.0.do_not_call
    }
    /// International notation for people, e.g. `+1 416-555-0100`. A mobile phone in Argentina is written with
    /// the 9 that is dialled from abroad.
    async fn formatted(&self) -> String {
        let is_mobile = self.0.kind == contact_phone::PhoneType::Mobile || self.0.is_whatsapp;
        phone::formatted(&self.0.number, is_mobile)
    }
    /// True if the number is valid in the numbering plan of its country. This is information only: no number
    /// is refused because of it.
    async fn is_valid(&self) -> bool {
        phone::is_valid(&self.0.number)
    }
}

/// An email address of a contact.
#[derive(Description)]
pub(in crate::graphql) struct ContactEmail(contact_email::Model);

impl ContactEmail {
    pub(super) fn new(row: contact_email::Model) -> Self {
        Self(row)
    }
}

#[Object(use_type_description)]
impl ContactEmail {
    /// Id of the address. It stays the same while the contact has the address.
    async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// Address, with its domain in lower case and in Unicode.
    async fn address(&self) -> &str {
        &self.0.address
    }
    /// Free label, e.g. `Billing`.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }
    /// True if it is the contact's `email`. Exactly one address is.
    async fn is_primary(&self) -> bool {
        self.0.is_primary
    }
}

/// Reads the stored tag names.
pub(super) fn tags(json: &str) -> ApiResult<Vec<String>> {
    let tags = serde_json::from_str(json)
        .map_err(|_| DatabaseError::internal("reading tags", "they are not a list of texts"))?;
    Ok(tags)
}

/// Returns the users assigned to a contact, without deleted ones.
pub(super) async fn assignees(loaders: &Loaders, contact_id: Uuid) -> ApiResult<Vec<User>> {
    let rows = loaders.by_owner::<contact_assignee::Entity>(contact_id).await?;
    let users = loaders.by_ids::<user::Entity>(rows.iter().map(|row| row.user_id)).await?;
    Ok(users.into_iter().map(User::new).collect())
}

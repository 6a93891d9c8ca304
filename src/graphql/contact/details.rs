//! What belongs to a contact: numbers, addresses, tags, assignees.

use async_graphql::{Description, Enum, ID, Object};
use entity::{contact_assignee, contact_email, contact_phone, user};
use uuid::Uuid;

use crate::{
    error::DatabaseError,
    graphql::{error::ApiResult, loaders::Loaders, user::User},
    input::phone,
};

/// What a number is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contact_phone::PhoneType")]
pub(in crate::graphql) enum PhoneType {
    /// A mobile phone.
    Mobile,
    /// At work.
    Work,
    /// At home.
    Home,
    /// The main line.
    Main,
    /// A fax machine.
    Fax,
    /// Anything else; `label` may say what. The default.
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
    /// Stays the same while the number stays with the contact.
    async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// E.164, e.g. `+14165550100`; the text as given when it cannot be parsed and the policy
    /// allows that. Mexican and Argentine numbers are without the digit (1, 9) that marks a mobile
    /// phone.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// Digits to dial after the number, without a prefix.
    async fn extension(&self) -> Option<&str> {
        self.0.extension.as_deref()
    }
    /// What it is used for.
    #[graphql(name = "type")]
    async fn kind(&self) -> PhoneType {
        self.0.kind.into()
    }
    /// Free label, e.g. `Front desk`.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }
    /// Whether it is the contact's `phone`; one number is, unless there is only a WhatsApp number.
    async fn is_primary(&self) -> bool {
        self.0.is_primary
    }
    /// Whether it is the contact's `whatsappNumber`; at most one is.
    async fn is_whatsapp(&self) -> bool {
        self.0.is_whatsapp
    }
    /// Whether it must not be called.
    async fn do_not_call(&self) -> bool {
        self.0.do_not_call
    }
    /// International, for people, e.g. `+1 416-555-0100`. A mobile phone in Argentina is written
    /// with the 9 that it is called by from abroad.
    async fn formatted(&self) -> String {
        let is_mobile = self.0.kind == contact_phone::PhoneType::Mobile || self.0.is_whatsapp;
        phone::formatted(&self.0.number, is_mobile)
    }
    /// A number that exists in its country's plan; informative, never a reason to refuse.
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
    /// Stays the same while the address stays with the contact.
    async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// The address, its domain in lower case and in Unicode.
    async fn address(&self) -> &str {
        &self.0.address
    }
    /// Free label, e.g. `Billing`.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }
    /// Whether it is the contact's `email`; exactly one is.
    async fn is_primary(&self) -> bool {
        self.0.is_primary
    }
}

/// Tag names from what is stored.
pub(super) fn tags(json: &str) -> ApiResult<Vec<String>> {
    let tags = serde_json::from_str(json)
        .map_err(|_| DatabaseError::internal("reading tags", "they are no list of texts"))?;
    Ok(tags)
}

/// The users assigned to a contact, without those that were deleted.
pub(super) async fn assignees(loaders: &Loaders, contact_id: Uuid) -> ApiResult<Vec<User>> {
    let rows = loaders.by_owner::<contact_assignee::Entity>(contact_id).await?;
    let users = loaders.by_ids::<user::Entity>(rows.iter().map(|row| row.user_id)).await?;
    Ok(users.into_iter().map(User::new).collect())
}

//! Writing contacts with all that belongs to them: the one function that inserts.

use entity::{contact, contact_assignee, contact_email, contact_phone, contact_tag};

use crate::{database::WriteTx, error::DatabaseError};

/// Contacts to insert, with their phones, emails, tags and assignees.
///
/// The contact's own row repeats its primary email and phone, its WhatsApp number and its tags,
/// so that the commonest fields cost no second statement; whoever fills this keeps the two alike.
#[derive(Debug, Default)]
pub(super) struct NewRows {
    pub(super) contacts: Vec<contact::Model>,
    pub(super) phones: Vec<contact_phone::Model>,
    pub(super) emails: Vec<contact_email::Model>,
    pub(super) tags: Vec<contact_tag::Model>,
    pub(super) assignees: Vec<contact_assignee::Model>,
}

impl NewRows {
    pub(super) async fn save(self, tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
        tx.insert::<contact::Entity>(self.contacts).await?;
        tx.insert::<contact_phone::Entity>(self.phones).await?;
        tx.insert::<contact_email::Entity>(self.emails).await?;
        tx.insert::<contact_tag::Entity>(self.tags).await?;
        tx.insert::<contact_assignee::Entity>(self.assignees).await
    }
}

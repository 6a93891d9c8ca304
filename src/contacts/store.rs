//! Saving the contacts of a batch: the one function that writes them.

use entity::{contact, contact_assignee, contact_email, contact_phone, contact_search, contact_tag};
use uuid::Uuid;

use super::{record::Record, search};
use crate::{database::WriteTx, error::DatabaseError};

/// Saves contacts, each given with its stored state. A list that has changed is written anew.
pub(super) async fn save(
    tx: &WriteTx<'_>,
    changed: impl Iterator<Item = (Option<Record>, Record)>,
) -> Result<(), DatabaseError> {
    let (mut new, mut old) = (Vec::new(), Vec::new());
    let mut lists = ListRows::default();
    for (stored, record) in changed {
        lists.add(stored.as_ref(), &record);
        if stored.is_some() { old.push(record.row) } else { new.push(record.row) }
    }
    lists.delete_old(tx).await?;
    // Changed contacts go first: a new one may take the external id that a changed one gives up, and the
    // index on it is unique.
    tx.replace::<contact::Entity>(old).await?;
    tx.insert::<contact::Entity>(new).await?;
    lists.insert_new(tx).await
}

/// Rows of the lists of contacts: the contacts whose rows are deleted, and the rows to insert.
#[derive(Default)]
struct ListRows {
    phones_of: Vec<Uuid>,
    emails_of: Vec<Uuid>,
    tags_of: Vec<Uuid>,
    assignees_of: Vec<Uuid>,
    phones: Vec<contact_phone::Model>,
    emails: Vec<contact_email::Model>,
    tags: Vec<contact_tag::Model>,
    assignees: Vec<contact_assignee::Model>,
    documents: Vec<contact_search::Model>,
    documents_stale: Vec<Uuid>,
    documents_gone: Vec<Uuid>,
}

impl ListRows {
    /// Adds the lists of a contact that differ from the stored ones.
    fn add(&mut self, stored: Option<&Record>, record: &Record) {
        let (org_id, contact_id) = (record.row.org_id, record.row.id);
        let old = stored.and_then(search::document);
        let new = search::document(record);
        if new != old {
            self.documents_stale.extend(old.map(|_| contact_id));
            match new {
                Some(doc) => self.documents.push(contact_search::Model { org_id, contact_id, doc }),
                None => self.documents_gone.push(contact_id),
            }
        }
        if stored.is_none_or(|stored| stored.phones != record.phones) {
            self.phones_of.extend(stored.filter(|stored| !stored.phones.is_empty()).map(|_| contact_id));
            self.phones.extend(record.phones.iter().cloned());
        }
        if stored.is_none_or(|stored| stored.emails != record.emails) {
            self.emails_of.extend(stored.filter(|stored| !stored.emails.is_empty()).map(|_| contact_id));
            self.emails.extend(record.emails.iter().cloned());
        }
        if stored.is_none_or(|stored| stored.tags != record.tags) {
            self.tags_of.extend(stored.filter(|stored| !stored.tags.is_empty()).map(|_| contact_id));
            self.tags.extend(record.tags.iter().zip(0..).map(|(tag, position)| contact_tag::Model {
                org_id,
                contact_id,
                tag_id: tag.id,
                position,
            }));
        }
        if stored.is_none_or(|stored| stored.assignees != record.assignees) {
            self.assignees_of
                .extend(stored.filter(|stored| !stored.assignees.is_empty()).map(|_| contact_id));
            self.assignees.extend(record.assignees.iter().zip(0..).map(|(user_id, position)| {
                contact_assignee::Model { org_id, contact_id, user_id: *user_id, position }
            }));
        }
    }

    /// Deletes the rows of the changed lists.
    async fn delete_old(&self, tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
        tx.delete_of::<contact_phone::Entity>(contact_phone::Column::ContactId, &self.phones_of).await?;
        tx.delete_of::<contact_email::Entity>(contact_email::Column::ContactId, &self.emails_of).await?;
        tx.delete_of::<contact_tag::Entity>(contact_tag::Column::ContactId, &self.tags_of).await?;
        tx.delete_of::<contact_assignee::Entity>(contact_assignee::Column::ContactId, &self.assignees_of)
            .await
    }

    /// Inserts the rows of the changed lists, and saves the documents.
    async fn insert_new(self, tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
        tx.insert::<contact_phone::Entity>(self.phones).await?;
        tx.insert::<contact_email::Entity>(self.emails).await?;
        tx.insert::<contact_tag::Entity>(self.tags).await?;
        tx.insert::<contact_assignee::Entity>(self.assignees).await?;
        tx.save_documents(self.documents, &self.documents_stale, &self.documents_gone).await
    }
}

//! Saving the contacts of a batch: the one function that writes them.

use std::collections::HashMap;

use entity::{contact, contact_assignee, contact_email, contact_phone, contact_search, contact_tag, tag};
use sea_orm::sea_query::{Condition, Expr};
use uuid::Uuid;

use super::{
    MAX_KEYS_PER_STATEMENT,
    record::Record,
    search::{Source, document},
};
use crate::{
    database::{Insertions, WriteTx, any_of},
    error::DatabaseError,
};

/// Saves contacts, each given with its stored state, and new tags of theirs. A list that has changed is written anew.
pub(super) async fn save(
    tx: &WriteTx<'_>,
    new_tags: Vec<tag::Model>,
    changed: impl Iterator<Item = (Option<Record>, Record)>,
) -> Result<(), DatabaseError> {
    let (mut new, mut old) = (Vec::new(), Vec::new());
    let mut lists = ListRows::default();
    for (stored, record) in changed {
        lists.add(stored.as_ref(), &record);
        match stored {
            Some(stored) => old.push((stored.row, record.row)),
            None => new.push(record.row),
        }
    }
    lists.delete_old(tx).await?;
    // The index on external ids is unique at each moment: first those are given up that another one takes.
    give_up_external_ids(tx, &mut old, &new).await?;
    tx.change::<contact::Entity>(old).await?;
    let mut insertions = tx.insertions();
    // Each before the rows that refer to it.
    insertions.insert::<tag::Entity>(new_tags)?;
    insertions.insert::<contact::Entity>(new)?;
    lists.insert_new(&mut insertions)?;
    tx.write(insertions).await
}

/// Takes external ids from the live contacts that have them now, if another live contact is to have them. A contact
/// that has been deleted in this batch gets its own back when it is saved.
async fn give_up_external_ids(
    tx: &WriteTx<'_>,
    changed: &mut [(contact::Model, contact::Model)],
    new: &[contact::Model],
) -> Result<(), DatabaseError> {
    let rows = changed.iter().map(|(_, to)| to).chain(new).filter(|row| row.deleted_at.is_none());
    let holders: HashMap<String, Uuid> =
        rows.filter_map(|row| Some((row.external_id.clone()?, row.id))).collect();
    let mut givers = Vec::new();
    for (from, _) in changed.iter_mut().filter(|(from, _)| from.deleted_at.is_none()) {
        let holder = from.external_id.as_ref().and_then(|external_id| holders.get(external_id));
        if holder.is_some_and(|holder| *holder != from.id) {
            // What is stored from now on, so that the column is written where the contact keeps it.
            from.external_id = None;
            givers.push(from.id);
        }
    }
    for ids in givers.chunks(MAX_KEYS_PER_STATEMENT) {
        let of_ids = Condition::all().add(any_of(contact::Column::Id, ids.iter().copied()));
        tx.update::<contact::Entity>(
            of_ids,
            vec![(contact::Column::ExternalId, Expr::value(None::<String>))],
        )
        .await?;
    }
    Ok(())
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
        let (old, new) = (stored.map(Source::from), Source::from(record));
        if old.as_ref() != Some(&new) {
            let (old, new) = (old.as_ref().and_then(document), document(&new));
            if new != old {
                self.documents_stale.extend(old.map(|_| contact_id));
                match new {
                    Some(doc) => self.documents.push(contact_search::Model { org_id, contact_id, doc }),
                    None => self.documents_gone.push(contact_id),
                }
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
            .await?;
        tx.forget_documents(&self.documents_stale, &self.documents_gone).await
    }

    /// Adds the rows of the changed lists, and the documents.
    fn insert_new(self, insertions: &mut Insertions) -> Result<(), DatabaseError> {
        insertions.insert::<contact_phone::Entity>(self.phones)?;
        insertions.insert::<contact_email::Entity>(self.emails)?;
        insertions.insert::<contact_tag::Entity>(self.tags)?;
        insertions.insert::<contact_assignee::Entity>(self.assignees)?;
        insertions.documents(self.documents)
    }
}

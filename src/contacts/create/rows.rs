//! The rows of a new contact.

use std::sync::Arc;

use entity::{
    contact::{self, ActiveModel, Column, Operation},
    contact_assignee, contact_email, contact_phone, contact_tag,
};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, Iterable as _, TryIntoModel as _};
use uuid::Uuid;

use super::{Create, Prepared, value};
use crate::{
    contacts::{
        store::NewRows,
        tag::{Spelling, TagBook},
        text::sort_key,
    },
    database::{Read as _, Stamp, WriteTx},
    error::{DatabaseError, During as _},
};

impl NewRows {
    /// Adds a contact and all that belongs to it, stamped with the next place in the order of
    /// changes.
    pub(super) fn add(
        &mut self,
        tx: &WriteTx<'_>,
        tags: &mut TagBook,
        job: &Create,
        new: Prepared,
    ) -> Result<Arc<contact::Model>, DatabaseError> {
        let stamp = tx.stamp()?;
        let spellings: Vec<Spelling> = new.tags.iter().map(|tag| tags.spelling(tx, tag)).collect();
        let contact = contact_row(tx.org_id(), job, &new, &spellings, stamp)?;
        let (org_id, contact_id) = (contact.org_id, contact.id);
        for (tag, position) in spellings.into_iter().zip(0..) {
            self.tags.push(contact_tag::Model { org_id, contact_id, tag_id: tag.id, position });
        }
        for ((_, user_id), position) in new.assignees.into_iter().zip(0..) {
            self.assignees.push(contact_assignee::Model { org_id, contact_id, user_id, position });
        }
        for (phone, position) in new.phones.into_iter().zip(0..) {
            self.phones.push(contact_phone::Model {
                org_id,
                contact_id,
                id: Uuid::now_v7(),
                position,
                number: phone.number,
                kind: phone.kind,
                label: phone.label,
                is_primary: phone.is_primary,
                is_whatsapp: phone.is_whatsapp,
                do_not_call: phone.do_not_call,
            });
        }
        for (email, position) in new.emails.into_iter().zip(0..) {
            self.emails.push(contact_email::Model {
                org_id,
                contact_id,
                id: Uuid::now_v7(),
                position,
                address: email.address,
                address_key: email.key,
                label: email.label,
                is_primary: email.is_primary,
            });
        }
        let contact = Arc::new(contact);
        self.contacts.push((*contact).clone());
        Ok(contact)
    }
}

/// The contact's own row: what was given, on top of nulls.
fn contact_row(
    org_id: Uuid,
    job: &Create,
    new: &Prepared,
    tags: &[Spelling],
    stamp: Stamp,
) -> Result<contact::Model, DatabaseError> {
    const DURING: &str = "building a contact";
    let mut row = ActiveModel::default_values();
    for column in Column::iter() {
        if let Some(given) = new.contact.get(column).into_value() {
            row.try_set(column, given).during(DURING)?;
        }
    }
    let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    let tagged = (!tags.is_empty()).then_some(stamp);
    let company = value(&new.contact.company);
    row.org_id = Set(org_id);
    row.id = Set(job.id);
    row.email = Set(new.emails.iter().find(|email| email.is_primary).map(|email| email.address.clone()));
    row.phone = Set(new.phones.iter().find(|phone| phone.is_primary).map(|phone| phone.number.clone()));
    row.whatsapp_number =
        Set(new.phones.iter().find(|phone| phone.is_whatsapp).map(|phone| phone.number.clone()));
    row.tags = Set(serde_json::Value::from(names).to_string());
    row.tag_added_at = Set(tagged.map(|stamp| stamp.at));
    row.tag_added_seq = Set(tagged.map(|stamp| stamp.seq));
    row.created_at = Set(stamp.at);
    row.created_seq = Set(stamp.seq);
    row.created_by = Set(job.by.user_id);
    row.updated_at = Set(stamp.at);
    row.change_seq = Set(stamp.seq);
    row.updated_by = Set(job.by.user_id);
    row.updated_by_key = Set(Some(job.by.key_id));
    row.version = Set(1);
    row.operation = Set(Operation::Created);
    row.company_key = Set(company.map(|company| sort_key(&company)).filter(|key| !key.is_empty()));
    row.try_into_model().during(DURING)
}

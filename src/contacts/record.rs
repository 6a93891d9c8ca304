//! A contact with its lists, as a write reads and changes it.

use entity::{
    contact::{self, ActiveModel, Operation},
    contact_email, contact_phone,
};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, TryIntoModel as _};
use uuid::Uuid;

use super::{tags::Tag, unique_key::UniqueKey};
use crate::{
    access::Caller,
    database::Stamp,
    error::{DatabaseError, During as _},
    input::{
        phone::identifies,
        text::{is_blank, name_key, sort_key, stored_fold},
    },
};

/// A contact and its lists, each in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) row: contact::Model,
    pub(super) phones: Vec<contact_phone::Model>,
    pub(super) emails: Vec<contact_email::Model>,
    pub(super) tags: Vec<Tag>,
    pub(super) assignees: Vec<Uuid>,
    /// Ids of the numbers that the current input has flagged for WhatsApp.
    pub(super) flagged_whatsapp: Vec<Uuid>,
}

impl Record {
    /// Creates a contact without any data.
    pub(super) fn blank(org_id: Uuid, id: Uuid) -> Result<Self, DatabaseError> {
        // Not a literal of the row, so that a new column needs no line here.
        let mut row = ActiveModel::default_values();
        row.org_id = Set(org_id);
        row.id = Set(id);
        row.operation = Set(Operation::Created);
        Ok(Self {
            row: row.try_into_model().during("building a contact")?,
            phones: Vec::new(),
            emails: Vec::new(),
            tags: Vec::new(),
            assignees: Vec::new(),
            flagged_whatsapp: Vec::new(),
        })
    }

    pub(super) fn is_live(&self) -> bool {
        self.row.deleted_at.is_none()
    }

    /// Returns true if the contact holds the key.
    pub(super) fn holds(&self, key: UniqueKey<'_>) -> bool {
        match key {
            UniqueKey::ExternalId(external_id) => self.row.external_id.as_deref() == Some(external_id),
            UniqueKey::Number(number) => self.phones.iter().any(|phone| phone.number == number),
            UniqueKey::Address(address) => self.emails.iter().any(|email| email.address_key == address),
        }
    }

    /// Returns the numbers that identify the contact.
    pub(super) fn identifying_numbers(&self) -> impl Iterator<Item = &str> {
        self.phones.iter().map(|phone| phone.number.as_str()).filter(|number| identifies(number))
    }

    /// Derives the columns that repeat the lists, and the folded columns.
    pub(super) fn settle(&mut self) {
        for (phone, position) in self.phones.iter_mut().zip(0..) {
            phone.position = position;
        }
        for (email, position) in self.emails.iter_mut().zip(0..) {
            email.position = position;
            email.address_fold = stored_fold(&email.address);
        }
        // Records are compared to find out whether anything has changed, and this is not stored.
        self.flagged_whatsapp.clear();
        let primary = self.phones.iter().find(|phone| phone.is_primary);
        let whatsapp = self.phones.iter().find(|phone| phone.is_whatsapp);
        let email = self.emails.iter().find(|email| email.is_primary);
        let tags: Vec<&str> = self.tags.iter().map(|tag| tag.name.as_str()).collect();
        let row = &mut self.row;
        row.phone = primary.map(|phone| phone.number.clone());
        row.whatsapp_number = whatsapp.map(|phone| phone.number.clone());
        row.email = email.map(|email| email.address.clone());
        row.tags = serde_json::Value::from(tags).to_string();
        row.name_key = name_key(row.first_name.as_deref(), row.last_name.as_deref());
        row.company_key = row.company.as_deref().filter(|company| !is_blank(company)).map(sort_key);
        row.first_name_fold = row.first_name.as_deref().map(stored_fold);
        row.last_name_fold = row.last_name.as_deref().map(stored_fold);
        row.company_fold = row.company.as_deref().map(stored_fold);
    }

    /// Gives a changed contact its place in the order of changes. `old` is the contact before the
    /// change.
    pub(super) fn stamp(&mut self, stamp: Stamp, old: Option<&Self>, operation: Operation, caller: &Caller) {
        // A tag that was removed and added again within one change is not new.
        let known = |id| old.is_some_and(|old| old.tags.iter().any(|tag| tag.id == id));
        if self.tags.iter().any(|tag| !known(tag.id)) {
            self.row.tag_added_at = Some(stamp.at);
            self.row.tag_added_seq = Some(stamp.seq);
        }
        let row = &mut self.row;
        if old.is_none() {
            row.created_at = stamp.at;
            row.created_seq = stamp.seq;
        }
        row.updated_at = stamp.at;
        row.change_seq = stamp.seq;
        row.updated_by = caller.user_id;
        row.updated_by_key = Some(caller.key_id);
        row.version += 1;
        row.operation = operation;
    }

    /// Erases everything but the ids and the stamps.
    pub(super) fn erase(&mut self) -> Result<(), DatabaseError> {
        let old = self.row.clone();
        *self = Self::blank(old.org_id, old.id)?;
        self.row = contact::Model {
            metadata: "{}".to_owned(),
            industry_context: "{}".to_owned(),
            created_at: old.created_at,
            created_seq: old.created_seq,
            updated_at: old.updated_at,
            change_seq: old.change_seq,
            updated_by: old.updated_by,
            updated_by_key: old.updated_by_key,
            version: old.version,
            deleted_at: old.deleted_at,
            ..self.row.clone()
        };
        self.settle();
        Ok(())
    }
}

//! What a caller gave of a contact.

use entity::{contact, contact_phone::PhoneType};
use sea_orm::{ActiveModelTrait as _, ActiveValue, Iterable as _};
use serde_json::Value;

use crate::input::{patch::Patch, text::is_blank};

/// A contact as it was given: nothing normalized, nothing filled in.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The columns that are nothing but a value; `Set(None)` is null, `NotSet` omitted.
    pub contact: contact::ActiveModel,
    /// One primary address.
    pub email: Patch<String>,
    /// All addresses.
    pub emails: Patch<Vec<EmailDraft>>,
    /// One primary number.
    pub phone: Patch<String>,
    /// All numbers.
    pub phones: Patch<Vec<PhoneDraft>>,
    /// The number for WhatsApp.
    pub whatsapp_number: Patch<String>,
    /// All tag names.
    pub tags: Patch<Vec<String>>,
    /// Tag names to add; in a change only.
    pub add_tags: Patch<Vec<String>>,
    /// Tag names to remove; in a change only.
    pub remove_tags: Patch<Vec<String>>,
    /// Lifecycle status, never null in a contact.
    pub status: Patch<String>,
    /// How it came in, never null in a contact.
    pub source: Patch<String>,
    /// Never null in a contact.
    pub is_active: Patch<bool>,
    /// Never null in a contact.
    pub email_subscribed: Patch<bool>,
    /// An object, empty in a contact that has none; `None`: a number in it cannot be kept.
    pub metadata: Patch<Option<Value>>,
    /// As `metadata`.
    pub industry_context: Patch<Option<Value>>,
    /// Ids as they were given: what is no UUID is answered like an unknown one.
    pub company_id: Patch<String>,
    /// As `company_id`.
    pub pipeline_id: Patch<String>,
    /// As `company_id`.
    pub pipeline_stage_id: Patch<String>,
    /// As `company_id`.
    pub team_id: Patch<String>,
    /// As `company_id`.
    pub owner_id: Patch<String>,
    /// As `company_id`.
    pub assignee_ids: Patch<Vec<String>>,
}

/// Ways to take blank entries of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlankEntries {
    /// Each is a problem.
    Refused,
    /// Takes the list without them.
    LeftOut,
}

impl Draft {
    /// The same with a null for every blank text: a text that is not required to be more may be
    /// blank, and says nothing then.
    #[must_use]
    pub fn with_blanks_as_nulls(mut self) -> Self {
        for column in contact::Column::iter() {
            if let ActiveValue::Set(sea_orm::Value::String(Some(text))) = self.contact.get(column)
                && is_blank(&text)
            {
                self.contact.set(column, sea_orm::Value::String(None));
            }
        }
        let Self { email, phone, whatsapp_number, status, source, .. } = &mut self;
        for text in [email, phone, whatsapp_number, status, source] {
            text.null_if(|text| is_blank(text));
        }
        self
    }

    /// The same without its nulls and blanks, those of ids included: a caller that sends every
    /// field of what may be there already erases nothing.
    #[must_use]
    pub fn without_nulls_and_blanks(mut self) -> Self {
        let Self { company_id, pipeline_id, pipeline_stage_id, team_id, owner_id, .. } = &mut self;
        for id in [company_id, pipeline_id, pipeline_stage_id, team_id, owner_id] {
            id.null_if(|id| is_blank(id));
        }
        self.with_blanks_as_nulls().without_nulls()
    }

    /// The same without its nulls: in a new contact null counts as omitted.
    #[must_use]
    pub fn without_nulls(mut self) -> Self {
        for column in contact::Column::iter() {
            if self.contact.get(column).into_value().is_some_and(|value| value == value.as_null()) {
                self.contact.not_set(column);
            }
        }
        let Self {
            contact: _,
            email,
            emails,
            phone,
            phones,
            whatsapp_number,
            tags,
            add_tags,
            remove_tags,
            status,
            source,
            is_active,
            email_subscribed,
            metadata,
            industry_context,
            company_id,
            pipeline_id,
            pipeline_stage_id,
            team_id,
            owner_id,
            assignee_ids,
        } = &mut self;
        let texts = [email, phone, whatsapp_number, status, source];
        let ids = [company_id, pipeline_id, pipeline_stage_id, team_id, owner_id];
        texts.into_iter().chain(ids).for_each(Patch::omit_null);
        [tags, add_tags, remove_tags, assignee_ids].into_iter().for_each(Patch::omit_null);
        [is_active, email_subscribed].into_iter().for_each(Patch::omit_null);
        [metadata, industry_context].into_iter().for_each(Patch::omit_null);
        emails.omit_null();
        phones.omit_null();
        self
    }
}

/// A phone number as it was given.
#[derive(Clone, Debug)]
pub struct PhoneDraft {
    /// Which number of the contact it is; none: a new one.
    pub id: Option<String>,
    /// In any notation.
    pub number: String,
    /// What it is used for.
    pub kind: PhoneType,
    /// A free label.
    pub label: Option<String>,
    /// `None`: as the others leave it.
    pub is_primary: Option<bool>,
    /// Whether WhatsApp reaches it.
    pub is_whatsapp: bool,
    /// Whether it must not be called.
    pub do_not_call: bool,
}

/// An email address as it was given.
#[derive(Clone, Debug)]
pub struct EmailDraft {
    /// Which address of the contact it is; none: a new one.
    pub id: Option<String>,
    /// The address.
    pub address: String,
    /// A free label.
    pub label: Option<String>,
    /// `None`: as the others leave it.
    pub is_primary: Option<bool>,
}

//! What a caller gave of a contact.

use entity::{contact, contact_phone::PhoneType};
use sea_orm::{ActiveModelTrait as _, ActiveValue, Iterable as _};
use serde_json::Value;

use super::text::is_blank;

/// A field of an input: three things that an `Option` cannot tell apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Left out.
    #[default]
    Omitted,
    /// Given as null.
    Null,
    /// Given.
    Given(T),
}

impl<T> Field<T> {
    /// The value, if one was given.
    pub fn given(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Null | Self::Omitted => None,
        }
    }

    fn omit_null(&mut self) {
        if matches!(self, Self::Null) {
            *self = Self::Omitted;
        }
    }

    fn null_if(&mut self, is_blank: impl FnOnce(&T) -> bool) {
        if matches!(self, Self::Given(value) if is_blank(value)) {
            *self = Self::Null;
        }
    }

    /// Whether it was given at all, if only as null.
    pub fn is_said(&self) -> bool {
        !matches!(self, Self::Omitted)
    }

    /// A view of the value.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Omitted => Field::Omitted,
            Self::Null => Field::Null,
            Self::Given(value) => Field::Given(value),
        }
    }
}

/// A contact as it was given: nothing normalized, nothing filled in.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The columns that are nothing but a value; `Set(None)` is null, `NotSet` omitted.
    pub contact: contact::ActiveModel,
    /// One primary address.
    pub email: Field<String>,
    /// All addresses.
    pub emails: Field<Vec<EmailDraft>>,
    /// One primary number.
    pub phone: Field<String>,
    /// All numbers.
    pub phones: Field<Vec<PhoneDraft>>,
    /// The number for WhatsApp.
    pub whatsapp_number: Field<String>,
    /// All tag names.
    pub tags: Field<Vec<String>>,
    /// Tag names to add; in a change only.
    pub add_tags: Field<Vec<String>>,
    /// Tag names to remove; in a change only.
    pub remove_tags: Field<Vec<String>>,
    /// Lifecycle status, never null in a contact.
    pub status: Field<String>,
    /// How it came in, never null in a contact.
    pub source: Field<String>,
    /// Never null in a contact.
    pub is_active: Field<bool>,
    /// Never null in a contact.
    pub email_subscribed: Field<bool>,
    /// An object, empty in a contact that has none; `None`: a number in it cannot be kept.
    pub metadata: Field<Option<Value>>,
    /// As `metadata`.
    pub industry_context: Field<Option<Value>>,
    /// Ids as they were given: what is no UUID is answered like an unknown one.
    pub company_id: Field<String>,
    /// As `company_id`.
    pub pipeline_id: Field<String>,
    /// As `company_id`.
    pub pipeline_stage_id: Field<String>,
    /// As `company_id`.
    pub team_id: Field<String>,
    /// As `company_id`.
    pub owner_id: Field<String>,
    /// As `company_id`.
    pub assignee_ids: Field<Vec<String>>,
}

/// Ways to take blank entries of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlankEntries {
    /// Each is a fault.
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
        texts.into_iter().chain(ids).for_each(Field::omit_null);
        [tags, add_tags, remove_tags, assignee_ids].into_iter().for_each(Field::omit_null);
        [is_active, email_subscribed].into_iter().for_each(Field::omit_null);
        [metadata, industry_context].into_iter().for_each(Field::omit_null);
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

//! Drafts: the fields of a contact that an input gives. One type serves a new contact, a change and an
//! upsert.

use std::fmt::Debug;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    emails::{EmailDraft, EmailEntry},
    fields::{TEXT_FIELDS, TextFields},
    phones::{PhoneDraft, PhoneEntry},
};
use crate::input::{
    patch::{BlankEntries, Patch},
    tag_name::TagName,
    text::is_blank,
};

/// Fields of a contact that an input gives.
///
/// Nothing is normalized in the form [`AsGiven`]; every part is checked in the form `Normal`.
#[derive(Clone, Debug, Default)]
pub struct ContactDraft<F: Form = AsGiven> {
    /// Fields that are plain texts.
    pub texts: TextFields,
    /// Primary address.
    pub email: Patch<F::Email>,
    /// All addresses.
    pub emails: Patch<Vec<F::ListedEmail>>,
    /// Primary number.
    pub phone: Patch<F::Phone>,
    /// All numbers.
    pub phones: Patch<Vec<F::ListedPhone>>,
    /// WhatsApp number.
    pub whatsapp_number: Patch<F::Phone>,
    /// All tags.
    pub tags: Patch<Vec<F::Tag>>,
    /// Tags to add; in a change only.
    pub add_tags: Patch<Vec<F::Tag>>,
    /// Tags to remove; in a change only.
    pub remove_tags: Patch<Vec<F::Tag>>,
    /// Lifecycle status, never null in a contact.
    pub status: Patch<String>,
    /// Free text, or the name of a pipeline's stage.
    pub stage: Patch<String>,
    /// Channel that the contact came in by, never null in a contact.
    pub source: Patch<String>,
    /// The caller's own rating.
    pub score: Patch<i32>,
    /// True if the contact is in use, never null in a contact.
    pub is_active: Patch<bool>,
    /// True if the contact wants email, never null in a contact.
    pub email_subscribed: Patch<bool>,
    /// A JSON object, empty in a contact that has none.
    pub metadata: Patch<F::Object>,
    /// A second JSON object under the same rules.
    pub industry_context: Patch<F::Object>,
    /// The linked company.
    pub company_id: Patch<F::Id>,
    /// The pipeline that the contact is in.
    pub pipeline_id: Patch<F::Id>,
    /// The stage that the contact is at.
    pub pipeline_stage_id: Patch<F::Id>,
    /// The team that the contact belongs to.
    pub team_id: Patch<F::Id>,
    /// The user who owns the contact.
    pub owner_id: Patch<F::Id>,
    /// The users who work on the contact.
    pub assignee_ids: Patch<Vec<F::Assignee>>,
    /// Time of creation in the system that the contact comes from, in UTC milliseconds.
    pub source_created_at: Patch<i64>,
}

/// Types of the parts of a draft that change when it is checked.
pub trait Form: Clone + Debug + Default + Send + Sync + 'static {
    /// The primary address.
    type Email: Clone + Debug + Send + Sync;
    /// An address of the list.
    type ListedEmail: Clone + Debug + Send + Sync;
    /// A single number.
    type Phone: Clone + Debug + Send + Sync;
    /// A number of the list.
    type ListedPhone: Clone + Debug + Send + Sync;
    /// A tag.
    type Tag: Clone + Debug + Send + Sync;
    /// A JSON object.
    type Object: Clone + Debug + Send + Sync;
    /// An id of another object.
    type Id: Clone + Debug + Send + Sync;
    /// An id of a user in a list.
    type Assignee: Clone + Debug + Send + Sync;
}

/// The form of a draft that has not been checked.
#[derive(Clone, Debug, Default)]
pub struct AsGiven;

impl Form for AsGiven {
    type Email = String;
    type ListedEmail = EmailDraft;
    type Phone = String;
    type ListedPhone = PhoneDraft;
    type Tag = String;
    /// Any JSON value; `None`: it contains a number that cannot be stored.
    type Object = Option<Value>;
    /// Any text: one that is not a UUID is answered like an unknown id.
    type Id = String;
    type Assignee = String;
}

/// The form of a checked draft.
#[derive(Clone, Debug, Default)]
pub(super) struct Normal;

impl Form for Normal {
    type Email = EmailEntry;
    type ListedEmail = EmailEntry;
    type Phone = PhoneEntry;
    type ListedPhone = PhoneEntry;
    type Tag = TagName;
    type Object = Map<String, Value>;
    type Id = Uuid;
    /// The id, and its index in the input.
    type Assignee = (usize, Uuid);
}

/// Meaning of the nulls and the blank texts of a draft. It is decided here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// A null or a blank text clears the field. A blank entry of a list is a problem.
    Clear,
    /// A null or a blank text counts as left out: a new contact has nothing to clear. A blank entry
    /// of a list is a problem.
    Ignore,
    /// Nulls, blank texts, blank ids and blank entries of lists all count as left out, so that a caller
    /// who sends every field of a contact that may exist erases nothing.
    IgnoreWithBlanks,
}

impl Nulls {
    pub(super) fn blank_entries(self) -> BlankEntries {
        match self {
            Self::Clear | Self::Ignore => BlankEntries::Refused,
            Self::IgnoreWithBlanks => BlankEntries::LeftOut,
        }
    }
}

impl ContactDraft {
    /// Applies the meaning of nulls and blank texts.
    pub(super) fn with_nulls(mut self, nulls: Nulls) -> Self {
        // Before the nulls, since a blank text is treated like one.
        self.blanks_to_nulls();
        match nulls {
            Nulls::Clear => {}
            Nulls::Ignore => self.omit_nulls(),
            Nulls::IgnoreWithBlanks => {
                let Self { company_id, pipeline_id, pipeline_stage_id, team_id, owner_id, .. } = &mut self;
                for id in [company_id, pipeline_id, pipeline_stage_id, team_id, owner_id] {
                    id.null_if(|id| is_blank(id));
                }
                self.omit_nulls();
            }
        }
        self
    }

    /// Turns every blank text into null.
    fn blanks_to_nulls(&mut self) {
        let Self { texts, email, phone, whatsapp_number, status, stage, source, .. } = self;
        for field in TEXT_FIELDS {
            (field.given)(texts).null_if(|text| is_blank(text));
        }
        for text in [email, phone, whatsapp_number, status, stage, source] {
            text.null_if(|text| is_blank(text));
        }
    }

    /// Turns every null into absent. It names every field, so that none can be forgotten.
    fn omit_nulls(&mut self) {
        let Self {
            texts,
            email,
            emails,
            phone,
            phones,
            whatsapp_number,
            tags,
            add_tags,
            remove_tags,
            status,
            stage,
            source,
            score,
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
            source_created_at,
        } = self;
        for field in TEXT_FIELDS {
            (field.given)(texts).omit_null();
        }
        let labels = [email, phone, whatsapp_number, status, stage, source];
        let ids = [company_id, pipeline_id, pipeline_stage_id, team_id, owner_id];
        labels.into_iter().chain(ids).for_each(Patch::omit_null);
        [tags, add_tags, remove_tags, assignee_ids].into_iter().for_each(Patch::omit_null);
        [is_active, email_subscribed].into_iter().for_each(Patch::omit_null);
        [metadata, industry_context].into_iter().for_each(Patch::omit_null);
        emails.omit_null();
        phones.omit_null();
        score.omit_null();
        source_created_at.omit_null();
    }
}

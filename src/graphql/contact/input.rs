//! What a caller gives of a contact.

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::contact;
use sea_orm::ActiveValue::{self, NotSet, Set};

use super::details::PhoneType;
use crate::{
    contacts::{Draft, EmailDraft, PhoneDraft},
    graphql::{
        error::{ApiError, ApiResult},
        scalars::{DateTime, Json},
    },
    input::patch::Patch,
};

/// A new contact. Nothing is required here: the organization's `ContactPolicy` says what is.
/// Null is as omitted, and so is text of which nothing is seen: the policy's default fills the field.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateContactInput {
    #[graphql(flatten)]
    fields: ContactFields,
}

/// A change to a contact. Omitted: unchanged. Null, or text of which nothing is seen: cleared. `metadata` and `industryContext` merge
/// by top-level key; a null value removes the key.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactPatchInput {
    #[graphql(flatten)]
    fields: ContactFields,
    /// Adds these to the tags. Not together with `tags`.
    add_tags: MaybeUndefined<Vec<String>>,
    /// Takes these from the tags. Not together with `tags`.
    remove_tags: MaybeUndefined<Vec<String>>,
}

/// What can be said of a contact, new or not.
#[derive(Debug, InputObject)]
struct ContactFields {
    /// Given name, at most 256 characters. Required by the policies STANDARD and DIALER.
    first_name: MaybeUndefined<String>,
    /// Family name, at most 256 characters.
    last_name: MaybeUndefined<String>,
    /// Your own key for this person, at most 255 characters; `EXTERNAL_ID_TAKEN` if another
    /// contact has it. Blank is as null, as for every text.
    external_id: MaybeUndefined<String>,
    /// One primary email. In a change it becomes the primary one and the others stay; null removes
    /// the primary one.
    email: MaybeUndefined<String>,
    /// All emails, at most 20; in a change they replace those that are there. Not together with `email`.
    emails: MaybeUndefined<Vec<ContactEmailInput>>,
    /// One primary phone. In a change it becomes the primary one and the others stay; null removes
    /// the primary one.
    phone: MaybeUndefined<String>,
    /// All phones, at most 20; in a change they replace those that are there. Not together with `phone`.
    phones: MaybeUndefined<Vec<ContactPhoneInput>>,
    /// Always E.164; flags the equal one of the numbers, or adds one that is not primary.
    whatsapp_number: MaybeUndefined<String>,
    /// Company name as text; the record's name wins when `companyId` is given too.
    company: MaybeUndefined<String>,
    /// Link to an existing company record.
    company_id: MaybeUndefined<ID>,
    /// At most 1,024 characters, as all text that says nothing else.
    job_title: MaybeUndefined<String>,
    /// The line of business.
    industry: MaybeUndefined<String>,
    /// An http or https address whose host has a dot; `https://` is added when it has no scheme.
    website: MaybeUndefined<String>,
    /// As `website`.
    linkedin_url: MaybeUndefined<String>,
    /// Street and number.
    address_line1: MaybeUndefined<String>,
    /// Building, floor, unit.
    address_line2: MaybeUndefined<String>,
    /// City or town.
    city: MaybeUndefined<String>,
    /// State, province or region.
    state: MaybeUndefined<String>,
    /// Postal code.
    zip: MaybeUndefined<String>,
    /// ISO 3166-1 alpha-2 or alpha-3, `UK`, or an English name that is common; kept as alpha-2.
    country: MaybeUndefined<String>,
    /// IANA zone, e.g. `Europe/Berlin`.
    timezone: MaybeUndefined<String>,
    /// BCP 47 tag of a registered language, e.g. `pt-BR`; `pt_BR` is taken too.
    language: MaybeUndefined<String>,
    /// All tags, at most 100 of 64 characters each; case does not count.
    tags: MaybeUndefined<Vec<String>>,
    /// At most 255 characters. Where the organization uses pipelines, the name of a stage; else kept
    /// as the policy's `allowedStatuses` spell it.
    status: MaybeUndefined<String>,
    /// At most 255 characters. Where the organization uses pipelines, the name of a stage.
    stage: MaybeUndefined<String>,
    /// The pipeline to put it into; the default one, where the organization uses pipelines.
    pipeline_id: MaybeUndefined<ID>,
    /// The stage to put it at; the pipeline's first, where the organization uses pipelines.
    pipeline_stage_id: MaybeUndefined<ID>,
    /// At most 255 characters.
    process: MaybeUndefined<String>,
    /// How the contact came in, at most 255 characters.
    source: MaybeUndefined<String>,
    /// Your own rating; any 32-bit integer.
    // Taken wider than it is, because a number that the library refuses while the operation runs
    // would null the answers of its other fields.
    score: MaybeUndefined<i64>,
    /// At most 65,536 characters; tabs and line breaks are welcome.
    notes: MaybeUndefined<String>,
    /// True for a new contact when omitted.
    is_active: MaybeUndefined<bool>,
    /// True for a new contact when omitted.
    email_subscribed: MaybeUndefined<bool>,
    /// An object of at most 16 KiB and 200 top-level keys. A number that is neither a 64-bit integer
    /// nor a double is `METADATA_INVALID`: send it as text.
    metadata: MaybeUndefined<Json>,
    /// As `metadata`.
    industry_context: MaybeUndefined<Json>,
    /// The team it belongs to; a key limited to teams may use those only.
    team_id: MaybeUndefined<ID>,
    /// The user who owns it; the key's user for a new contact when omitted.
    owner_id: MaybeUndefined<ID>,
    /// At most 50; the key's user for a new contact when omitted.
    assignee_ids: MaybeUndefined<Vec<ID>>,
    /// When it was created in the system it comes from.
    source_created_at: MaybeUndefined<DateTime>,
}

/// A phone number. If none is primary, the first becomes primary. Two primaries are an error.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactPhoneInput {
    /// Absent: new, unless the number is there already.
    id: Option<ID>,
    /// In any notation, `tel:` links included; national numbers are read by the policy's
    /// `defaultPhoneRegion`. An extension (`x12`, `;ext=12`) is kept beside it.
    number: String,
    /// What it is used for.
    #[graphql(name = "type", default_with = "Some(PhoneType::Other)")]
    kind: Option<PhoneType>,
    /// Free label, e.g. `Front desk`.
    label: Option<String>,
    /// Null: as the others leave it.
    is_primary: Option<bool>,
    /// Whether it is the WhatsApp number; E.164 then, whatever the policy.
    #[graphql(default_with = "Some(false)")]
    is_whatsapp: Option<bool>,
    /// Whether it must not be called.
    #[graphql(default_with = "Some(false)")]
    do_not_call: Option<bool>,
}

/// An email address. If none is primary, the first becomes primary. Two primaries are an error.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactEmailInput {
    /// Absent: new, unless the address is there already.
    id: Option<ID>,
    /// At most 320 characters, in any script; the domain in either form.
    address: String,
    /// Free label, e.g. `Billing`.
    label: Option<String>,
    /// Null: as the others leave it.
    is_primary: Option<bool>,
}

impl TryFrom<CreateContactInput> for Draft {
    type Error = ApiError;

    fn try_from(input: CreateContactInput) -> ApiResult<Self> {
        input.fields.try_into()
    }
}

impl TryFrom<ContactPatchInput> for Draft {
    type Error = ApiError;

    fn try_from(input: ContactPatchInput) -> ApiResult<Self> {
        let ContactPatchInput { fields, add_tags, remove_tags } = input;
        Ok(Self { add_tags: field(add_tags), remove_tags: field(remove_tags), ..fields.try_into()? })
    }
}

impl TryFrom<ContactFields> for Draft {
    type Error = ApiError;

    /// Exhaustive over the columns, so that a new one cannot be forgotten: what no caller sets
    /// is not set here.
    fn try_from(input: ContactFields) -> ApiResult<Self> {
        let contact = contact::ActiveModel {
            external_id: column(input.external_id),
            first_name: column(input.first_name),
            last_name: column(input.last_name),
            company: column(input.company),
            job_title: column(input.job_title),
            industry: column(input.industry),
            website: column(input.website),
            linkedin_url: column(input.linkedin_url),
            address_line1: column(input.address_line1),
            address_line2: column(input.address_line2),
            city: column(input.city),
            state: column(input.state),
            zip: column(input.zip),
            country: column(input.country),
            timezone: column(input.timezone),
            language: column(input.language),
            stage: column(input.stage),
            process: column(input.process),
            score: column(score(input.score)?),
            notes: column(input.notes),
            source_created_at: column(input.source_created_at.map_value(DateTime::ms)),
            // Given by fields of their own in the draft:
            email: NotSet,
            phone: NotSet,
            whatsapp_number: NotSet,
            company_id: NotSet,
            tags: NotSet,
            status: NotSet,
            pipeline_id: NotSet,
            pipeline_stage_id: NotSet,
            source: NotSet,
            is_active: NotSet,
            email_subscribed: NotSet,
            metadata: NotSet,
            industry_context: NotSet,
            team_id: NotSet,
            owner_id: NotSet,
            // Set by the gateway alone:
            org_id: NotSet,
            id: NotSet,
            enriched_at: NotSet,
            enriched_seq: NotSet,
            enrichment_status: NotSet,
            tag_added_at: NotSet,
            tag_added_seq: NotSet,
            created_at: NotSet,
            created_seq: NotSet,
            created_by: NotSet,
            updated_at: NotSet,
            change_seq: NotSet,
            updated_by: NotSet,
            updated_by_key: NotSet,
            version: NotSet,
            operation: NotSet,
            deleted_at: NotSet,
            merged_into_id: NotSet,
            name_key: NotSet,
            company_key: NotSet,
            first_name_fold: NotSet,
            last_name_fold: NotSet,
            company_fold: NotSet,
        };
        Ok(Self {
            contact,
            email: field(input.email),
            emails: field(
                input.emails.map_value(|emails| emails.into_iter().map(EmailDraft::from).collect()),
            ),
            phone: field(input.phone),
            phones: field(
                input.phones.map_value(|phones| phones.into_iter().map(PhoneDraft::from).collect()),
            ),
            whatsapp_number: field(input.whatsapp_number),
            tags: field(input.tags),
            add_tags: Patch::Absent,
            remove_tags: Patch::Absent,
            status: field(input.status),
            source: field(input.source),
            is_active: field(input.is_active),
            email_subscribed: field(input.email_subscribed),
            metadata: field(input.metadata.map_value(Json::exact)),
            industry_context: field(input.industry_context.map_value(Json::exact)),
            company_id: id(input.company_id),
            pipeline_id: id(input.pipeline_id),
            pipeline_stage_id: id(input.pipeline_stage_id),
            team_id: id(input.team_id),
            owner_id: id(input.owner_id),
            assignee_ids: field(input.assignee_ids.map_value(|ids| ids.into_iter().map(|id| id.0).collect())),
        })
    }
}

impl From<ContactPhoneInput> for PhoneDraft {
    fn from(input: ContactPhoneInput) -> Self {
        let ContactPhoneInput { id, number, kind, label, is_primary, is_whatsapp, do_not_call } = input;
        Self {
            id: id.map(|id| id.0),
            number,
            kind: kind.unwrap_or(PhoneType::Other).into(),
            label,
            is_primary,
            is_whatsapp: is_whatsapp.unwrap_or(false),
            do_not_call: do_not_call.unwrap_or(false),
        }
    }
}

impl From<ContactEmailInput> for EmailDraft {
    fn from(input: ContactEmailInput) -> Self {
        let ContactEmailInput { id, address, label, is_primary } = input;
        Self { id: id.map(|id| id.0), address, label, is_primary }
    }
}

pub(in crate::graphql) fn score(input: MaybeUndefined<i64>) -> ApiResult<MaybeUndefined<i32>> {
    Ok(match input {
        MaybeUndefined::Undefined => MaybeUndefined::Undefined,
        MaybeUndefined::Null => MaybeUndefined::Null,
        MaybeUndefined::Value(score) => {
            let fitting = i32::try_from(score);
            let refused = |_| ApiError::bad_input("score", "is no 32-bit integer");
            MaybeUndefined::Value(fitting.map_err(refused)?)
        }
    })
}

pub(in crate::graphql) fn field<T>(input: MaybeUndefined<T>) -> Patch<T> {
    match input {
        MaybeUndefined::Undefined => Patch::Absent,
        MaybeUndefined::Null => Patch::Null,
        MaybeUndefined::Value(value) => Patch::Value(value),
    }
}

fn id(input: MaybeUndefined<ID>) -> Patch<String> {
    field(input.map_value(|id| id.0))
}

pub(in crate::graphql) fn column<T>(input: MaybeUndefined<T>) -> ActiveValue<Option<T>>
where
    Option<T>: Into<sea_orm::Value>,
{
    match input {
        MaybeUndefined::Undefined => NotSet,
        MaybeUndefined::Null => Set(None),
        MaybeUndefined::Value(value) => Set(Some(value)),
    }
}

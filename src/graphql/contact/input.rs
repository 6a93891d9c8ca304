//! What a caller gives of a contact.

use async_graphql::{ID, InputObject};

use super::details::PhoneType;
use crate::{
    contacts::{ContactDraft, EmailDraft, PhoneDraft, TextFields},
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
    add_tags: Patch<Vec<String>>,
    /// Takes these from the tags. Not together with `tags`.
    remove_tags: Patch<Vec<String>>,
}

/// What can be said of a contact, new or not.
#[derive(Debug, InputObject)]
struct ContactFields {
    /// Given name, at most 256 characters. Required by the policies STANDARD and DIALER.
    first_name: Patch<String>,
    /// Family name, at most 256 characters.
    last_name: Patch<String>,
    /// Your own key for this person, at most 255 characters; `EXTERNAL_ID_TAKEN` if another
    /// contact has it. Blank is as null, as for every text.
    external_id: Patch<String>,
    /// One primary email. In a change it becomes the primary one and the others stay; null removes
    /// the primary one.
    email: Patch<String>,
    /// All emails, at most 20; in a change they replace those that are there. Not together with `email`.
    emails: Patch<Vec<ContactEmailInput>>,
    /// One primary phone. In a change it becomes the primary one and the others stay; null removes
    /// the primary one.
    phone: Patch<String>,
    /// All phones, at most 20; in a change they replace those that are there. Not together with `phone`.
    phones: Patch<Vec<ContactPhoneInput>>,
    /// Always E.164; flags the equal one of the numbers, or adds one that is not primary.
    whatsapp_number: Patch<String>,
    /// Company name as text; the record's name wins when `companyId` is given too.
    company: Patch<String>,
    /// Link to an existing company record.
    company_id: Patch<ID>,
    /// At most 1,024 characters, as all text that says nothing else.
    job_title: Patch<String>,
    /// The line of business.
    industry: Patch<String>,
    /// An http or https address whose host has a dot; `https://` is added when it has no scheme.
    website: Patch<String>,
    /// As `website`.
    linkedin_url: Patch<String>,
    /// Street and number.
    address_line1: Patch<String>,
    /// Building, floor, unit.
    address_line2: Patch<String>,
    /// City or town.
    city: Patch<String>,
    /// State, province or region.
    state: Patch<String>,
    /// Postal code.
    zip: Patch<String>,
    /// ISO 3166-1 alpha-2 or alpha-3, `UK`, or an English name that is common; kept as alpha-2.
    country: Patch<String>,
    /// IANA zone, e.g. `Europe/Berlin`.
    timezone: Patch<String>,
    /// BCP 47 tag of a registered language, e.g. `pt-BR`; `pt_BR` is taken too.
    language: Patch<String>,
    /// All tags, at most 100 of 64 characters each; case does not count.
    tags: Patch<Vec<String>>,
    /// At most 255 characters. Where the organization uses pipelines, the name of a stage; else kept
    /// as the policy's `allowedStatuses` spell it.
    status: Patch<String>,
    /// At most 255 characters. Where the organization uses pipelines, the name of a stage.
    stage: Patch<String>,
    /// The pipeline to put it into; the default one, where the organization uses pipelines.
    pipeline_id: Patch<ID>,
    /// The stage to put it at; the pipeline's first, where the organization uses pipelines.
    pipeline_stage_id: Patch<ID>,
    /// At most 255 characters.
    process: Patch<String>,
    /// How the contact came in, at most 255 characters.
    source: Patch<String>,
    /// Your own rating; any 32-bit integer.
    // Wider than it is: see `score_of`.
    score: Patch<i64>,
    /// At most 65,536 characters; tabs and line breaks are welcome.
    notes: Patch<String>,
    /// True for a new contact when omitted.
    is_active: Patch<bool>,
    /// True for a new contact when omitted.
    email_subscribed: Patch<bool>,
    /// An object of at most 16 KiB and 200 top-level keys. A number that is neither a 64-bit integer
    /// nor a double is `METADATA_INVALID`: send it as text.
    metadata: Patch<Json>,
    /// As `metadata`.
    industry_context: Patch<Json>,
    /// The team it belongs to; a key limited to teams may use those only.
    team_id: Patch<ID>,
    /// The user who owns it; the key's user for a new contact when omitted.
    owner_id: Patch<ID>,
    /// At most 50; the key's user for a new contact when omitted.
    assignee_ids: Patch<Vec<ID>>,
    /// When it was created in the system it comes from.
    source_created_at: Patch<DateTime>,
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

impl TryFrom<CreateContactInput> for ContactDraft {
    type Error = ApiError;

    fn try_from(input: CreateContactInput) -> ApiResult<Self> {
        input.fields.try_into()
    }
}

impl TryFrom<ContactPatchInput> for ContactDraft {
    type Error = ApiError;

    fn try_from(input: ContactPatchInput) -> ApiResult<Self> {
        let ContactPatchInput { fields, add_tags, remove_tags } = input;
        Ok(Self { add_tags, remove_tags, ..fields.try_into()? })
    }
}

impl TryFrom<ContactFields> for ContactDraft {
    type Error = ApiError;

    /// Names every field on both sides, so that none can be forgotten.
    fn try_from(input: ContactFields) -> ApiResult<Self> {
        let ContactFields {
            first_name,
            last_name,
            external_id,
            email,
            emails,
            phone,
            phones,
            whatsapp_number,
            company,
            company_id,
            job_title,
            industry,
            website,
            linkedin_url,
            address_line1,
            address_line2,
            city,
            state,
            zip,
            country,
            timezone,
            language,
            tags,
            status,
            stage,
            pipeline_id,
            pipeline_stage_id,
            process,
            source,
            score,
            notes,
            is_active,
            email_subscribed,
            metadata,
            industry_context,
            team_id,
            owner_id,
            assignee_ids,
            source_created_at,
        } = input;
        Ok(Self {
            texts: TextFields {
                external_id,
                first_name,
                last_name,
                company,
                job_title,
                industry,
                website,
                linkedin_url,
                address_line1,
                address_line2,
                city,
                state,
                zip,
                country,
                timezone,
                language,
                process,
                notes,
                // Set by recording a run only.
                enrichment_status: Patch::Absent,
            },
            email,
            emails: emails.map(|list| list.into_iter().map(EmailDraft::from).collect()),
            phone,
            phones: phones.map(|list| list.into_iter().map(PhoneDraft::from).collect()),
            whatsapp_number,
            tags,
            add_tags: Patch::Absent,
            remove_tags: Patch::Absent,
            status,
            stage,
            source,
            score: score_of(score)?,
            is_active,
            email_subscribed,
            metadata: metadata.map(Json::exact),
            industry_context: industry_context.map(Json::exact),
            company_id: company_id.map(|id| id.0),
            pipeline_id: pipeline_id.map(|id| id.0),
            pipeline_stage_id: pipeline_stage_id.map(|id| id.0),
            team_id: team_id.map(|id| id.0),
            owner_id: owner_id.map(|id| id.0),
            assignee_ids: assignee_ids.map(|ids| ids.into_iter().map(|id| id.0).collect()),
            source_created_at: source_created_at.map(DateTime::ms),
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

/// Converts a score. A number that is not a 32-bit integer is refused here, because the library would
/// null the answers of the operation's other fields with it.
pub(in crate::graphql) fn score_of(input: Patch<i64>) -> ApiResult<Patch<i32>> {
    match input {
        Patch::Absent => Ok(Patch::Absent),
        Patch::Null => Ok(Patch::Null),
        Patch::Value(score) => i32::try_from(score)
            .map(Patch::Value)
            .map_err(|_| ApiError::bad_input("score", "is not a 32-bit integer")),
    }
}

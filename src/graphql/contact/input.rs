//! Inputs of a contact: a new one, and a change.

mod entries;

use async_graphql::{ID, InputObject};

use self::entries::{ContactEmailInput, ContactPhoneInput};
use crate::{
    contacts::{ContactDraft, EmailDraft, PhoneDraft, TextFields},
    graphql::{
        error::{ApiError, ApiResult},
        scalars::{DateTime, Json},
    },
    input::patch::Patch,
};

/// A new contact. No field is required by the schema; the organization's `ContactPolicy` may require some.
/// Null and blank text are the same as omitted: the policy's default fills the field.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateContactInput {
    #[graphql(flatten)]
    fields: ContactFields,
}

/// A change of a contact. Omitted fields stay unchanged; null and blank text clear a field. `metadata` and
/// `industryContext` merge by top-level key; a null value removes the key.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct ContactPatchInput {
    #[graphql(flatten)]
    fields: ContactFields,
    /// Tags to add. Not together with `tags`.
    add_tags: Patch<Vec<String>>,
    /// Tags to remove. Not together with `tags`.
    remove_tags: Patch<Vec<String>>,
}

/// Fields that the inputs of a new contact and of a change have in common.
#[derive(Debug, InputObject)]
struct ContactFields {
    /// Given name, at most 256 characters. Required by the policies STANDARD and DIALER.
    first_name: Patch<String>,
    /// Family name, at most 256 characters.
    last_name: Patch<String>,
    /// Your own key for this person, at most 255 characters; `EXTERNAL_ID_TAKEN` if another contact has
    /// it. Blank is the same as null, as in every text.
    external_id: Patch<String>,
    /// Primary email address. In a change it becomes the primary one and the others stay; null removes the
    /// primary one.
    email: Patch<String>,
    /// All emails, at most 20. In a change they replace the existing ones. Not together with `email`.
    emails: Patch<Vec<ContactEmailInput>>,
    /// Primary phone number. In a change it becomes the primary one and the others stay; null removes the
    /// primary one.
    phone: Patch<String>,
    /// All phones, at most 20. In a change they replace the existing ones. Not together with `phone`.
    phones: Patch<Vec<ContactPhoneInput>>,
    /// WhatsApp number, always stored in E.164. If it is one of the numbers, that one is flagged; else it is
    /// added, and is not primary.
    whatsapp_number: Patch<String>,
    /// Company name as text. If `companyId` is given too, the name of that company is used instead.
    company: Patch<String>,
    /// Id of an existing company to link to.
    company_id: Patch<ID>,
    /// Job title. Like every text without a limit of its own, at most 1,024 characters.
    job_title: Patch<String>,
    /// Line of business.
    industry: Patch<String>,
    /// Web address, http or https, whose host has a dot; `https://` is added if it has no scheme.
    website: Patch<String>,
    /// Web address of the LinkedIn profile, under the rules of `website`.
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
    /// ISO 3166-1 alpha-2 or alpha-3 code, `UK`, or a common English name; stored as alpha-2.
    country: Patch<String>,
    /// IANA time zone, e.g. `Europe/Berlin`.
    timezone: Patch<String>,
    /// BCP 47 tag of a registered language, e.g. `pt-BR`; `pt_BR` is accepted too.
    language: Patch<String>,
    /// All tags, at most 100 of 64 characters each. Names that differ in case only are the same tag. `TOO_MANY` if the organization would have more than 10,000.
    tags: Patch<Vec<String>>,
    /// Lifecycle status, at most 255 characters. In a pipeline organization, the name of a stage; elsewhere
    /// stored in the spelling of the policy's `allowedStatuses`.
    status: Patch<String>,
    /// Stage label, at most 255 characters. In a pipeline organization, the name of a stage.
    stage: Patch<String>,
    /// Id of the pipeline to put the contact in. A pipeline organization defaults to its default pipeline.
    pipeline_id: Patch<ID>,
    /// Id of the stage to put the contact at. A pipeline organization defaults to the policy's default stage,
    /// else the first of the pipeline.
    pipeline_stage_id: Patch<ID>,
    /// Process that the contact takes part in, at most 255 characters.
    process: Patch<String>,
    /// Channel that the contact came in by, e.g. `api`, `import`, `form`; at most 255 characters. Defaults to
    /// the policy's `defaultSource`.
    source: Patch<String>,
    /// Your own rating; any 32-bit integer.
    // Wider than the schema's type: see `score_of`.
    score: Patch<i64>,
    /// Free text of several lines, at most 65,536 characters. Tabs and line breaks are allowed.
    notes: Patch<String>,
    /// True if the contact is in use. Defaults to true.
    is_active: Patch<bool>,
    /// True if the person wants email. Defaults to true.
    email_subscribed: Patch<bool>,
    /// Your own data: a JSON object of at most 16 KiB and 200 top-level keys. A number that is neither a
    /// 64-bit integer nor a double is `METADATA_INVALID`: send it as text.
    metadata: Patch<Json>,
    /// Your own data about the line of business, under the rules of `metadata`.
    industry_context: Patch<Json>,
    /// Id of the team that the contact belongs to. An API key that is limited to teams may use those only.
    team_id: Patch<ID>,
    /// Id of the user who owns the contact. Defaults to the API key's user in a new contact.
    owner_id: Patch<ID>,
    /// Ids of the users who work on the contact, at most 50. Defaults to the API key's user in a new contact.
    assignee_ids: Patch<Vec<ID>>,
    /// Time of creation in the system that the contact comes from.
    source_created_at: Patch<DateTime>,
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
                // Only recording an enrichment run sets it.
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

/// Converts a score, and refuses a number that is not a 32-bit integer.
pub(in crate::graphql) fn score_of(input: Patch<i64>) -> ApiResult<Patch<i32>> {
    // If the type of the input refused it, async-graphql would null the answers of the operation's other
    // fields too.
    match input {
        Patch::Absent => Ok(Patch::Absent),
        Patch::Null => Ok(Patch::Null),
        Patch::Value(score) => i32::try_from(score)
            .map(Patch::Value)
            .map_err(|_| ApiError::bad_input("score", "is not a 32-bit integer")),
    }
}

//! `updateContactPolicy`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    access::Scope,
    graphql::{
        context::ContextExt as _,
        error::ApiResult,
        organization::{ContactField, ContactPolicyPreset, Organization, PhoneFormat},
        user_error::{UserError, user_errors},
    },
    input::patch::Patch,
    policies::{PolicyPatch, UpdatePolicy},
};

/// A change to the policy: give a preset, or single fields, or both (fields win). Omitted: as it is.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateContactPolicyInput {
    /// Sets every field; CUSTOM changes nothing.
    preset: Option<ContactPolicyPreset>,
    /// A contact without these is refused; those that are there stay as they are.
    required_fields: Option<Vec<ContactField>>,
    /// For an omitted last name; null: none.
    default_last_name: Patch<String>,
    /// For an omitted status; null: `active`, or with `usesPipelines` the first stage's name.
    default_status: Patch<String>,
    /// For an omitted stage; null: none.
    default_stage: Patch<String>,
    /// For an omitted country; null: none.
    default_country: Patch<String>,
    /// For an omitted source; not blank.
    default_source: Option<String>,
    /// How phone numbers are kept from now on.
    phone_format: Option<PhoneFormat>,
    /// Region assumed for national numbers: any that has numbers, such as US or XK; null: none.
    default_phone_region: Patch<String>,
    /// `DUPLICATES_EXIST` while live contacts share a number.
    unique_phone: Option<bool>,
    /// `DUPLICATES_EXIST` while live contacts share an address.
    unique_email: Option<bool>,
    /// Without any pipeline, one named "Default" with the stage "New Lead" is made.
    uses_pipelines: Option<bool>,
    /// At most 200; empty: any status. Case does not count, and these spellings are kept.
    allowed_statuses: Option<Vec<String>>,
}

impl UpdateContactPolicyInput {
    /// Converts to the command. A field that is forgotten here is reported by the compiler: it is
    /// missing in the patch, or never read in the input.
    fn into_command(self) -> UpdatePolicy {
        UpdatePolicy(PolicyPatch {
            preset: self.preset.map(Into::into),
            required_fields: self.required_fields.map(|fields| fields.into_iter().map(Into::into).collect()),
            default_last_name: self.default_last_name,
            default_status: self.default_status,
            default_stage: self.default_stage,
            default_country: self.default_country,
            default_source: self.default_source,
            phone_format: self.phone_format.map(Into::into),
            default_phone_region: self.default_phone_region,
            unique_phone: self.unique_phone,
            unique_email: self.unique_email,
            uses_pipelines: self.uses_pipelines,
            allowed_statuses: self.allowed_statuses,
        })
    }
}

/// The organization after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ContactPolicyPayload {
    /// Null when there are `userErrors`, and nothing was written.
    organization: Option<Organization>,
    /// Empty if and only if the policy is as it was asked to be.
    user_errors: Vec<UserError>,
}

/// Resolver of `updateContactPolicy`.
#[derive(Default)]
pub(super) struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Give a preset, or single fields, or both (fields win). Contacts that are there stay as they are.
    async fn update_contact_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateContactPolicyInput,
    ) -> Option<ApiResult<ContactPolicyPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            let organization = match written.problems.is_empty() {
                true => Some(Organization::load(&loaders).await?),
                false => None,
            };
            Ok(ContactPolicyPayload { organization, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.await)
    }
}

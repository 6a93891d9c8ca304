//! `updateContactPolicy`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

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

/// Change to the policy: a preset, single fields, or both, in which case the fields win. Omitted fields stay.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateContactPolicyInput {
    /// Sets every field; CUSTOM changes nothing.
    preset: Option<ContactPolicyPreset>,
    /// Contacts without these fields are refused. Existing contacts stay as they are.
    required_fields: Option<Vec<ContactField>>,
    /// Default for an omitted last name; null: none.
    default_last_name: Patch<String>,
    /// Default for an omitted status; null: `active`, or with `usesPipelines` the first stage's name.
    default_status: Patch<String>,
    /// Default for an omitted stage; null: none.
    default_stage: Patch<String>,
    /// Default for an omitted country; null: none.
    default_country: Patch<String>,
    /// Default for an omitted source; not blank.
    default_source: Option<String>,
    /// Format in which phone numbers are stored from now on.
    phone_format: Option<PhoneFormat>,
    /// Region assumed for national numbers: any that has numbers, such as US or XK; null: none.
    default_phone_region: Patch<String>,
    /// True: no two live contacts may have the same number. `DUPLICATES_EXIST` while some do.
    unique_phone: Option<bool>,
    /// True: no two live contacts may have the same address. `DUPLICATES_EXIST` while some do.
    unique_email: Option<bool>,
    /// True: `status` and `stage` follow the pipeline stage. If the organization has no pipeline, one
    /// named "Default" with the stage "New Lead" is created.
    uses_pipelines: Option<bool>,
    /// At most 200; empty: any status. Case does not count; statuses are stored as spelled here.
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

/// The organization after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ContactPolicyPayload {
    /// The organization as it is now; null when there are `userErrors`, and nothing was written.
    organization: Option<Organization>,
    /// Empty if and only if the policy is as it was asked to be.
    user_errors: Vec<UserError>,
}

/// Resolver of `updateContactPolicy`.
#[derive(Default)]
pub(super) struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Update the policy by a preset, by single fields, or by both, in which case the fields win. Existing contacts stay as they are. Requires `settings:write`.
    async fn update_contact_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The preset and the fields to change.")] input: UpdateContactPolicyInput,
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
        Some(payload.boxed().await)
    }
}

//! Changing an organization's policy. The presets stand in `organizations::Policy`.

use entity::{
    contact, contact_email, contact_phone,
    organization::{self, PhoneFormat, Preset},
};
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Condition, ExprTrait as _},
};

use crate::{
    contacts::live,
    database::{Outcome, Read as _, WriteTx},
    error::DatabaseError,
    input::{
        locale::{COUNTRY, NormalForm},
        patch::Patch,
        phone,
        problem::{ProblemCode, Problems},
        text::{self, LineBreaks, comparison_key, is_blank},
    },
    organizations::{ContactField, Policy},
    pipelines,
    writing::{Operation, Written},
};

/// A region with phone numbers.
const PHONE_REGION: NormalForm = NormalForm::new(
    phone::region,
    ProblemCode::CountryInvalid,
    "is not a region with phone numbers. Use its two-letter code, such as US or XK",
);

/// Maximum number of statuses that a policy lists.
const MAX_STATUSES: usize = 200;
/// Maximum characters of a status, stage, source or last name.
const MAX_CHARS: usize = 255;

/// Changes to a policy: a preset first, then single fields.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of a policy")]
pub struct PolicyPatch {
    pub preset: Option<Preset>,
    pub required_fields: Option<Vec<ContactField>>,
    pub default_last_name: Patch<String>,
    pub default_status: Patch<String>,
    pub default_stage: Patch<String>,
    pub default_country: Patch<String>,
    pub default_source: Option<String>,
    pub phone_format: Option<PhoneFormat>,
    pub default_phone_region: Patch<String>,
    pub unique_phone: Option<bool>,
    pub unique_email: Option<bool>,
    pub uses_pipelines: Option<bool>,
    pub allowed_statuses: Option<Vec<String>>,
}

/// Changes the policy. Contacts that exist already stay as they are.
#[derive(Debug)]
pub struct UpdatePolicy(pub PolicyPatch);

impl Operation for UpdatePolicy {
    type Answer = Written<()>;

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Written<()>>, DatabaseError> {
        const DURING: &str = "changing a policy";
        let row = tx.find::<organization::Entity>(Condition::all()).await?.pop();
        let row = row.ok_or_else(|| DatabaseError::internal(DURING, "no organization"))?;
        let old = Policy::try_from(row.clone())?;
        let mut problems = Problems::default();
        let new = self.0.apply(&mut problems, old.clone());
        if new.unique_phone && !old.unique_phone {
            let shared = shared_values::<contact_phone::Entity>(
                tx,
                contact_phone::Column::Number,
                contact_phone::Column::ContactId,
            );
            report_duplicates(
                &mut problems,
                "uniquePhone",
                "phone numbers",
                shared.await?.iter().filter(|number| phone::identifies(number)).count(),
            );
        }
        if new.unique_email && !old.unique_email {
            let shared = shared_values::<contact_email::Entity>(
                tx,
                contact_email::Column::AddressKey,
                contact_email::Column::ContactId,
            );
            report_duplicates(&mut problems, "uniqueEmail", "email addresses", shared.await?.len());
        }
        if !problems.is_empty() {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        }
        if new == old {
            return Ok(Outcome::Unchanged(Written::new(())));
        }
        if new.uses_pipelines {
            pipelines::ensure_one(tx).await?;
        }
        tx.replace::<organization::Entity>(vec![new.into_row(row.id, row.name, row.created_at)]).await?;
        tx.settings_changed().await?;
        Ok(Outcome::Changed(Written::new(())))
    }
}

impl PolicyPatch {
    /// Applies the changes to a policy. A field with a problem stays as it is.
    fn apply(&self, problems: &mut Problems, old: Policy) -> Policy {
        let Self {
            preset,
            required_fields,
            default_last_name,
            mut default_status,
            mut default_stage,
            default_country,
            default_source,
            phone_format,
            default_phone_region,
            unique_phone,
            unique_email,
            uses_pipelines,
            allowed_statuses,
        } = self.clone();
        let mut policy = match preset {
            None | Some(Preset::Custom) => old,
            Some(preset) => Policy::of(preset),
        };
        set(&mut policy.required_fields, required_fields);
        set(&mut policy.phone_format, phone_format);
        set(&mut policy.unique_phone, unique_phone);
        set(&mut policy.unique_email, unique_email);
        set(&mut policy.uses_pipelines, uses_pipelines);
        // A blank last name is a default like any other: contacts then have an empty one, not null.
        set_text(problems, "defaultLastName", &mut policy.default_last_name, default_last_name);
        default_status.null_if(|text| is_blank(text));
        set_text(problems, "defaultStatus", &mut policy.default_status, default_status);
        default_stage.null_if(|text| is_blank(text));
        set_text(problems, "defaultStage", &mut policy.default_stage, default_stage);
        set_region(problems, "defaultCountry", &mut policy.default_country, default_country, COUNTRY);
        let region = &mut policy.default_phone_region;
        set_region(problems, "defaultPhoneRegion", region, default_phone_region, PHONE_REGION);
        if let Some(source) = default_source {
            if is_blank(&source) {
                problems.add("defaultSource", ProblemCode::Invalid, "is blank");
            } else if text::check(problems, "defaultSource", &source, MAX_CHARS, LineBreaks::Refused) {
                policy.default_source = source;
            }
        }
        if let Some(statuses) = allowed_statuses {
            policy.allowed_statuses = check_statuses(problems, statuses);
        }
        // Compared whole: a field that is set to the preset's own value leaves the preset's name.
        let preset = Policy { preset: policy.preset, ..Policy::of(policy.preset) };
        if policy != preset {
            policy.preset = Preset::Custom;
        }
        policy
    }
}

/// Sets a field, if a value is given.
fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// Sets a nullable text, unless it has a problem.
fn set_text(problems: &mut Problems, path: &str, field: &mut Option<String>, given: Patch<String>) {
    match given {
        Patch::Value(given) if text::check(problems, path, &given, MAX_CHARS, LineBreaks::Refused) => {
            *field = Some(given);
        }
        Patch::Null => *field = None,
        Patch::Value(_) | Patch::Absent => {}
    }
}

/// Sets a nullable country or region to its normal form, or reports one that has none. Blank is null.
fn set_region(
    problems: &mut Problems,
    path: &str,
    field: &mut Option<String>,
    mut given: Patch<String>,
    form: NormalForm,
) {
    given.null_if(|text| is_blank(text));
    match given {
        Patch::Value(given) => {
            if let Some(region) = form.check(problems, path, &given) {
                *field = Some(region);
            }
        }
        Patch::Null => *field = None,
        Patch::Absent => {}
    }
}

/// Returns the statuses without repeated ones, or reports those that a contact could not have.
fn check_statuses(problems: &mut Problems, given: Vec<String>) -> Vec<String> {
    if given.len() > MAX_STATUSES {
        problems.add(
            "allowedStatuses",
            ProblemCode::TooMany,
            format!("has more than {MAX_STATUSES} statuses"),
        );
    }
    let mut statuses: Vec<String> = Vec::new();
    for (index, status) in given.into_iter().take(MAX_STATUSES).enumerate() {
        let path = format!("allowedStatuses.{index}");
        if is_blank(&status) {
            problems.add(&path, ProblemCode::Invalid, "is blank");
        } else if text::check(problems, &path, &status, MAX_CHARS, LineBreaks::Refused) {
            let key = comparison_key(status.trim());
            if !statuses.iter().any(|known| comparison_key(known.trim()) == key) {
                statuses.push(status);
            }
        }
    }
    statuses
}

/// Returns the values that several live contacts share.
async fn shared_values<E: entity::Tenanted>(
    tx: &WriteTx<'_>,
    value: E::Column,
    contact_id: E::Column,
) -> Result<Vec<String>, DatabaseError> {
    let live_ids = tx.select::<contact::Entity>().column(contact::Column::Id).filter(live());
    let holders = contact_id.into_simple_expr().count_distinct();
    let select = tx
        .select::<E>()
        .column(value)
        .filter(live_ids.holds(contact_id.into_simple_expr()))
        .group_by(value)
        .having(holders.gt(1));
    let rows = tx.rows(select).await?;
    rows.iter().map(|row| row.get(value)).collect()
}

/// Reports that values are shared, so that they cannot be made unique.
fn report_duplicates(problems: &mut Problems, path: &str, what: &str, count: usize) {
    if count > 0 {
        let message = format!("cannot be turned on: {count} {what} are shared by several contacts");
        problems.add(path, ProblemCode::DuplicatesExist, message);
    }
}

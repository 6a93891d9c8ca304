//! Changing an organization's policy.

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
        locale::country,
        patch::Patch,
        phone,
        problem::{ProblemCode, Problems},
        text::{self, Lines, comparison_key, is_blank},
    },
    organizations::{ContactField, Policy},
    pipelines,
    writing::{Operation, Written},
};

/// Statuses that a policy may list, at most.
const STATUSES: usize = 200;
/// The longest status, stage, source or last name, in characters.
const LONGEST: usize = 255;

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
            let shared = shared::<contact_phone::Entity>(
                tx,
                contact_phone::Column::Number,
                contact_phone::Column::ContactId,
            );
            duplicates(
                &mut problems,
                "uniquePhone",
                "phone numbers",
                shared.await?.iter().filter(|number| phone::identifies(number)).count(),
            );
        }
        if new.unique_email && !old.unique_email {
            let shared = shared::<contact_email::Entity>(
                tx,
                contact_email::Column::AddressKey,
                contact_email::Column::ContactId,
            );
            duplicates(&mut problems, "uniqueEmail", "email addresses", shared.await?.len());
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
    fn apply(&self, problems: &mut Problems, old: Policy) -> Policy {
        let mut policy = match self.preset {
            None | Some(Preset::Custom) => old,
            Some(preset) => Policy::of(preset),
        };
        let given = self.clone();
        set(&mut policy.required_fields, given.required_fields);
        set(&mut policy.phone_format, given.phone_format);
        set(&mut policy.unique_phone, given.unique_phone);
        set(&mut policy.unique_email, given.unique_email);
        set(&mut policy.uses_pipelines, given.uses_pipelines);
        text(problems, "defaultLastName", &mut policy.default_last_name, given.default_last_name);
        let blank_is_null = |given: Patch<String>| match given {
            Patch::Value(text) if is_blank(&text) => Patch::Null,
            given => given,
        };
        text(problems, "defaultStatus", &mut policy.default_status, blank_is_null(given.default_status));
        text(problems, "defaultStage", &mut policy.default_stage, blank_is_null(given.default_stage));
        let message = "is not a recognised country. Use an ISO 3166-1 code or the English name";
        place(
            problems,
            "defaultCountry",
            &mut policy.default_country,
            given.default_country,
            country,
            message,
        );
        let message = "is not a region with phone numbers. Use its two-letter code, such as US or XK";
        let region = &mut policy.default_phone_region;
        place(problems, "defaultPhoneRegion", region, given.default_phone_region, phone::region, message);
        if let Some(source) = given.default_source {
            if is_blank(&source) {
                problems.add("defaultSource", ProblemCode::Invalid, "is blank");
            } else if text::check(problems, "defaultSource", &source, LONGEST, Lines::One) {
                policy.default_source = source;
            }
        }
        if let Some(statuses) = given.allowed_statuses {
            policy.allowed_statuses = allowed(problems, statuses);
        }
        // A field that was changed makes it another policy than the preset's.
        let preset = Policy { preset: policy.preset, ..Policy::of(policy.preset) };
        if policy != preset {
            policy.preset = Preset::Custom;
        }
        policy
    }
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

fn text(problems: &mut Problems, path: &str, field: &mut Option<String>, given: Patch<String>) {
    match given {
        Patch::Value(given) if text::check(problems, path, &given, LONGEST, Lines::One) => {
            *field = Some(given)
        }
        Patch::Null => *field = None,
        Patch::Value(_) | Patch::Absent => {}
    }
}

fn place(
    problems: &mut Problems,
    path: &str,
    field: &mut Option<String>,
    given: Patch<String>,
    normalize: fn(&str) -> Option<String>,
    message: &'static str,
) {
    match given {
        Patch::Value(given) if !is_blank(&given) => match normalize(&given) {
            Some(place) => *field = Some(place),
            None => problems.add(path, ProblemCode::CountryInvalid, message),
        },
        Patch::Null | Patch::Value(_) => *field = None,
        Patch::Absent => {}
    }
}

fn allowed(problems: &mut Problems, given: Vec<String>) -> Vec<String> {
    if given.len() > STATUSES {
        problems.add("allowedStatuses", ProblemCode::TooMany, format!("has more than {STATUSES} statuses"));
    }
    let mut statuses: Vec<String> = Vec::new();
    for (index, status) in given.into_iter().take(STATUSES).enumerate() {
        let path = format!("allowedStatuses.{index}");
        if is_blank(&status) {
            problems.add(&path, ProblemCode::Invalid, "is blank");
        } else if text::check(problems, &path, &status, LONGEST, Lines::One) {
            let key = comparison_key(status.trim());
            if !statuses.iter().any(|known| comparison_key(known.trim()) == key) {
                statuses.push(status);
            }
        }
    }
    statuses
}

/// Values that several live contacts share.
async fn shared<E: entity::Tenanted>(
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

fn duplicates(problems: &mut Problems, path: &str, what: &str, count: usize) {
    if count > 0 {
        let message = format!("cannot be turned on: {count} {what} are shared by several contacts");
        problems.add(path, ProblemCode::DuplicatesExist, message);
    }
}

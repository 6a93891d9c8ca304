//! Creating a contact: prepared outside the transaction, written in a batch under the clock.

use std::{collections::HashSet, sync::Arc};

use entity::contact::{self, ActiveModel, Column};
use sea_orm::ActiveValue::{self, Set};
use uuid::Uuid;

use super::{
    check,
    conflicts::{Held, Holders},
    draft::{Draft, Field},
    email::{self, Email},
    fault::{Fault, FaultCode, Faults},
    phone::{self, Phone},
    references::References,
    stage,
    store::NewRows,
    tag::{self, TagBook, TagName},
    text::{is_blank, name_key},
};
use crate::{
    access::Caller,
    database::{Job, Outcome, WriteTx},
    error::DatabaseError,
    organizations::{ContactField, Settings, SettingsCache},
};

mod rows;

const ASSIGNEES: usize = 50;

/// The new contact, or all that is wrong with the input.
pub type Created = Result<Arc<contact::Model>, Vec<Fault>>;

/// The job that creates a contact.
#[derive(Debug)]
pub struct Create {
    id: Uuid,
    draft: Draft,
    by: By,
    prepared: Prepared,
    settings: SettingsCache,
}

/// Who creates it.
#[derive(Clone, Debug)]
struct By {
    user_id: Option<Uuid>,
    key_id: Uuid,
    teams: Option<HashSet<Uuid>>,
}

/// All that can be known of a new contact without the database, under one state of the settings.
#[derive(Clone, Debug)]
struct Prepared {
    settings_seq: i64,
    /// Without stamps, and without what `phones`, `emails` and `tags` say.
    contact: ActiveModel,
    phones: Vec<Phone>,
    emails: Vec<Email>,
    tags: Vec<TagName>,
    /// With their places in the input.
    assignees: Vec<(usize, Uuid)>,
    unique_phone: bool,
    unique_email: bool,
    faults: Vec<Fault>,
}

impl Create {
    /// Checks, normalizes and completes a draft under the settings as they are known here.
    #[must_use]
    pub fn prepare(draft: Draft, caller: &Caller, settings: &Settings, cache: SettingsCache) -> Self {
        let by = By { user_id: caller.user_id, key_id: caller.key_id, teams: caller.teams.clone() };
        let prepared = Prepared::new(draft.clone(), &by, settings);
        Self { id: Uuid::now_v7(), draft, by, prepared, settings: cache }
    }

    /// As prepared, or prepared again if the settings have changed since.
    async fn current(&self, tx: &WriteTx<'_>) -> Result<Prepared, DatabaseError> {
        let seq = tx.clock().settings_seq;
        if self.prepared.settings_seq == seq {
            return Ok(self.prepared.clone());
        }
        let settings = self.settings.current(tx, seq).await?;
        Ok(Prepared::new(self.draft.clone(), &self.by, &settings))
    }
}

impl Prepared {
    fn new(draft: Draft, by: &By, settings: &Settings) -> Self {
        let Draft {
            mut contact,
            email,
            emails,
            phone,
            phones,
            whatsapp_number,
            tags,
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
        } = draft;
        let policy = &settings.policy;
        let mut faults = Faults::default();
        check::columns(&mut faults, &mut contact);
        if faults.concern("externalId") {
            // Looked up under the clock, where PostgreSQL takes no text with a zero in it.
            contact.external_id = Set(None);
        }
        let emails = email::check(&mut faults, email, emails);
        let phones = phone::check(&mut faults, policy, phone, phones, whatsapp_number);
        let tags = tag::check(&mut faults, "tags", tags);

        default(&mut contact.last_name, policy.default_last_name.as_ref());
        default(&mut contact.country, policy.default_country.as_ref());
        let given = stage::Given {
            status: check::label(&mut faults, Column::Status, status),
            stage: value(&contact.stage).filter(|stage| !is_blank(stage)),
            pipeline_id,
            pipeline_stage_id,
        };
        let resolved = stage::resolve(&mut faults, settings, given);
        contact.status = Set(resolved.status);
        contact.stage = Set(resolved.stage);
        contact.pipeline_id = Set(resolved.pipeline_id);
        contact.pipeline_stage_id = Set(resolved.pipeline_stage_id);
        let source = check::label(&mut faults, Column::Source, source);
        contact.source = Set(source.unwrap_or_else(|| policy.default_source.clone()));
        contact.is_active = Set(is_active.given().unwrap_or(true));
        contact.email_subscribed = Set(email_subscribed.given().unwrap_or(true));
        contact.metadata = Set(check::object(&mut faults, "metadata", metadata));
        contact.industry_context = Set(check::object(&mut faults, "industryContext", industry_context));
        contact.company_id = Set(reference(&mut faults, "companyId", FaultCode::CompanyNotFound, company_id));
        contact.team_id = Set(team(&mut faults, settings, by, team_id));
        let owner = reference(&mut faults, "ownerId", FaultCode::UserNotFound, owner_id.clone());
        contact.owner_id = Set(owner.or(by.user_id.filter(|_| owner_id.given().is_none())));
        let assignees = assignees(&mut faults, by, assignee_ids);
        contact.name_key =
            Set(name_key(value(&contact.first_name).as_deref(), value(&contact.last_name).as_deref()));
        require(&mut faults, settings, &contact, &emails, &phones);
        Self {
            settings_seq: settings.seq,
            contact,
            phones,
            emails,
            tags,
            assignees,
            unique_phone: policy.unique_phone,
            unique_email: policy.unique_email,
            faults: faults.into_vec(),
        }
    }
}

/// The value of a column that may be null.
fn value<T: Clone + Into<sea_orm::Value>>(column: &ActiveValue<Option<T>>) -> Option<T>
where
    Option<T>: Into<sea_orm::Value>,
{
    match column {
        Set(value) | ActiveValue::Unchanged(value) => value.clone(),
        ActiveValue::NotSet => None,
    }
}

/// Fills a column that was omitted or null.
fn default(column: &mut ActiveValue<Option<String>>, default: Option<&String>) {
    if value(column).is_none() {
        *column = Set(default.cloned());
    }
}

/// An id that is no UUID is answered like an unknown one.
fn reference(faults: &mut Faults, path: &str, code: FaultCode, given: Field<String>) -> Option<Uuid> {
    let id = given.given()?.parse().ok();
    if id.is_none() {
        not_found(faults, path, code);
    }
    id
}

fn not_found(faults: &mut Faults, path: &str, code: FaultCode) {
    let what = match code {
        FaultCode::CompanyNotFound => "company",
        FaultCode::TeamNotFound => "team",
        _ => "user",
    };
    faults.add(path, code, format!("there is no such {what}"));
}

fn team(faults: &mut Faults, settings: &Settings, by: &By, given: Field<String>) -> Option<Uuid> {
    let id = reference(faults, "teamId", FaultCode::TeamNotFound, given)?;
    if !settings.teams.contains(&id) {
        not_found(faults, "teamId", FaultCode::TeamNotFound);
    } else if by.teams.as_ref().is_some_and(|teams| !teams.contains(&id)) {
        let message = "this API key may not put contacts into this team";
        faults.add("teamId", FaultCode::TeamAccessDenied, message);
    }
    Some(id)
}

fn assignees(faults: &mut Faults, by: &By, given: Field<Vec<String>>) -> Vec<(usize, Uuid)> {
    let Some(given) = given.given() else {
        return by.user_id.into_iter().map(|id| (0, id)).collect();
    };
    if given.len() > ASSIGNEES {
        let message = format!("has more than {ASSIGNEES} assignees");
        faults.add("assigneeIds", FaultCode::TooMany, message);
    }
    let mut ids: Vec<(usize, Uuid)> = Vec::new();
    for (index, id) in given.into_iter().take(ASSIGNEES).enumerate() {
        let path = format!("assigneeIds.{index}");
        let id = reference(faults, &path, FaultCode::UserNotFound, Field::Given(id));
        // A repeated id keeps the place of its first mention.
        let id = id.filter(|id| ids.iter().all(|(_, known)| known != id));
        ids.extend(id.map(|id| (index, id)));
    }
    ids
}

/// What the policy requires. A field that was given but refused is not also missed.
fn require(
    faults: &mut Faults,
    settings: &Settings,
    contact: &ActiveModel,
    emails: &[Email],
    phones: &[Phone],
) {
    let blank = |column: &ActiveValue<Option<String>>| value(column).is_none_or(|text| is_blank(&text));
    let missing = [
        (ContactField::FirstName, blank(&contact.first_name), "firstName", FaultCode::FirstNameRequired),
        (ContactField::LastName, blank(&contact.last_name), "lastName", FaultCode::LastNameRequired),
        (
            ContactField::Email,
            emails.is_empty() && !faults.concern("email"),
            "email",
            FaultCode::EmailRequired,
        ),
        (
            ContactField::Phone,
            !phones.iter().any(|phone| phone.is_primary) && !faults.concern("phone"),
            "phone",
            FaultCode::PhoneRequired,
        ),
        (
            ContactField::Company,
            blank(&contact.company) && value(&contact.company_id).is_none(),
            "company",
            FaultCode::CompanyRequired,
        ),
    ];
    for (field, missing, path, code) in missing {
        if missing && settings.policy.requires(field) {
            faults.add(path, code, "is required by the organization's policy");
        }
    }
}

impl Job for Create {
    type Answer = Created;

    fn rows(&self) -> u32 {
        1
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Created>>, DatabaseError> {
        let mut prepared = Vec::with_capacity(jobs.len());
        for job in jobs {
            prepared.push(job.current(tx).await?);
        }
        let references = References::load(
            tx,
            prepared.iter().filter_map(|new| value(&new.contact.company_id)),
            prepared.iter().flat_map(Prepared::users),
        )
        .await?;
        let mut holders = Holders::load(
            tx,
            prepared.iter().filter_map(Prepared::external_id),
            prepared.iter().flat_map(Prepared::unique_numbers).map(|phone| phone.number.as_str()),
            prepared.iter().flat_map(Prepared::unique_addresses).map(|email| email.key.as_str()),
        )
        .await?;
        for new in &mut prepared {
            new.check_references(&references);
        }
        let sound = prepared.iter().filter(|new| new.faults.is_empty());
        let mut tags = TagBook::load(tx, sound.flat_map(|new| &new.tags)).await?;
        let mut rows = NewRows::default();
        let mut outcomes = Vec::with_capacity(jobs.len());
        for (job, mut new) in jobs.iter().zip(prepared) {
            new.check_conflicts(&holders);
            if new.faults.is_empty() {
                new.hold(&mut holders, job.id);
                let contact = rows.add(tx, &mut tags, job, new)?;
                outcomes.push(Outcome::Changed(Ok(contact)));
            } else {
                outcomes.push(Outcome::Unchanged(Err(new.faults)));
            }
        }
        tags.save(tx).await?;
        rows.save(tx).await?;
        Ok(outcomes)
    }
}

impl Prepared {
    fn users(&self) -> impl Iterator<Item = Uuid> {
        value(&self.contact.owner_id).into_iter().chain(self.assignees.iter().map(|(_, id)| *id))
    }

    fn external_id(&self) -> Option<&str> {
        match &self.contact.external_id {
            Set(external_id) => external_id.as_deref(),
            _ => None,
        }
    }

    fn unique_numbers(&self) -> &[Phone] {
        if self.unique_phone { &self.phones } else { &[] }
    }

    fn unique_addresses(&self) -> &[Email] {
        if self.unique_email { &self.emails } else { &[] }
    }

    /// Faults what does not exist; takes the name of the company over.
    fn check_references(&mut self, references: &References) {
        let mut faults = Faults::from(std::mem::take(&mut self.faults));
        if let Some(company_id) = value(&self.contact.company_id) {
            match references.company(company_id) {
                Some(name) => self.contact.company = Set(Some(name.to_owned())),
                None => not_found(&mut faults, "companyId", FaultCode::CompanyNotFound),
            }
        }
        if value(&self.contact.owner_id).is_some_and(|id| !references.has_user(id)) {
            not_found(&mut faults, "ownerId", FaultCode::UserNotFound);
        }
        for (index, id) in &self.assignees {
            if !references.has_user(*id) {
                not_found(&mut faults, &format!("assigneeIds.{index}"), FaultCode::UserNotFound);
            }
        }
        self.faults = faults.into_vec();
    }

    /// Faults what another live contact holds.
    fn check_conflicts(&mut self, holders: &Holders) {
        let mut faults = Faults::from(std::mem::take(&mut self.faults));
        let external_id = self.external_id().and_then(|id| holders.holder(Held::ExternalId, id));
        if let Some(holder) = external_id {
            let message = "another contact has this external id";
            faults.conflict("externalId", FaultCode::ExternalIdTaken, message, vec![holder]);
        }
        for phone in self.unique_numbers() {
            if let Some(holder) = holders.holder(Held::Phone, &phone.number) {
                let message = "another contact has this phone number";
                faults.conflict(&phone.path, FaultCode::PhoneTaken, message, vec![holder]);
            }
        }
        for email in self.unique_addresses() {
            if let Some(holder) = holders.holder(Held::Email, &email.key) {
                let message = "another contact has this email address";
                faults.conflict(&email.path, FaultCode::EmailTaken, message, vec![holder]);
            }
        }
        self.faults = faults.into_vec();
    }

    /// Keeps what it holds from the jobs after it.
    fn hold(&self, holders: &mut Holders, id: Uuid) {
        if let Some(external_id) = self.external_id() {
            holders.take(Held::ExternalId, external_id, id);
        }
        for phone in self.unique_numbers() {
            holders.take(Held::Phone, &phone.number, id);
        }
        for email in self.unique_addresses() {
            holders.take(Held::Email, &email.key, id);
        }
    }
}

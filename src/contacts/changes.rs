//! An input, checked and normalized field by field: what a create, an update and an upsert all
//! start from.
//!
//! It depends on the settings (how phones are kept, which teams there are), so it is made anew
//! when those have changed before it is written.

use std::collections::HashSet;

use entity::contact::{ActiveModel, Column};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    check,
    draft::{BlankEntries, Draft, Field},
    email::{self, GivenEmail},
    phone::{self, GivenPhone},
    tag::{self, TagName},
    text::is_blank,
};
use crate::{
    access::Caller,
    fault::{FaultCode, Faults},
    organizations::Settings,
};

/// Assignees of a contact, at most.
const ASSIGNEES: usize = 50;

/// Who writes.
#[derive(Clone, Debug)]
pub(super) struct By {
    pub(super) user_id: Option<Uuid>,
    pub(super) key_id: Uuid,
    /// The teams it is limited to.
    pub(super) teams: Option<HashSet<Uuid>>,
}

impl From<&Caller> for By {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.user_id, key_id: caller.key_id, teams: caller.teams.clone() }
    }
}

/// What is to become of a contact, and what is wrong with it already.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// The columns that are nothing but a value.
    pub(super) contact: ActiveModel,
    pub(super) email: Field<GivenEmail>,
    pub(super) emails: Field<Vec<GivenEmail>>,
    pub(super) phone: Field<GivenPhone>,
    pub(super) phones: Field<Vec<GivenPhone>>,
    pub(super) whatsapp_number: Field<GivenPhone>,
    pub(super) tags: Field<Vec<TagName>>,
    pub(super) add_tags: Vec<TagName>,
    pub(super) remove_tags: Vec<TagName>,
    pub(super) status: Field<String>,
    pub(super) stage: Field<String>,
    pub(super) source: Field<String>,
    pub(super) is_active: Field<bool>,
    pub(super) email_subscribed: Field<bool>,
    pub(super) metadata: Field<Map<String, Json>>,
    pub(super) industry_context: Field<Map<String, Json>>,
    pub(super) company_id: Field<Uuid>,
    pub(super) pipeline_id: Field<Uuid>,
    pub(super) pipeline_stage_id: Field<Uuid>,
    pub(super) team_id: Field<Uuid>,
    pub(super) owner_id: Field<Uuid>,
    /// With their places in the input.
    pub(super) assignees: Field<Vec<(usize, Uuid)>>,
    pub(super) faults: Faults,
}

impl Changes {
    /// Checks a draft under these settings.
    pub(super) fn check(draft: Draft, blanks: BlankEntries, by: &By, settings: &Settings) -> Self {
        let Draft {
            mut contact,
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
        } = draft;
        let policy = &settings.policy;
        let mut faults = Faults::default();
        let conflicts = [
            ("email", "emails", email.is_said() && emails.is_said()),
            ("phone", "phones", phone.is_said() && phones.is_said()),
            ("tags", "addTags", tags.is_said() && add_tags.is_said()),
            ("tags", "removeTags", tags.is_said() && remove_tags.is_said()),
        ];
        for (one, other, _) in conflicts.into_iter().filter(|(_, _, both)| *both) {
            faults.add(one, FaultCode::FieldsConflict, format!("cannot go together with `{other}`"));
        }
        check::columns(&mut faults, &mut contact);
        if faults.concern("externalId") {
            // Looked up under the clock, where PostgreSQL takes no text with a zero in it.
            contact.external_id = sea_orm::ActiveValue::NotSet;
        }
        let stage = std::mem::take(&mut contact.stage);
        Self {
            email: email::check_one(&mut faults, email),
            emails: email::check_list(&mut faults, emails, blanks),
            phone: phone::check_one(&mut faults, policy, phone),
            phones: phone::check_list(&mut faults, policy, phones, blanks),
            whatsapp_number: phone::check_whatsapp(&mut faults, policy, whatsapp_number),
            tags: tag::check(&mut faults, "tags", tags, blanks),
            add_tags: tag::check(&mut faults, "addTags", add_tags, blanks).given().unwrap_or_default(),
            remove_tags: tag::check(&mut faults, "removeTags", remove_tags, blanks)
                .given()
                .unwrap_or_default(),
            status: check::label(&mut faults, Column::Status, status),
            stage: column(stage),
            source: check::label(&mut faults, Column::Source, source),
            is_active,
            email_subscribed,
            metadata: check::object(&mut faults, "metadata", metadata),
            industry_context: check::object(&mut faults, "industryContext", industry_context),
            company_id: reference(&mut faults, "companyId", FaultCode::CompanyNotFound, company_id),
            pipeline_id: reference(&mut faults, "pipelineId", FaultCode::PipelineNotFound, pipeline_id),
            pipeline_stage_id: reference(
                &mut faults,
                "pipelineStageId",
                FaultCode::StageNotFound,
                pipeline_stage_id,
            ),
            team_id: team(&mut faults, settings, by, team_id),
            owner_id: reference(&mut faults, "ownerId", FaultCode::UserNotFound, owner_id),
            assignees: assignees(&mut faults, assignee_ids, blanks),
            contact,
            faults,
        }
    }

    /// Every number it brings in that may lead to a contact.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &str> {
        let one = self.phone.as_ref().given().into_iter();
        let list = self.phones.as_ref().given().into_iter().flatten();
        let whatsapp = self.whatsapp_number.as_ref().given().into_iter();
        let all = one.chain(list).chain(whatsapp).map(|phone| phone.number.as_str());
        all.filter(|number| phone::identifies(number))
    }

    /// The keys of every address it brings in.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        let one = self.email.as_ref().given().into_iter();
        let list = self.emails.as_ref().given().into_iter().flatten();
        one.chain(list).map(|email| email.key.as_str())
    }

    /// Every tag it names.
    pub(super) fn tag_names(&self) -> impl Iterator<Item = &TagName> {
        let all = self.tags.as_ref().given().into_iter().flatten();
        all.chain(&self.add_tags).chain(&self.remove_tags)
    }

    /// The external id it gives.
    pub(super) fn external_id(&self) -> Option<&str> {
        match &self.contact.external_id {
            sea_orm::ActiveValue::Set(external_id) => external_id.as_deref(),
            _ => None,
        }
    }

    /// Every user it points to.
    pub(super) fn users(&self) -> impl Iterator<Item = Uuid> {
        let owner = self.owner_id.as_ref().given().into_iter().copied();
        let assignees = self.assignees.as_ref().given().into_iter().flatten();
        owner.chain(assignees.map(|(_, id)| *id))
    }
}

/// A column that may be null, as a field.
fn column<T>(column: sea_orm::ActiveValue<Option<T>>) -> Field<T>
where
    Option<T>: Into<sea_orm::Value>,
{
    match column {
        sea_orm::ActiveValue::NotSet => Field::Omitted,
        sea_orm::ActiveValue::Set(value) | sea_orm::ActiveValue::Unchanged(value) => {
            value.map_or(Field::Null, Field::Given)
        }
    }
}

/// An id that is no UUID is answered like an unknown one.
fn reference(faults: &mut Faults, path: &str, code: FaultCode, given: Field<String>) -> Field<Uuid> {
    match given {
        Field::Omitted => Field::Omitted,
        Field::Null => Field::Null,
        Field::Given(id) => {
            if let Ok(id) = id.parse() {
                return Field::Given(id);
            }
            not_found(faults, path, code);
            Field::Omitted
        }
    }
}

/// The fault of an id of which there is nothing.
pub(crate) fn not_found(faults: &mut Faults, path: &str, code: FaultCode) {
    let what = match code {
        FaultCode::ContactNotFound => "contact",
        FaultCode::CompanyNotFound => "company",
        FaultCode::TeamNotFound => "team",
        FaultCode::PipelineNotFound => "pipeline",
        FaultCode::StageNotFound => "stage",
        FaultCode::TagNotFound => "tag",
        _ => "user",
    };
    faults.add(path, code, format!("names no {what}"));
}

fn team(faults: &mut Faults, settings: &Settings, by: &By, given: Field<String>) -> Field<Uuid> {
    let team = reference(faults, "teamId", FaultCode::TeamNotFound, given);
    if let Field::Given(id) = &team {
        if !settings.teams.contains(id) {
            not_found(faults, "teamId", FaultCode::TeamNotFound);
        } else if by.teams.as_ref().is_some_and(|teams| !teams.contains(id)) {
            let message = "names a team into which this API key may not put contacts";
            faults.add("teamId", FaultCode::TeamAccessDenied, message);
        }
    }
    team
}

fn assignees(
    faults: &mut Faults,
    given: Field<Vec<String>>,
    blanks: BlankEntries,
) -> Field<Vec<(usize, Uuid)>> {
    let given = match given {
        Field::Omitted => return Field::Omitted,
        Field::Null => return Field::Null,
        Field::Given(given) => given,
    };
    if given.len() > ASSIGNEES {
        let message = format!("has more than {ASSIGNEES} assignees");
        faults.add("assigneeIds", FaultCode::TooMany, message);
    }
    let mut ids: Vec<(usize, Uuid)> = Vec::new();
    for (index, id) in given.into_iter().take(ASSIGNEES).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&id) {
            continue;
        }
        let path = format!("assigneeIds.{index}");
        let id = reference(faults, &path, FaultCode::UserNotFound, Field::Given(id)).given();
        // A repeated id keeps the place of its first mention.
        let id = id.filter(|id| ids.iter().all(|(_, known)| known != id));
        ids.extend(id.map(|id| (index, id)));
    }
    Field::Given(ids)
}

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
    draft::{BlankEntries, Draft},
    emails::{self, EmailEntry},
    phones::{self, PhoneEntry},
    tags,
};
use crate::{
    access::Caller,
    input::{
        patch::Patch,
        phone::{Notation, identifies},
        problem::{ProblemCode, Problems, Referent},
        tag_name::TagName,
        text::is_blank,
    },
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
    pub(super) email: Patch<EmailEntry>,
    pub(super) emails: Patch<Vec<EmailEntry>>,
    pub(super) phone: Patch<PhoneEntry>,
    pub(super) phones: Patch<Vec<PhoneEntry>>,
    pub(super) whatsapp_number: Patch<PhoneEntry>,
    pub(super) tags: Patch<Vec<TagName>>,
    pub(super) add_tags: Vec<TagName>,
    pub(super) remove_tags: Vec<TagName>,
    pub(super) status: Patch<String>,
    pub(super) stage: Patch<String>,
    pub(super) source: Patch<String>,
    pub(super) is_active: Patch<bool>,
    pub(super) email_subscribed: Patch<bool>,
    pub(super) metadata: Patch<Map<String, Json>>,
    pub(super) industry_context: Patch<Map<String, Json>>,
    pub(super) company_id: Patch<Uuid>,
    pub(super) pipeline_id: Patch<Uuid>,
    pub(super) pipeline_stage_id: Patch<Uuid>,
    pub(super) team_id: Patch<Uuid>,
    pub(super) owner_id: Patch<Uuid>,
    /// With their places in the input.
    pub(super) assignees: Patch<Vec<(usize, Uuid)>>,
    pub(super) problems: Problems,
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
        let notation =
            Notation { format: settings.policy.phone_format, region: settings.policy.phone_region() };
        let mut problems = Problems::default();
        let conflicts = [
            ("email", "emails", email.is_present() && emails.is_present()),
            ("phone", "phones", phone.is_present() && phones.is_present()),
            ("tags", "addTags", tags.is_present() && add_tags.is_present()),
            ("tags", "removeTags", tags.is_present() && remove_tags.is_present()),
        ];
        for (one, other, _) in conflicts.into_iter().filter(|(_, _, both)| *both) {
            problems.add(one, ProblemCode::FieldsConflict, format!("cannot go together with `{other}`"));
        }
        check::columns(&mut problems, &mut contact);
        if problems.concern(&["externalId"]) {
            // Looked up under the clock, where PostgreSQL takes no text with a zero in it.
            contact.external_id = sea_orm::ActiveValue::NotSet;
        }
        let stage = std::mem::take(&mut contact.stage);
        Self {
            email: nonblank(email).and_then(|text| emails::check_one(&mut problems, &text)),
            emails: listed(emails).and_then(|list| Some(emails::check_list(&mut problems, list, blanks))),
            phone: nonblank(phone).and_then(|text| phones::check_one(&mut problems, &text, notation)),
            phones: listed(phones)
                .and_then(|list| Some(phones::check_list(&mut problems, list, notation, blanks))),
            whatsapp_number: nonblank(whatsapp_number)
                .and_then(|text| phones::check_whatsapp(&mut problems, &text, notation)),
            tags: listed(tags).and_then(|list| Some(tags::check(&mut problems, "tags", list, blanks))),
            add_tags: tags::check(&mut problems, "addTags", add_tags.value().unwrap_or_default(), blanks),
            remove_tags: tags::check(
                &mut problems,
                "removeTags",
                remove_tags.value().unwrap_or_default(),
                blanks,
            ),
            status: check::label(&mut problems, Column::Status, status),
            stage: column(stage),
            source: check::label(&mut problems, Column::Source, source),
            is_active,
            email_subscribed,
            metadata: check::object(&mut problems, "metadata", metadata),
            industry_context: check::object(&mut problems, "industryContext", industry_context),
            company_id: reference(&mut problems, "companyId", Referent::Company, company_id),
            pipeline_id: reference(&mut problems, "pipelineId", Referent::Pipeline, pipeline_id),
            pipeline_stage_id: reference(
                &mut problems,
                "pipelineStageId",
                Referent::Stage,
                pipeline_stage_id,
            ),
            team_id: team(&mut problems, settings, by, team_id),
            owner_id: reference(&mut problems, "ownerId", Referent::User, owner_id),
            assignees: assignees(&mut problems, assignee_ids, blanks),
            contact,
            problems,
        }
    }

    /// Every number it brings in that may lead to a contact.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &str> {
        let one = self.phone.as_ref().value().into_iter();
        let list = self.phones.as_ref().value().into_iter().flatten();
        let whatsapp = self.whatsapp_number.as_ref().value().into_iter();
        let all = one.chain(list).chain(whatsapp).map(|phone| phone.number.as_str());
        all.filter(|number| identifies(number))
    }

    /// The keys of every address it brings in.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        let one = self.email.as_ref().value().into_iter();
        let list = self.emails.as_ref().value().into_iter().flatten();
        one.chain(list).map(|email| email.email.key.as_str())
    }

    /// Every tag it names.
    pub(super) fn tag_names(&self) -> impl Iterator<Item = &TagName> {
        let all = self.tags.as_ref().value().into_iter().flatten();
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
        let owner = self.owner_id.as_ref().value().into_iter().copied();
        let assignees = self.assignees.as_ref().value().into_iter().flatten();
        owner.chain(assignees.map(|(_, id)| *id))
    }
}

/// A column that may be null, as a field.
fn column<T>(column: sea_orm::ActiveValue<Option<T>>) -> Patch<T>
where
    Option<T>: Into<sea_orm::Value>,
{
    match column {
        sea_orm::ActiveValue::NotSet => Patch::Absent,
        sea_orm::ActiveValue::Set(value) | sea_orm::ActiveValue::Unchanged(value) => {
            value.map_or(Patch::Null, Patch::Value)
        }
    }
}

/// An id that is no UUID is answered like an unknown one.
fn reference(problems: &mut Problems, path: &str, referent: Referent, given: Patch<String>) -> Patch<Uuid> {
    match given {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(id) => {
            if let Ok(id) = id.parse() {
                return Patch::Value(id);
            }
            problems.not_found(path, referent);
            Patch::Absent
        }
    }
}

fn nonblank(mut text: Patch<String>) -> Patch<String> {
    text.null_if(|text| is_blank(text));
    text
}

/// A list that is null is empty.
fn listed<T>(list: Patch<Vec<T>>) -> Patch<Vec<T>> {
    match list {
        Patch::Null => Patch::Value(Vec::new()),
        other => other,
    }
}

fn team(problems: &mut Problems, settings: &Settings, by: &By, given: Patch<String>) -> Patch<Uuid> {
    let team = reference(problems, "teamId", Referent::Team, given);
    if let Patch::Value(id) = &team {
        if !settings.teams.contains(id) {
            problems.not_found("teamId", Referent::Team);
        } else if by.teams.as_ref().is_some_and(|teams| !teams.contains(id)) {
            let message = "names a team into which this API key may not put contacts";
            problems.add("teamId", ProblemCode::TeamAccessDenied, message);
        }
    }
    team
}

fn assignees(
    problems: &mut Problems,
    given: Patch<Vec<String>>,
    blanks: BlankEntries,
) -> Patch<Vec<(usize, Uuid)>> {
    let given = match given {
        Patch::Absent => return Patch::Absent,
        Patch::Null => return Patch::Null,
        Patch::Value(given) => given,
    };
    if given.len() > ASSIGNEES {
        let message = format!("has more than {ASSIGNEES} assignees");
        problems.add("assigneeIds", ProblemCode::TooMany, message);
    }
    let mut ids: Vec<(usize, Uuid)> = Vec::new();
    for (index, id) in given.into_iter().take(ASSIGNEES).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&id) {
            continue;
        }
        let path = format!("assigneeIds.{index}");
        let id = reference(problems, &path, Referent::User, Patch::Value(id)).value();
        // A repeated id keeps the place of its first mention.
        let id = id.filter(|id| ids.iter().all(|(_, known)| known != id));
        ids.extend(id.map(|id| (index, id)));
    }
    Patch::Value(ids)
}

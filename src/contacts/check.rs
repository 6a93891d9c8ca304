//! Checking a draft: every part is converted to its normal form, and all problems are collected.
//!
//! The result depends on the settings (the format of phone numbers, the teams that exist), so the check
//! is repeated if they have changed before the draft is written.

use uuid::Uuid;

use super::{
    draft::{ContactDraft, Normal, Nulls},
    emails,
    fields::{SOURCE, STAGE, STATUS, TEXT_FIELDS, TextFields, TextRule},
    json_object, phones, tags,
};
use crate::{
    access::Caller,
    input::{
        patch::{BlankEntries, Patch},
        phone::{Notation, identifies},
        problem::{ProblemCode, Problems, Referent},
        tag_name::TagName,
        text::is_blank,
    },
    organizations::{ContactField, Settings},
};

/// Maximum assignees of a contact.
const MAX_ASSIGNEES: usize = 50;

/// A draft in its normal form, and its problems so far.
#[derive(Clone, Debug)]
pub(super) struct CheckedDraft {
    pub(super) draft: ContactDraft<Normal>,
    pub(super) problems: Problems,
}

impl CheckedDraft {
    /// Checks a draft for a caller under these settings.
    pub(super) fn new(draft: ContactDraft, nulls: Nulls, caller: &Caller, settings: &Settings) -> Self {
        let ContactDraft {
            texts,
            email,
            emails,
            phone,
            phones,
            whatsapp_number,
            tags,
            add_tags,
            remove_tags,
            status,
            stage,
            source,
            score,
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
            source_created_at,
        } = draft.with_nulls(nulls);
        let blanks = nulls.blank_entries();
        let notation =
            Notation { format: settings.policy.phone_format, region: settings.policy.phone_region() };
        let mut problems = Problems::default();
        let exclusive = [
            ("email", "emails", email.is_present() && emails.is_present()),
            ("phone", "phones", phone.is_present() && phones.is_present()),
            ("tags", "addTags", tags.is_present() && add_tags.is_present()),
            ("tags", "removeTags", tags.is_present() && remove_tags.is_present()),
        ];
        for (one, other, _) in exclusive.into_iter().filter(|(_, _, both)| *both) {
            problems.add(
                one,
                ProblemCode::FieldsConflict,
                format!("cannot go together with `{other}`. Give one of them"),
            );
        }
        // Problems are reported in the order of these fields.
        let found = &mut problems;
        let draft = ContactDraft {
            texts: check_texts(found, texts),
            email: email.and_then(|text| emails::check_one(found, &text)),
            emails: empty_if_null(emails).map(|list| emails::check_list(found, list, blanks)),
            phone: phone.and_then(|text| phones::check_one(found, &text, notation)),
            phones: empty_if_null(phones).map(|list| phones::check_list(found, list, notation, blanks)),
            whatsapp_number: whatsapp_number.and_then(|text| phones::check_whatsapp(found, &text, notation)),
            tags: empty_if_null(tags).map(|names| tags::check(found, "tags", names, blanks)),
            add_tags: add_tags.map(|names| tags::check(found, "addTags", names, blanks)),
            remove_tags: remove_tags.map(|names| tags::check(found, "removeTags", names, blanks)),
            status: check_text(found, STATUS, status),
            stage: check_text(found, STAGE, stage),
            source: check_text(found, SOURCE, source),
            score,
            is_active,
            email_subscribed,
            metadata: metadata.and_then(|value| json_object::check(found, "metadata", value)),
            industry_context: industry_context
                .and_then(|value| json_object::check(found, "industryContext", value)),
            company_id: check_id(found, "companyId", Referent::Company, company_id),
            pipeline_id: check_id(found, "pipelineId", Referent::Pipeline, pipeline_id),
            pipeline_stage_id: check_id(found, "pipelineStageId", Referent::Stage, pipeline_stage_id),
            team_id: check_team(found, settings, caller, team_id),
            owner_id: check_id(found, "ownerId", Referent::User, owner_id),
            assignee_ids: assignee_ids.map(|ids| check_assignees(found, ids, blanks)),
            source_created_at,
        };
        Self { draft, problems }
    }
}

fn check_texts(problems: &mut Problems, mut texts: TextFields) -> TextFields {
    for field in TEXT_FIELDS {
        let text = (field.given)(&mut texts);
        *text = check_text(problems, field.rule, std::mem::take(text));
    }
    texts
}

/// Checks a text. One that is refused counts as left out, so that it is not looked up: PostgreSQL takes
/// no text that contains a zero character.
fn check_text(problems: &mut Problems, rule: TextRule, text: Patch<String>) -> Patch<String> {
    text.and_then(|text| rule.check(problems, text))
}

/// Turns a null list into an empty one.
fn empty_if_null<T>(list: Patch<Vec<T>>) -> Patch<Vec<T>> {
    match list {
        Patch::Null => Patch::Value(Vec::new()),
        Patch::Absent | Patch::Value(_) => list,
    }
}

/// Checks an id: one that is not a UUID is answered like an unknown one.
fn check_id(problems: &mut Problems, path: &str, referent: Referent, id: Patch<String>) -> Patch<Uuid> {
    id.and_then(|id| {
        let parsed = id.parse().ok();
        if parsed.is_none() {
            problems.not_found(path, referent);
        }
        parsed
    })
}

/// Checks a team: it must exist, and be open to the caller's key.
fn check_team(
    problems: &mut Problems,
    settings: &Settings,
    caller: &Caller,
    team_id: Patch<String>,
) -> Patch<Uuid> {
    let team_id = check_id(problems, "teamId", Referent::Team, team_id);
    if let Patch::Value(id) = &team_id {
        if !settings.teams.contains(id) {
            problems.not_found("teamId", Referent::Team);
        } else if caller.lacks_team(*id) {
            let message = "is not one of the teams that this API key is limited to";
            problems.add("teamId", ProblemCode::TeamAccessDenied, message);
        }
    }
    team_id
}

/// Checks a list of users. A repeated id keeps the place of its first mention.
fn check_assignees(problems: &mut Problems, given: Vec<String>, blanks: BlankEntries) -> Vec<(usize, Uuid)> {
    if given.len() > MAX_ASSIGNEES {
        let message = format!("has more than {MAX_ASSIGNEES} assignees");
        problems.add("assigneeIds", ProblemCode::TooMany, message);
    }
    let mut ids: Vec<(usize, Uuid)> = Vec::new();
    for (index, id) in given.into_iter().take(MAX_ASSIGNEES).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&id) {
            continue;
        }
        let path = format!("assigneeIds.{index}");
        let id = check_id(problems, &path, Referent::User, Patch::Value(id)).value();
        let id = id.filter(|id| ids.iter().all(|(_, known)| known != id));
        ids.extend(id.map(|id| (index, id)));
    }
    ids
}

impl ContactDraft<Normal> {
    /// Returns true if the draft sets a field that a policy may require.
    pub(super) fn sets(&self, field: ContactField) -> bool {
        match field {
            ContactField::FirstName => self.texts.first_name.is_present(),
            ContactField::LastName => self.texts.last_name.is_present(),
            ContactField::Email => self.email.is_present() || self.emails.is_present(),
            ContactField::Phone => self.phone.is_present() || self.phones.is_present(),
            ContactField::Company => self.texts.company.is_present() || self.company_id.is_present(),
        }
    }

    /// Returns the external id that the draft sets.
    pub(super) fn external_id(&self) -> Option<&str> {
        self.texts.external_id.as_ref().value().map(String::as_str)
    }

    /// Returns every number of the draft that identifies a contact.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &str> {
        let one = self.phone.as_ref().value().into_iter();
        let list = self.phones.as_ref().value().into_iter().flatten();
        let whatsapp = self.whatsapp_number.as_ref().value().into_iter();
        let all = one.chain(list).chain(whatsapp).map(|entry| entry.number.as_str());
        all.filter(|number| identifies(number))
    }

    /// Returns the key of every address of the draft.
    pub(super) fn address_keys(&self) -> impl Iterator<Item = &str> {
        let one = self.email.as_ref().value().into_iter();
        let list = self.emails.as_ref().value().into_iter().flatten();
        one.chain(list).map(|entry| entry.email.key.as_str())
    }

    /// Returns every tag that the draft names.
    pub(super) fn tag_names(&self) -> impl Iterator<Item = &TagName> {
        [&self.tags, &self.add_tags, &self.remove_tags]
            .into_iter()
            .flat_map(|tags| tags.as_ref().value().into_iter().flatten())
    }

    /// Returns every user whom the draft names.
    pub(super) fn users(&self) -> impl Iterator<Item = Uuid> {
        let owner = self.owner_id.as_ref().value().into_iter().copied();
        let assignees = self.assignee_ids.as_ref().value().into_iter().flatten();
        owner.chain(assignees.map(|(_, id)| *id))
    }
}

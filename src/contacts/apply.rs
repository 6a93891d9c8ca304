//! Applying a checked draft to a contact: a new one, or one that exists.

use entity::contact;
use uuid::Uuid;

use super::{
    check::CheckedDraft,
    draft::{ContactDraft, Normal},
    emails,
    fields::TEXT_FIELDS,
    json_object::{self, Members},
    phones,
    record::Record,
    references::References,
    required, stage,
    tags::{self, TagSet},
};
use crate::{
    access::Caller,
    database::{Read as _, WriteTx},
    error::DatabaseError,
    input::{
        patch::{Lists, Patch},
        problem::{ProblemCode, Problems, Referent},
        tag_name::TagName,
    },
    organizations::Settings,
};

/// Data that a write needs beside the contact itself.
#[derive(Clone, Copy)]
pub(super) struct WriteContext<'a> {
    pub(super) tx: &'a WriteTx<'a>,
    pub(super) settings: &'a Settings,
    pub(super) references: &'a References,
    pub(super) caller: &'a Caller,
}

/// Result of applying a draft.
pub(super) struct Applied {
    pub(super) record: Record,
    pub(super) problems: Problems,
}

/// Creates a contact from a draft, completed by the policy's defaults.
pub(super) fn create(
    context: WriteContext<'_>,
    tags: &mut TagSet,
    id: Uuid,
    checked: &CheckedDraft,
) -> Result<Applied, DatabaseError> {
    let policy = &context.settings.policy;
    let mut record = Record::blank(context.tx.org_id(), id)?;
    // These come before the draft, which may set other users. The other defaults come after it.
    record.row.created_by = context.caller.user_id;
    record.row.owner_id = context.caller.user_id;
    record.assignees = context.caller.user_id.into_iter().collect();
    let mut application = Application::new(context, checked, Lists::Replace, true);
    application.apply(tags, &mut record);
    let row = &mut record.row;
    row.last_name = row.last_name.take().or_else(|| policy.default_last_name.clone());
    row.country = row.country.take().or_else(|| policy.default_country.clone());
    record.settle();
    let mut problems = application.problems;
    required::check(&mut problems, context.settings, &record, |_| true);
    Ok(Applied { record, problems })
}

/// Changes a contact by a draft. Only fields that the draft sets are checked.
pub(super) fn update(
    context: WriteContext<'_>,
    tags: &mut TagSet,
    old: &Record,
    checked: &CheckedDraft,
    lists: Lists,
) -> Applied {
    let mut record = old.clone();
    let mut application = Application::new(context, checked, lists, false);
    application.apply(tags, &mut record);
    record.settle();
    let mut problems = application.problems;
    // A contact may lack a field that the policy requires only since it was created. A change of other
    // fields is not refused for it.
    required::check(&mut problems, context.settings, &record, |field| checked.draft.sets(field));
    Applied { record, problems }
}

/// Application of one draft to one contact.
struct Application<'a> {
    context: WriteContext<'a>,
    draft: &'a ContactDraft<Normal>,
    lists: Lists,
    is_new: bool,
    problems: Problems,
}

impl<'a> Application<'a> {
    fn new(context: WriteContext<'a>, checked: &'a CheckedDraft, lists: Lists, is_new: bool) -> Self {
        Self { context, draft: &checked.draft, lists, is_new, problems: checked.problems.clone() }
    }

    /// Applies every part of the draft. The order is that in which problems are reported.
    fn apply(&mut self, tags: &mut TagSet, record: &mut Record) {
        let Self { draft, is_new, lists, context, .. } = *self;
        let settings = context.settings;
        let mut texts = draft.texts.clone();
        for field in TEXT_FIELDS {
            std::mem::take((field.given)(&mut texts)).apply_to((field.stored)(&mut record.row));
        }
        draft.score.apply_to(&mut record.row.score);
        draft.source_created_at.apply_to(&mut record.row.source_created_at);
        self.apply_emails(record);
        self.apply_phones(record);
        let problems = &mut self.problems;
        let row = &mut record.row;
        stage::apply(problems, settings, draft, row, is_new);
        match &draft.source {
            Patch::Value(source) => row.source.clone_from(source),
            Patch::Absent if !is_new => {}
            Patch::Absent | Patch::Null => row.source.clone_from(&settings.policy.default_source),
        }
        apply_flag(&mut row.is_active, draft.is_active, is_new);
        apply_flag(&mut row.email_subscribed, draft.email_subscribed, is_new);
        let members = match (is_new, lists) {
            (true, _) => Members::Replace,
            (false, Lists::Replace) => Members::Merge,
            (false, Lists::Add) => Members::Fill,
        };
        json_object::apply(problems, "metadata", &mut row.metadata, &draft.metadata, members);
        let context_path = "industryContext";
        json_object::apply(
            problems,
            context_path,
            &mut row.industry_context,
            &draft.industry_context,
            members,
        );
        self.apply_company(&mut record.row);
        self.apply_team(&mut record.row);
        self.apply_owner(&mut record.row);
        self.apply_assignees(record);
        self.apply_tags(tags, record);
    }

    fn apply_emails(&mut self, record: &mut Record) {
        let problems = &mut self.problems;
        match (&self.draft.emails, self.lists) {
            (Patch::Value(entries), Lists::Replace) => emails::replace(problems, record, entries),
            (Patch::Value(entries), Lists::Add) => emails::add(problems, record, entries),
            (Patch::Absent | Patch::Null, _) => {}
        }
        match &self.draft.email {
            Patch::Value(entry) => emails::make_primary(problems, record, entry, self.lists),
            Patch::Null => emails::remove_primary(problems, record),
            Patch::Absent => {}
        }
    }

    fn apply_phones(&mut self, record: &mut Record) {
        let problems = &mut self.problems;
        match (&self.draft.phones, self.lists) {
            (Patch::Value(entries), Lists::Replace) => phones::replace(problems, record, entries),
            (Patch::Value(entries), Lists::Add) => phones::add(problems, record, entries),
            (Patch::Absent | Patch::Null, _) => {}
        }
        match &self.draft.phone {
            Patch::Value(entry) => phones::make_primary(problems, record, entry),
            Patch::Null => phones::remove_primary(problems, record),
            Patch::Absent => {}
        }
        match &self.draft.whatsapp_number {
            Patch::Value(entry) => phones::set_whatsapp(problems, record, Some(entry)),
            Patch::Null => phones::set_whatsapp(problems, record, None),
            Patch::Absent => {}
        }
    }

    /// Links or unlinks the company. The name of a linked company wins over text that is given too; text
    /// alone unlinks.
    fn apply_company(&mut self, row: &mut contact::Model) {
        match self.draft.company_id {
            Patch::Value(id) => match self.context.references.company(id) {
                Some(name) => {
                    row.company_id = Some(id);
                    row.company = Some(name.to_owned());
                }
                None => self.problems.not_found("companyId", Referent::Company),
            },
            Patch::Null => row.company_id = None,
            Patch::Absent if self.draft.texts.company.is_present() => row.company_id = None,
            Patch::Absent => {}
        }
    }

    /// Puts the contact into a team. A key that is limited to teams takes it out of these only; whether it may put
    /// it into the new one has been checked with the draft.
    fn apply_team(&mut self, row: &mut contact::Model) {
        let old = row.team_id;
        self.draft.team_id.apply_to(&mut row.team_id);
        if row.team_id != old && old.is_some_and(|old| self.context.caller.lacks_team(old)) {
            let message = "would take the contact out of a team that this API key is not limited to";
            self.problems.add("teamId", ProblemCode::TeamAccessDenied, message);
        }
    }

    fn apply_owner(&mut self, row: &mut contact::Model) {
        match self.draft.owner_id {
            Patch::Value(id) if self.context.references.has_user(id) => row.owner_id = Some(id),
            Patch::Value(_) => self.problems.not_found("ownerId", Referent::User),
            Patch::Null => row.owner_id = None,
            Patch::Absent => {}
        }
    }

    fn apply_assignees(&mut self, record: &mut Record) {
        match &self.draft.assignee_ids {
            // An empty list adds nothing, as with the other lists. Any other replaces the assignees, even in
            // an upsert.
            Patch::Value(ids) if ids.is_empty() && self.lists == Lists::Add => {}
            Patch::Value(ids) => {
                for (index, id) in ids {
                    if !self.context.references.has_user(*id) {
                        self.problems.not_found(&format!("assigneeIds.{index}"), Referent::User);
                    }
                }
                record.assignees = ids.iter().map(|(_, id)| *id).collect();
            }
            Patch::Null => record.assignees.clear(),
            Patch::Absent => {}
        }
    }

    fn apply_tags(&mut self, tags: &mut TagSet, record: &mut Record) {
        if let Patch::Value(names) = &self.draft.tags {
            if self.lists == Lists::Replace {
                record.tags.clear();
            }
            self.add_tags(tags, record, names, "tags");
        }
        if let Patch::Value(names) = &self.draft.add_tags {
            self.add_tags(tags, record, names, "addTags");
        }
        if let Patch::Value(names) = &self.draft.remove_tags {
            for name in names {
                if let Some(id) = tags.known(name) {
                    record.tags.retain(|tag| tag.id != id);
                }
            }
        }
    }

    fn add_tags(&mut self, tags: &mut TagSet, record: &mut Record, names: &[TagName], path: &str) {
        if self.problems.concern(&[path]) {
            return;
        }
        for name in names {
            let Some(tag) = tags.get_or_create(self.context.tx, name, &mut self.problems, path) else {
                // One report says it for all names of the list.
                return;
            };
            if !record.tags.iter().any(|known| known.id == tag.id) {
                record.tags.push(tag);
            }
        }
        if !names.is_empty() {
            tags::check_count(&mut self.problems, path, record.tags.len());
        }
    }
}

/// Applies a flag that is never null: true unless the draft says otherwise.
fn apply_flag(stored: &mut bool, given: Patch<bool>, is_new: bool) {
    match given {
        Patch::Value(given) => *stored = given,
        Patch::Absent if !is_new => {}
        Patch::Absent | Patch::Null => *stored = true,
    }
}

//! What changes make of a contact: a new one, a changed one, or one that was found by its keys.

use entity::contact::{self, Column};
use sea_orm::{ActiveModelTrait as _, ActiveValue, Iterable as _, ModelTrait as _};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    changes::{By, Changes},
    check, emails, phones,
    record::Record,
    references::References,
    stage,
    tags::{self, TagBook},
};
use crate::{
    database::{Read as _, WriteTx},
    error::{DatabaseError, During as _},
    input::{
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
        tag_name::TagName,
        text::is_blank,
    },
    organizations::{ContactField, Settings},
};

/// What a write knows beside the contact itself.
pub(super) struct Circumstances<'a> {
    pub(super) tx: &'a WriteTx<'a>,
    pub(super) settings: &'a Settings,
    pub(super) references: &'a References,
    pub(super) by: &'a By,
}

/// How lists of phones, emails and tags are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lists {
    /// In the place of those that are there.
    Replace,
    /// In addition.
    Add,
}

/// A new contact: what was given, completed by the policy.
pub(super) fn create(
    circumstances: &Circumstances<'_>,
    tags: &mut TagBook,
    problems: &mut Problems,
    id: Uuid,
    changes: &Changes,
) -> Result<Record, DatabaseError> {
    let Circumstances { tx, settings, by, .. } = circumstances;
    let policy = &settings.policy;
    let mut record = Record::blank(tx.org_id(), id)?;
    record.row.created_by = by.user_id;
    record.row.owner_id = by.user_id;
    record.assignees = by.user_id.into_iter().collect();
    let without_nulls = changes.clone().without_nulls();
    change(circumstances, tags, problems, &mut record, &without_nulls, Lists::Replace, true)?;
    let row = &mut record.row;
    row.last_name = row.last_name.take().or_else(|| policy.default_last_name.clone());
    row.country = row.country.take().or_else(|| policy.default_country.clone());
    record.settle();
    require(problems, settings, &record, |_| true);
    Ok(record)
}

/// A contact after changes. An update checks only the fields it sets.
pub(super) fn update(
    circumstances: &Circumstances<'_>,
    tags: &mut TagBook,
    problems: &mut Problems,
    old: &Record,
    changes: &Changes,
    lists: Lists,
) -> Result<Record, DatabaseError> {
    let mut record = old.clone();
    change(circumstances, tags, problems, &mut record, changes, lists, false)?;
    record.settle();
    require(problems, circumstances.settings, &record, |field| changes.set(field));
    Ok(record)
}

fn change(
    circumstances: &Circumstances<'_>,
    tags: &mut TagBook,
    problems: &mut Problems,
    record: &mut Record,
    changes: &Changes,
    lists: Lists,
    is_new: bool,
) -> Result<(), DatabaseError> {
    let Circumstances { settings, references, by: _, tx } = circumstances;
    for column in Column::iter() {
        if let ActiveValue::Set(value) = changes.contact.get(column) {
            record.row.try_set(column, value).during("changing a contact")?;
        }
    }
    change_lists(problems, record, changes, lists);
    stage::apply(problems, settings, changes, &mut record.row, is_new);
    let row = &mut record.row;
    match &changes.source {
        Patch::Value(source) => row.source.clone_from(source),
        Patch::Absent if !is_new => {}
        Patch::Absent | Patch::Null => row.source.clone_from(&settings.policy.default_source),
    }
    flag(&mut row.is_active, &changes.is_active, is_new);
    flag(&mut row.email_subscribed, &changes.email_subscribed, is_new);
    let members = if is_new { Members::New } else { lists.into() };
    object(problems, "metadata", &mut row.metadata, &changes.metadata, members);
    object(problems, "industryContext", &mut row.industry_context, &changes.industry_context, members);
    company(problems, references, row, changes);
    match changes.team_id {
        Patch::Value(id) => row.team_id = Some(id),
        Patch::Null => row.team_id = None,
        Patch::Absent => {}
    }
    match changes.owner_id {
        Patch::Value(id) if !references.has_user(id) => problems.not_found("ownerId", Referent::User),
        Patch::Value(id) => row.owner_id = Some(id),
        Patch::Null => row.owner_id = None,
        Patch::Absent => {}
    }
    assignees(problems, references, record, &changes.assignees, lists);
    retag(tx, tags, problems, record, changes, lists);
    Ok(())
}

fn change_lists(problems: &mut Problems, record: &mut Record, changes: &Changes, lists: Lists) {
    match (&changes.emails, lists) {
        (Patch::Value(emails), Lists::Replace) => emails::replace(problems, record, emails),
        (Patch::Value(emails), Lists::Add) => emails::add(problems, record, emails),
        _ => {}
    }
    match &changes.email {
        Patch::Value(email) => emails::make_primary(problems, record, email, lists),
        Patch::Null => emails::remove_primary(problems, record),
        Patch::Absent => {}
    }
    match (&changes.phones, lists) {
        (Patch::Value(phones), Lists::Replace) => phones::replace(problems, record, phones),
        (Patch::Value(phones), Lists::Add) => phones::add(problems, record, phones),
        _ => {}
    }
    match &changes.phone {
        Patch::Value(phone) => phones::make_primary(problems, record, phone),
        Patch::Null => phones::remove_primary(problems, record),
        Patch::Absent => {}
    }
    match &changes.whatsapp_number {
        Patch::Value(number) => phones::set_whatsapp(problems, record, Some(number)),
        Patch::Null => phones::set_whatsapp(problems, record, None),
        Patch::Absent => {}
    }
}

/// A flag that is never null: true unless said otherwise.
fn flag(stored: &mut bool, given: &Patch<bool>, is_new: bool) {
    match given {
        Patch::Value(given) => *stored = *given,
        Patch::Absent if !is_new => {}
        Patch::Absent | Patch::Null => *stored = true,
    }
}

/// Ways to take the members of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Members {
    /// Takes them as they are given.
    New,
    /// Merges them by key; a null removes its own.
    Merge,
    /// Merges them by key; a null is as omitted.
    Fill,
}

impl From<Lists> for Members {
    fn from(lists: Lists) -> Self {
        match lists {
            Lists::Replace => Self::Merge,
            Lists::Add => Self::Fill,
        }
    }
}

/// Objects merge by top-level key.
fn object(
    problems: &mut Problems,
    path: &str,
    stored: &mut String,
    given: &Patch<Map<String, Json>>,
    how: Members,
) {
    let members = match given {
        Patch::Value(given) if how == Members::New => given.clone(),
        Patch::Value(given) => {
            let mut members: Map<String, Json> = serde_json::from_str(stored).unwrap_or_default();
            for (key, value) in given {
                match (value, how) {
                    (Json::Null, Members::Fill) => {}
                    (Json::Null, _) => drop(members.shift_remove(key)),
                    (value, _) => drop(members.insert(key.clone(), value.clone())),
                }
            }
            members
        }
        Patch::Absent if how != Members::New => return,
        Patch::Absent | Patch::Null => Map::new(),
    };
    *stored = check::stored_object(problems, path, members);
}

/// A linked company's name wins over text given beside it; text alone unlinks.
fn company(problems: &mut Problems, references: &References, row: &mut contact::Model, changes: &Changes) {
    match changes.company_id {
        Patch::Value(id) => match references.company(id) {
            Some(name) => {
                row.company_id = Some(id);
                row.company = Some(name.to_owned());
            }
            None => problems.not_found("companyId", Referent::Company),
        },
        Patch::Null => row.company_id = None,
        Patch::Absent if changes.contact.company.is_set() => row.company_id = None,
        Patch::Absent => {}
    }
}

fn assignees(
    problems: &mut Problems,
    references: &References,
    record: &mut Record,
    given: &Patch<Vec<(usize, Uuid)>>,
    lists: Lists,
) {
    match given {
        // An empty list says as little as the other lists' do, to which it would add nothing.
        Patch::Value(ids) if ids.is_empty() && lists == Lists::Add => {}
        Patch::Value(ids) => {
            for (index, id) in ids {
                if !references.has_user(*id) {
                    problems.not_found(&format!("assigneeIds.{index}"), Referent::User);
                }
            }
            record.assignees = ids.iter().map(|(_, id)| *id).collect();
        }
        Patch::Null => record.assignees.clear(),
        Patch::Absent => {}
    }
}

fn retag(
    tx: &WriteTx<'_>,
    book: &mut TagBook,
    problems: &mut Problems,
    record: &mut Record,
    changes: &Changes,
    lists: Lists,
) {
    let mut add = |record: &mut Record, tags: &[TagName], path: &str| {
        if problems.concern(&[path]) {
            return;
        }
        for tag in tags {
            let spelling = book.spelling(tx, tag);
            if !record.tags.iter().any(|known| known.id == spelling.id) {
                record.tags.push(spelling);
            }
        }
        if !tags.is_empty() {
            tags::check_count(problems, path, record.tags.len());
        }
    };
    if let Patch::Value(tags) = &changes.tags {
        if lists == Lists::Replace {
            record.tags.clear();
        }
        add(record, tags, "tags");
    }
    add(record, &changes.add_tags, "addTags");
    for tag in &changes.remove_tags {
        if let Some(id) = book.known(tag) {
            record.tags.retain(|known| known.id != id);
        }
    }
}

/// What the policy requires of the fields that are checked. A field that was given but refused is
/// not also missed.
fn require(
    problems: &mut Problems,
    settings: &Settings,
    record: &Record,
    checked: impl Fn(ContactField) -> bool,
) {
    let Record { row, phones, emails, .. } = record;
    let blank = |text: &Option<String>| text.as_deref().is_none_or(is_blank);
    let missing = [
        (ContactField::FirstName, blank(&row.first_name), "firstName", "", ProblemCode::FirstNameRequired),
        (ContactField::LastName, blank(&row.last_name), "lastName", "", ProblemCode::LastNameRequired),
        (ContactField::Email, emails.is_empty(), "email", "emails", ProblemCode::EmailRequired),
        (
            ContactField::Phone,
            !phones.iter().any(|phone| phone.is_primary),
            "phone",
            "phones",
            ProblemCode::PhoneRequired,
        ),
        (ContactField::Company, blank(&row.company), "company", "companyId", ProblemCode::CompanyRequired),
    ];
    for (field, missing, path, other, code) in missing {
        let refused = problems.concern(&[path, other]);
        if missing && !refused && checked(field) && settings.policy.requires(field) {
            problems.add(path, code, "is required by the organization's policy");
        }
    }
}

impl Changes {
    /// Whether a required field is among those that are set.
    fn set(&self, field: ContactField) -> bool {
        match field {
            ContactField::FirstName => self.contact.first_name.is_set(),
            ContactField::LastName => self.contact.last_name.is_set(),
            ContactField::Email => self.email.is_present() || self.emails.is_present(),
            ContactField::Phone => self.phone.is_present() || self.phones.is_present(),
            ContactField::Company => self.contact.company.is_set() || self.company_id.is_present(),
        }
    }

    /// On create null is as omitted.
    fn without_nulls(mut self) -> Self {
        fn omit<T>(field: &mut Patch<T>) {
            if matches!(field, Patch::Null) {
                *field = Patch::Absent;
            }
        }
        omit(&mut self.email);
        omit(&mut self.phone);
        omit(&mut self.whatsapp_number);
        omit(&mut self.pipeline_id);
        omit(&mut self.pipeline_stage_id);
        omit(&mut self.company_id);
        omit(&mut self.team_id);
        omit(&mut self.owner_id);
        omit(&mut self.assignees);
        self
    }
}

//! What changes make of a contact: a new one, a changed one, or one that was found by its keys.

use entity::contact::{self, Column};
use sea_orm::{ActiveModelTrait as _, ActiveValue, Iterable as _, ModelTrait as _};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    changes::{By, Changes, not_found},
    check,
    draft::Field,
    email, phone,
    record::Record,
    references::References,
    stage,
    tag::{self, TagBook, TagName},
    text::is_blank,
};
use crate::{
    database::{Read as _, WriteTx},
    error::{DatabaseError, During as _},
    fault::{FaultCode, Faults},
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
    faults: &mut Faults,
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
    change(circumstances, tags, faults, &mut record, &without_nulls, Lists::Replace, true)?;
    let row = &mut record.row;
    row.last_name = row.last_name.take().or_else(|| policy.default_last_name.clone());
    row.country = row.country.take().or_else(|| policy.default_country.clone());
    record.settle();
    require(faults, settings, &record, |_| true);
    Ok(record)
}

/// A contact after changes. An update checks only the fields it sets.
pub(super) fn update(
    circumstances: &Circumstances<'_>,
    tags: &mut TagBook,
    faults: &mut Faults,
    old: &Record,
    changes: &Changes,
    lists: Lists,
) -> Result<Record, DatabaseError> {
    let mut record = old.clone();
    change(circumstances, tags, faults, &mut record, changes, lists, false)?;
    record.settle();
    require(faults, circumstances.settings, &record, |field| changes.set(field));
    Ok(record)
}

fn change(
    circumstances: &Circumstances<'_>,
    tags: &mut TagBook,
    faults: &mut Faults,
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
    change_lists(faults, record, changes, lists);
    stage::apply(faults, settings, changes, &mut record.row, is_new);
    let row = &mut record.row;
    match &changes.source {
        Field::Given(source) => row.source.clone_from(source),
        Field::Omitted if !is_new => {}
        Field::Omitted | Field::Null => row.source.clone_from(&settings.policy.default_source),
    }
    flag(&mut row.is_active, &changes.is_active, is_new);
    flag(&mut row.email_subscribed, &changes.email_subscribed, is_new);
    let members = if is_new { Members::New } else { lists.into() };
    object(faults, "metadata", &mut row.metadata, &changes.metadata, members);
    object(faults, "industryContext", &mut row.industry_context, &changes.industry_context, members);
    company(faults, references, row, changes);
    match changes.team_id {
        Field::Given(id) => row.team_id = Some(id),
        Field::Null => row.team_id = None,
        Field::Omitted => {}
    }
    match changes.owner_id {
        Field::Given(id) if !references.has_user(id) => not_found(faults, "ownerId", FaultCode::UserNotFound),
        Field::Given(id) => row.owner_id = Some(id),
        Field::Null => row.owner_id = None,
        Field::Omitted => {}
    }
    assignees(faults, references, record, &changes.assignees, lists);
    retag(tx, tags, faults, record, changes, lists);
    Ok(())
}

fn change_lists(faults: &mut Faults, record: &mut Record, changes: &Changes, lists: Lists) {
    match (&changes.emails, lists) {
        (Field::Given(emails), Lists::Replace) => email::replace(faults, record, emails),
        (Field::Given(emails), Lists::Add) => email::add(faults, record, emails),
        _ => {}
    }
    match &changes.email {
        Field::Given(email) => email::make_primary(faults, record, email, lists),
        Field::Null => email::remove_primary(faults, record),
        Field::Omitted => {}
    }
    match (&changes.phones, lists) {
        (Field::Given(phones), Lists::Replace) => phone::replace(faults, record, phones),
        (Field::Given(phones), Lists::Add) => phone::add(faults, record, phones),
        _ => {}
    }
    match &changes.phone {
        Field::Given(phone) => phone::make_primary(faults, record, phone),
        Field::Null => phone::remove_primary(faults, record),
        Field::Omitted => {}
    }
    match &changes.whatsapp_number {
        Field::Given(number) => phone::set_whatsapp(faults, record, Some(number)),
        Field::Null => phone::set_whatsapp(faults, record, None),
        Field::Omitted => {}
    }
}

/// A flag that is never null: true unless said otherwise.
fn flag(stored: &mut bool, given: &Field<bool>, is_new: bool) {
    match given {
        Field::Given(given) => *stored = *given,
        Field::Omitted if !is_new => {}
        Field::Omitted | Field::Null => *stored = true,
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
    faults: &mut Faults,
    path: &str,
    stored: &mut String,
    given: &Field<Map<String, Json>>,
    how: Members,
) {
    let members = match given {
        Field::Given(given) if how == Members::New => given.clone(),
        Field::Given(given) => {
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
        Field::Omitted if how != Members::New => return,
        Field::Omitted | Field::Null => Map::new(),
    };
    *stored = check::stored_object(faults, path, members);
}

/// A linked company's name wins over text given beside it; text alone unlinks.
fn company(faults: &mut Faults, references: &References, row: &mut contact::Model, changes: &Changes) {
    match changes.company_id {
        Field::Given(id) => match references.company(id) {
            Some(name) => {
                row.company_id = Some(id);
                row.company = Some(name.to_owned());
            }
            None => not_found(faults, "companyId", FaultCode::CompanyNotFound),
        },
        Field::Null => row.company_id = None,
        Field::Omitted if changes.contact.company.is_set() => row.company_id = None,
        Field::Omitted => {}
    }
}

fn assignees(
    faults: &mut Faults,
    references: &References,
    record: &mut Record,
    given: &Field<Vec<(usize, Uuid)>>,
    lists: Lists,
) {
    match given {
        // An empty list says as little as the other lists' do, to which it would add nothing.
        Field::Given(ids) if ids.is_empty() && lists == Lists::Add => {}
        Field::Given(ids) => {
            for (index, id) in ids {
                if !references.has_user(*id) {
                    not_found(faults, &format!("assigneeIds.{index}"), FaultCode::UserNotFound);
                }
            }
            record.assignees = ids.iter().map(|(_, id)| *id).collect();
        }
        Field::Null => record.assignees.clear(),
        Field::Omitted => {}
    }
}

fn retag(
    tx: &WriteTx<'_>,
    book: &mut TagBook,
    faults: &mut Faults,
    record: &mut Record,
    changes: &Changes,
    lists: Lists,
) {
    let mut add = |record: &mut Record, tags: &[TagName], path: &str| {
        if faults.concern(path.trim_end_matches('s')) {
            return;
        }
        for tag in tags {
            let spelling = book.spelling(tx, tag);
            if !record.tags.iter().any(|known| known.id == spelling.id) {
                record.tags.push(spelling);
            }
        }
        if !tags.is_empty() {
            tag::check_count(faults, path, record.tags.len());
        }
    };
    if let Field::Given(tags) = &changes.tags {
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
    faults: &mut Faults,
    settings: &Settings,
    record: &Record,
    checked: impl Fn(ContactField) -> bool,
) {
    let Record { row, phones, emails, .. } = record;
    let blank = |text: &Option<String>| text.as_deref().is_none_or(is_blank);
    let missing = [
        (ContactField::FirstName, blank(&row.first_name), "firstName", FaultCode::FirstNameRequired),
        (ContactField::LastName, blank(&row.last_name), "lastName", FaultCode::LastNameRequired),
        (ContactField::Email, emails.is_empty(), "email", FaultCode::EmailRequired),
        (
            ContactField::Phone,
            !phones.iter().any(|phone| phone.is_primary),
            "phone",
            FaultCode::PhoneRequired,
        ),
        (ContactField::Company, blank(&row.company), "company", FaultCode::CompanyRequired),
    ];
    for (field, missing, path, code) in missing {
        let refused = faults.concern(path) || (path == "company" && faults.concern("companyId"));
        if missing && !refused && checked(field) && settings.policy.requires(field) {
            faults.add(path, code, "is required by the organization's policy");
        }
    }
}

impl Changes {
    /// Whether a required field is among those that are set.
    fn set(&self, field: ContactField) -> bool {
        match field {
            ContactField::FirstName => self.contact.first_name.is_set(),
            ContactField::LastName => self.contact.last_name.is_set(),
            ContactField::Email => self.email.is_said() || self.emails.is_said(),
            ContactField::Phone => self.phone.is_said() || self.phones.is_said(),
            ContactField::Company => self.contact.company.is_set() || self.company_id.is_said(),
        }
    }

    /// On create null is as omitted.
    fn without_nulls(mut self) -> Self {
        fn omit<T>(field: &mut Field<T>) {
            if matches!(field, Field::Null) {
                *field = Field::Omitted;
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

//! What only one live contact of an organization may hold: its external id and, if the policy
//! says so, each phone number and email address.
//!
//! Conflicts are looked up under the clock, which keeps every other writer of the organization
//! out; so the answer is exact, and names the holder.

use uuid::Uuid;

use super::command::MatchKey;
use crate::{
    contacts::{
        book::{Book, Handle},
        changes::Changes,
        record::Record,
    },
    input::{
        phone::identifies,
        problem::{ProblemCode, Problems},
    },
    organizations::Policy,
};

/// Problems what the contact newly holds and another one has.
pub(super) fn check(
    problems: &mut Problems,
    book: &Book,
    policy: &Policy,
    old: Option<&Record>,
    new: &Record,
    changes: Option<&Changes>,
) {
    let old = old.filter(|old| old.is_live());
    let id = Some(new.row.id);
    let is_new = |handle| old.is_none_or(|old| !old.holds(handle));
    if let Some(external_id) = &new.row.external_id {
        let handle = Handle::ExternalId(external_id);
        if is_new(handle) {
            taken(
                problems,
                "externalId",
                ProblemCode::ExternalIdTaken,
                "external id",
                book.holders(handle, id),
            );
        }
    }
    for phone in new.phones.iter().filter(|phone| policy.unique_phone && identifies(&phone.number)) {
        let handle = Handle::Number(&phone.number);
        if is_new(handle) {
            let path = changes.map_or_else(String::new, |changes| changes.path_of_number(&phone.number));
            taken(problems, &path, ProblemCode::PhoneTaken, "phone number", book.holders(handle, id));
        }
    }
    for email in new.emails.iter().filter(|_| policy.unique_email) {
        let handle = Handle::Address(&email.address_key);
        if is_new(handle) {
            let path =
                changes.map_or_else(String::new, |changes| changes.path_of_address(&email.address_key));
            taken(problems, &path, ProblemCode::EmailTaken, "email address", book.holders(handle, id));
        }
    }
}

fn taken(problems: &mut Problems, path: &str, code: ProblemCode, what: &str, holders: Vec<Uuid>) {
    if !holders.is_empty() {
        problems.conflict(path, code, format!("is taken: another contact has this {what}"), holders);
    }
}

/// The live contacts that hold any of the keys that are given a value.
pub(super) fn found(book: &Book, changes: &Changes, keys: &[MatchKey]) -> Vec<Uuid> {
    let mut found = Vec::new();
    for key in keys {
        match key {
            MatchKey::ExternalId => {
                let holders = changes.external_id().map(|held| book.holders(Handle::ExternalId(held), None));
                found.extend(holders.into_iter().flatten());
            }
            MatchKey::Email => {
                found.extend(changes.addresses().flat_map(|held| book.holders(Handle::Address(held), None)));
            }
            MatchKey::Phone => {
                found.extend(changes.numbers().flat_map(|held| book.holders(Handle::Number(held), None)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl Changes {
    fn path_of_number(&self, number: &str) -> String {
        let list = self.phones.as_ref().value().into_iter().flatten();
        if let Some(phone) = list.into_iter().find(|phone| phone.number == number) {
            return format!("{}.number", phone.path);
        }
        let whatsapp = self.whatsapp_number.as_ref().value().is_some_and(|given| given.number == number);
        let phone = self.phone.as_ref().value().is_some_and(|given| given.number == number);
        if whatsapp && !phone { "whatsappNumber" } else { "phone" }.to_owned()
    }

    fn path_of_address(&self, key: &str) -> String {
        let list = self.emails.as_ref().value().into_iter().flatten();
        list.into_iter()
            .find(|email| email.email.key == key)
            .map_or_else(|| "email".to_owned(), |email| format!("{}.address", email.path))
    }
}

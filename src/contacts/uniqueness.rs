//! Uniqueness of keys among the live contacts of an organization: the external id and, if the policy
//! says so, each phone number and email address.
//!
//! Conflicts are looked up while the change clock is held, which keeps every other writer of the
//! organization out; so the answer is exact, and names the holder.

use uuid::Uuid;

use super::{
    contact_set::ContactSet,
    draft::{ContactDraft, Normal},
    record::Record,
    unique_key::UniqueKey,
};
use crate::{
    input::{
        phone::identifies,
        problem::{ProblemCode, Problems},
    },
    organizations::Policy,
};

/// Key by which an existing contact is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKey {
    /// The external id, compared exactly.
    ExternalId,
    /// Any email address.
    Email,
    /// Any phone number.
    Phone,
}

impl MatchKey {
    /// All keys.
    pub const ALL: [Self; 3] = [Self::ExternalId, Self::Email, Self::Phone];
}

/// Reports every unique key that the contact newly holds and another one has.
pub(super) fn check(
    problems: &mut Problems,
    contacts: &ContactSet,
    policy: &Policy,
    old: Option<&Record>,
    new: &Record,
    draft: Option<&ContactDraft<Normal>>,
) {
    let old = old.filter(|old| old.is_live());
    let id = Some(new.row.id);
    // A key that the contact held already is not checked: duplicates from before the policy asked for
    // unique numbers may stay.
    let is_new = |key| old.is_none_or(|old| !old.holds(key));
    if let Some(external_id) = &new.row.external_id {
        let key = UniqueKey::ExternalId(external_id);
        if is_new(key) {
            report_taken(problems, "externalId", MatchKey::ExternalId, contacts.holders(key, id));
        }
    }
    // A text with few digits is kept as it was given, and identifies nobody.
    for phone in new.phones.iter().filter(|phone| policy.unique_phone && identifies(&phone.number)) {
        let key = UniqueKey::Number(&phone.number);
        if is_new(key) {
            let path = draft.map_or_else(String::new, |draft| draft.path_of_number(&phone.number));
            report_taken(problems, &path, MatchKey::Phone, contacts.holders(key, id));
        }
    }
    for email in new.emails.iter().filter(|_| policy.unique_email) {
        let key = UniqueKey::Address(&email.address_key);
        if is_new(key) {
            let path = draft.map_or_else(String::new, |draft| draft.path_of_address(&email.address_key));
            report_taken(problems, &path, MatchKey::Email, contacts.holders(key, id));
        }
    }
}

/// Reports a key that other contacts hold, if any do.
pub(super) fn report_taken(problems: &mut Problems, path: &str, key: MatchKey, holders: Vec<Uuid>) {
    if holders.is_empty() {
        return;
    }
    let (code, what) = match key {
        MatchKey::ExternalId => (ProblemCode::ExternalIdTaken, "external id"),
        MatchKey::Email => (ProblemCode::EmailTaken, "email address"),
        MatchKey::Phone => (ProblemCode::PhoneTaken, "phone number"),
    };
    problems.conflict(path, code, format!("is taken: another contact has this {what}"), holders);
}

/// Returns the live contacts that hold any of these keys of the draft.
pub(super) fn matches(contacts: &ContactSet, draft: &ContactDraft<Normal>, keys: &[MatchKey]) -> Vec<Uuid> {
    let mut found = Vec::new();
    for key in keys {
        match key {
            MatchKey::ExternalId => {
                let holders =
                    draft.external_id().map(|held| contacts.holders(UniqueKey::ExternalId(held), None));
                found.extend(holders.into_iter().flatten());
            }
            MatchKey::Email => {
                found.extend(
                    draft.address_keys().flat_map(|held| contacts.holders(UniqueKey::Address(held), None)),
                );
            }
            MatchKey::Phone => {
                found
                    .extend(draft.numbers().flat_map(|held| contacts.holders(UniqueKey::Number(held), None)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl ContactDraft<Normal> {
    /// Returns the path of the field that gave a number.
    fn path_of_number(&self, number: &str) -> String {
        let list = self.phones.as_ref().value().into_iter().flatten();
        if let Some(phone) = list.into_iter().find(|phone| phone.number == number) {
            return format!("{}.number", phone.path);
        }
        let whatsapp = self.whatsapp_number.as_ref().value().is_some_and(|given| given.number == number);
        let phone = self.phone.as_ref().value().is_some_and(|given| given.number == number);
        if whatsapp && !phone { "whatsappNumber" } else { "phone" }.to_owned()
    }

    /// Returns the path of the field that gave an address.
    fn path_of_address(&self, key: &str) -> String {
        let list = self.emails.as_ref().value().into_iter().flatten();
        list.into_iter()
            .find(|email| email.email.key == key)
            .map_or_else(|| "email".to_owned(), |email| format!("{}.address", email.path))
    }
}

//! Fields that an organization's policy requires of a contact.

use super::record::Record;
use crate::{
    input::{
        problem::{ProblemCode, Problems},
        text::is_blank,
    },
    organizations::{ContactField, Settings},
};

/// Reports the fields that the policy requires and the contact lacks. A field that was given but
/// refused is not reported as missing too.
pub(super) fn check(
    problems: &mut Problems,
    settings: &Settings,
    record: &Record,
    is_checked: impl Fn(ContactField) -> bool,
) {
    let Record { row, phones, emails, .. } = record;
    let blank = |text: &Option<String>| text.as_deref().is_none_or(is_blank);
    for field in ContactField::ALL.map(|(field, _)| field) {
        let (is_missing, paths, code) = match field {
            ContactField::FirstName => {
                (blank(&row.first_name), &["firstName"][..], ProblemCode::FirstNameRequired)
            }
            ContactField::LastName => {
                (blank(&row.last_name), &["lastName"][..], ProblemCode::LastNameRequired)
            }
            ContactField::Email => (emails.is_empty(), &["email", "emails"][..], ProblemCode::EmailRequired),
            ContactField::Phone => {
                let is_missing = !phones.iter().any(|phone| phone.is_primary);
                (is_missing, &["phone", "phones"][..], ProblemCode::PhoneRequired)
            }
            ContactField::Company => {
                (blank(&row.company), &["company", "companyId"][..], ProblemCode::CompanyRequired)
            }
        };
        let is_required = settings.policy.requires(field) && is_checked(field);
        if is_missing && is_required && !problems.concern(paths) {
            problems.add(paths[0], code, "is required by the organization's policy");
        }
    }
}

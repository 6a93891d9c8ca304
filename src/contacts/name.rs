//! The display name of a contact.

use uuid::Uuid;

use crate::input::text::is_blank;

/// Returns first and last name, else the first of `others` that is not blank, else `Contact ` and the
/// last 8 characters of the id. It is never empty.
#[must_use]
pub fn display_name<T: AsRef<str>>(
    id: Uuid,
    first_name: Option<&str>,
    last_name: Option<&str>,
    others: &[Option<T>],
) -> String {
    let names: Vec<&str> =
        [first_name, last_name].into_iter().flatten().map(str::trim).filter(|name| !is_blank(name)).collect();
    if !names.is_empty() {
        return names.join(" ");
    }
    if let Some(other) = others.iter().flatten().map(AsRef::as_ref).find(|other| !is_blank(other)) {
        return other.trim().to_owned();
    }
    let id = id.to_string();
    format!("Contact {}", &id[id.len() - 8..])
}

//! Keys by which a contact is found, and which only one live contact may hold where they are unique.

/// A key of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UniqueKey<'a> {
    ExternalId(&'a str),
    /// A phone number as it is stored.
    Number(&'a str),
    /// The key of an email address: see `address_key`.
    Address(&'a str),
}

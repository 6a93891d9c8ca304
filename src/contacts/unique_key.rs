//! Keys that lead to a contact, and that only one live contact may hold where they are unique.

/// A key of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UniqueKey<'a> {
    ExternalId(&'a str),
    /// A number as it is kept.
    Number(&'a str),
    /// The key of an address.
    Address(&'a str),
}

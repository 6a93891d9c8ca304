//! The columns that the workloads ask for: the GraphQL documents and the handlers' SQL are made from one list.

/// A scalar field of a contact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Name in GraphQL.
    pub(crate) field: &'static str,
    /// Name in the database.
    pub(crate) name: &'static str,
    /// Form of the value.
    pub(crate) kind: Kind,
}

/// Form of a value in the database and in JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A UUID: bytes, and a string.
    Id,
    /// A text.
    Text,
    /// A 32-bit integer.
    Int,
    /// A boolean.
    Flag,
    /// Milliseconds, and a string such as `2026-11-30T16:22:26.123Z`.
    Time,
    /// A JSON text, which is copied.
    Json,
}

const fn column(field: &'static str, name: &'static str, kind: Kind) -> Column {
    Column { field, name, kind }
}

/// Twenty scalars: the page of W1 and W6, and the contact of W3.
pub(crate) const TWENTY: [Column; 20] = [
    column("id", "id", Kind::Id),
    column("externalId", "external_id", Kind::Text),
    column("firstName", "first_name", Kind::Text),
    column("lastName", "last_name", Kind::Text),
    column("email", "email", Kind::Text),
    column("phone", "phone", Kind::Text),
    column("company", "company", Kind::Text),
    column("jobTitle", "job_title", Kind::Text),
    column("industry", "industry", Kind::Text),
    column("city", "city", Kind::Text),
    column("country", "country", Kind::Text),
    column("timezone", "timezone", Kind::Text),
    column("status", "status", Kind::Text),
    column("source", "source", Kind::Text),
    column("score", "score", Kind::Int),
    column("isActive", "is_active", Kind::Flag),
    column("emailSubscribed", "email_subscribed", Kind::Flag),
    column("version", "version", Kind::Int),
    column("createdAt", "created_at", Kind::Time),
    column("updatedAt", "updated_at", Kind::Time),
];

/// Eight scalars: the rows of W5.
pub(crate) const EIGHT: [Column; 8] = [
    column("id", "id", Kind::Id),
    column("firstName", "first_name", Kind::Text),
    column("lastName", "last_name", Kind::Text),
    column("email", "email", Kind::Text),
    column("status", "status", Kind::Text),
    column("score", "score", Kind::Int),
    column("createdAt", "created_at", Kind::Time),
    column("updatedAt", "updated_at", Kind::Time),
];

/// Eight scalars and the tags, which stand in the contact's row as JSON: the contacts of W2.
pub(crate) const EIGHT_AND_TAGS: [Column; 9] = {
    let [id, first, last, email, status, score, created, updated] = EIGHT;
    [id, first, last, email, status, score, created, updated, column("tags", "tags", Kind::Json)]
};

/// Fields of a phone in W2.
pub(crate) const PHONE: [Column; 3] = [
    column("number", "number", Kind::Text),
    column("type", "type", Kind::Text),
    column("isPrimary", "is_primary", Kind::Flag),
];

/// Fields of the linked company in W2.
pub(crate) const COMPANY: [Column; 2] = [column("id", "id", Kind::Id), column("name", "name", Kind::Text)];

/// Returns the columns for a select list, each with this prefix.
pub(crate) fn select_list(columns: &[Column], prefix: &str) -> String {
    columns.iter().map(|column| format!("{prefix}{}", column.name)).collect::<Vec<_>>().join(", ")
}

/// Returns the fields for a GraphQL document.
pub(crate) fn fields(columns: &[Column]) -> String {
    columns.iter().map(|column| column.field).collect::<Vec<_>>().join(" ")
}

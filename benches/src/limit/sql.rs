//! The handlers' reads, for both engines: parameters stand in the order of their numbers.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::columns::{COMPANY, Column, EIGHT, EIGHT_AND_TAGS, PHONE, TWENTY, select_list};

/// A read, with the values of its statement beside the organization.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    /// W1: the first page.
    Page,
    /// W2: the first page with phones and companies.
    Related,
    /// W3: one contact.
    One(Uuid),
    /// W5: changes since a time.
    Poll(i64),
    /// W6: the page after a position.
    Deep(i64, i64),
}

/// Rows of a page.
pub(crate) const PAGE_ROWS: usize = 100;
/// Rows of a poll.
pub(crate) const POLL_ROWS: usize = 10;

const LIVE: &str = "FROM contact WHERE org_id = $1 AND deleted_at IS NULL";
const NEWEST: &str = "ORDER BY updated_at DESC, change_seq DESC LIMIT";

static PAGE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} {LIVE} {NEWEST} {PAGE_ROWS}", select_list(&TWENTY, "")));

/// W2 in one statement, which is the fastest on SQLite. PostgreSQL joins a page more slowly than it looks up lists
/// of ids.
static RELATED: LazyLock<String> = LazyLock::new(|| {
    let contact = select_list(&EIGHT_AND_TAGS, "");
    format!(
        "SELECT {}, {}, {} FROM (SELECT {contact}, company_id, change_seq {LIVE} {NEWEST} {PAGE_ROWS}) page \
         LEFT JOIN company ON company.org_id = $1 AND company.id = page.company_id \
         LEFT JOIN contact_phone phone ON phone.org_id = $1 AND phone.contact_id = page.id \
         ORDER BY page.updated_at DESC, page.change_seq DESC, phone.position",
        select_list(&EIGHT_AND_TAGS, "page."),
        select_list(&COMPANY, "company."),
        select_list(&PHONE, "phone."),
    )
});

/// W2 on PostgreSQL: the page, whose last cell is the company's id.
pub(crate) static CONTACTS: LazyLock<String> = LazyLock::new(|| {
    let columns = select_list(&EIGHT_AND_TAGS, "");
    format!("SELECT {columns}, company_id {LIVE} {NEWEST} {PAGE_ROWS}")
});

/// The phones of contacts; the first cell is the contact's id.
pub(crate) static PHONES: LazyLock<String> = LazyLock::new(|| {
    let columns = select_list(&PHONE, "");
    format!(
        "SELECT contact_id, {columns} FROM contact_phone WHERE org_id = $1 AND contact_id = ANY($2) ORDER BY position"
    )
});

/// Companies.
pub(crate) static COMPANIES: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {} FROM company WHERE org_id = $1 AND id = ANY($2)", select_list(&COMPANY, ""))
});

static ONE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} {LIVE} AND id = $2", select_list(&TWENTY, "")));

static POLL: LazyLock<String> = LazyLock::new(|| {
    let columns = select_list(&EIGHT, "");
    format!("SELECT {columns} {LIVE} AND updated_at >= $2 ORDER BY updated_at, change_seq LIMIT {POLL_ROWS}")
});

static DEEP: LazyLock<String> = LazyLock::new(|| {
    let columns = select_list(&TWENTY, "");
    format!("SELECT {columns} {LIVE} AND (updated_at, change_seq) < ($2, $3) {NEWEST} {PAGE_ROWS}")
});

impl Read {
    /// One read of each kind.
    pub(crate) const ALL: [Self; 5] =
        [Self::Page, Self::Related, Self::One(Uuid::nil()), Self::Poll(0), Self::Deep(0, 0)];

    /// Returns its place in [`Self::ALL`].
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Page => 0,
            Self::Related => 1,
            Self::One(_) => 2,
            Self::Poll(_) => 3,
            Self::Deep(..) => 4,
        }
    }

    /// Returns the statement.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Page => &PAGE,
            Self::Related => &RELATED,
            Self::One(_) => &ONE,
            Self::Poll(_) => &POLL,
            Self::Deep(..) => &DEEP,
        }
    }

    /// Returns the columns of the contacts.
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::Page | Self::One(_) | Self::Deep(..) => &TWENTY,
            Self::Related => &EIGHT_AND_TAGS,
            Self::Poll(_) => &EIGHT,
        }
    }
}

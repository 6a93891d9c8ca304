//! JSON straight from the cells of rows.

use uuid::Uuid;

use crate::columns::{COMPANY, Column, EIGHT_AND_TAGS, Kind, PHONE};

/// The cells of a row, whatever the driver. They are of the types that the statement selects.
pub(crate) trait Cells {
    fn id(&self, index: usize) -> Option<Uuid>;
    fn text(&self, index: usize) -> Option<&str>;
    fn int(&self, index: usize) -> Option<i32>;
    fn flag(&self, index: usize) -> Option<bool>;
    fn time(&self, index: usize) -> Option<i64>;
}

/// Bytes to begin an answer with: a page of twenty scalars takes some 50 KiB.
const PAGE_BYTES: usize = 64 * 1024;

/// A list of contacts that is being written.
pub(crate) struct List {
    out: Vec<u8>,
    columns: &'static [Column],
}

impl List {
    pub(crate) fn of(columns: &'static [Column]) -> Self {
        let mut out = Vec::with_capacity(PAGE_BYTES);
        out.extend_from_slice(br#"{"data":{"contacts":{"nodes":["#);
        Self { out, columns }
    }

    pub(crate) fn push(&mut self, row: &impl Cells) {
        if self.out.last() == Some(&b'}') {
            self.out.push(b',');
        }
        object(&mut self.out, self.columns, 0, row);
        self.out.push(b'}');
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"]}}}");
        self.out
    }
}

/// A list of contacts with phones and company that is being written.
pub(crate) struct Related {
    out: Vec<u8>,
    last: Option<Uuid>,
}

impl Related {
    pub(crate) fn new() -> Self {
        Self { out: List::of(&[]).out, last: None }
    }

    /// Writes a row of contact, company and phone; the rows of a contact follow one another.
    pub(crate) fn push(&mut self, row: &impl Cells) {
        const COMPANY_AT: usize = EIGHT_AND_TAGS.len();
        const PHONE_AT: usize = COMPANY_AT + COMPANY.len();
        if self.last != row.id(0) {
            let has_company = row.id(COMPANY_AT).is_some();
            self.contact(row, has_company.then_some((row, COMPANY_AT)));
        }
        if row.text(PHONE_AT).is_some() {
            self.phone(row, PHONE_AT);
        }
    }

    /// Begins a contact, with the row of its company and the place of the first cell there.
    pub(crate) fn contact(&mut self, row: &impl Cells, company: Option<(&impl Cells, usize)>) {
        let out = &mut self.out;
        if self.last.is_some() {
            out.extend_from_slice(b"]},");
        }
        self.last = row.id(0);
        object(out, &EIGHT_AND_TAGS, 0, row);
        out.extend_from_slice(br#","companyRecord":"#);
        if let Some((row, from)) = company {
            object(out, &COMPANY, from, row);
            out.push(b'}');
        } else {
            out.extend_from_slice(b"null");
        }
        out.extend_from_slice(br#","phones":["#);
    }

    /// Adds a phone to the contact that was begun last.
    pub(crate) fn phone(&mut self, row: &impl Cells, from: usize) {
        if self.out.last() == Some(&b'}') {
            self.out.push(b',');
        }
        object(&mut self.out, &PHONE, from, row);
        self.out.push(b'}');
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(if self.last.is_some() { b"]}]}}}" } else { b"]}}}" });
        self.out
    }
}

/// Returns the answer of one contact.
pub(crate) fn one(columns: &[Column], row: Option<&impl Cells>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(br#"{"data":{"contact":"#);
    match row {
        Some(row) => {
            object(&mut out, columns, 0, row);
            out.push(b'}');
        }
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b"}}");
    out
}

/// Writes an object without its closing bracket; its cells begin at `from`.
fn object(out: &mut Vec<u8>, columns: &[Column], from: usize, row: &impl Cells) {
    out.push(b'{');
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(column.field.as_bytes());
        out.extend_from_slice(b"\":");
        if cell(out, column.kind, from + index, row).is_none() {
            out.extend_from_slice(b"null");
        }
    }
}

/// Writes a value; `None` if it is null.
fn cell(out: &mut Vec<u8>, kind: Kind, index: usize, row: &impl Cells) -> Option<()> {
    match kind {
        Kind::Id => {
            let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
            quoted(out, row.id(index)?.hyphenated().encode_lower(&mut text));
        }
        Kind::Text => string(out, row.text(index)?),
        Kind::Int => {
            let value = row.int(index)?;
            // Writing into a vector does not fail.
            serde_json::to_writer(&mut *out, &value).ok()?;
        }
        Kind::Flag => out.extend_from_slice(if row.flag(index)? { b"true" } else { b"false" }),
        Kind::Time => time(out, row.time(index)?),
        Kind::Json => out.extend_from_slice(row.text(index)?.as_bytes()),
    }
    Some(())
}

fn string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        drop(serde_json::to_writer(&mut *out, text));
    } else {
        quoted(out, text);
    }
}

fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Writes milliseconds since 1970 as RFC 3339, for the years 1970 to 9999.
pub(crate) fn time(out: &mut Vec<u8>, milliseconds: i64) {
    let (days, rest) = (milliseconds.div_euclid(86_400_000), milliseconds.rem_euclid(86_400_000));
    // Civil date from days, with years that begin in March so that a leap day comes last (Howard Hinnant).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
    let parts = [
        (1, 4, year),
        (6, 2, month),
        (9, 2, day),
        (12, 2, rest / 3_600_000),
        (15, 2, rest / 60_000 % 60),
        (18, 2, rest / 1_000 % 60),
        (21, 3, rest % 1_000),
    ];
    for (at, length, mut number) in parts {
        for digit in text[at..at + length].iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    }
    out.extend_from_slice(&text);
}

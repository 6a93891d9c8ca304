//! Comparison of texts: each column in its own way, both engines alike.

use entity::contact::Column;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    TextComparison, TextField,
    sql::{self, either},
};
use crate::{database::Engine, input::text::needle};

/// A text of a row, and how it compares. It is null where the row has none.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    engine: Engine,
    /// Expression in the form that compares.
    folded: Expr,
    /// Expression as it is stored.
    stored: Expr,
    /// Converts a value to the form that compares; `None`: no text contains it.
    fold: fn(&str) -> Option<String>,
    /// Beginning of `folded`, which an index covers.
    start: Option<Expr>,
}

/// Number of a name's first characters that an index covers: see the migration.
const MAX_INDEXED_CHARS: usize = 64;

impl Subject {
    /// Returns a text of the contact's own row. Emails and phones are rows of other tables.
    pub(super) fn of(engine: Engine, field: TextField) -> Self {
        match field {
            TextField::FirstName => Self::named(engine, Column::FirstName, Column::FirstNameFold),
            TextField::LastName => Self::named(engine, Column::LastName, Column::LastNameFold).indexed(),
            TextField::Company => Self::named(engine, Column::Company, Column::CompanyFold).indexed(),
            TextField::ExternalId => Self::exact(engine, Column::ExternalId.into_simple_expr()),
            TextField::Plain(column) => Self::plain(engine, column),
            TextField::WhatsappNumber => Self::plain(engine, Column::WhatsappNumber),
            TextField::Email => Self::plain(engine, Column::Email),
            TextField::Phone => Self::plain(engine, Column::Phone),
        }
    }

    /// Returns a column that compares without regard to the case of ASCII letters.
    pub(super) fn plain(engine: Engine, column: Column) -> Self {
        Self::ascii(engine, column.into_simple_expr())
    }

    /// Returns a text that compares without regard to the case of ASCII letters.
    pub(super) fn ascii(engine: Engine, stored: Expr) -> Self {
        let folded = either(engine, "lower(?)", "lower(? COLLATE \"C\")", [stored.clone()]);
        let fold = |text: &str| storable(text.to_ascii_lowercase());
        Self { engine, folded, stored, fold, start: None }
    }

    /// Returns a text that compares exactly.
    pub(super) fn exact(engine: Engine, stored: Expr) -> Self {
        let fold = |text: &str| storable(text.to_owned());
        Self { engine, folded: stored.clone(), stored, fold, start: None }
    }

    /// Returns a text that is stored in lower case.
    pub(super) fn lower(engine: Engine, stored: Expr) -> Self {
        let fold = |text: &str| needle(text).map(|_| text.to_lowercase());
        Self { fold, ..Self::exact(engine, stored) }
    }

    /// Returns a text that is stored folded.
    pub(super) fn folded(engine: Engine, stored: Expr) -> Self {
        Self { fold: needle, ..Self::exact(engine, stored) }
    }

    fn named(engine: Engine, column: Column, folded: Column) -> Self {
        Self { stored: column.into_simple_expr(), ..Self::folded(engine, folded.into_simple_expr()) }
    }

    /// Looks the text up by its beginning, and then compares it whole.
    fn indexed(self) -> Self {
        let start =
            sql::fill(self.engine, &format!("substr(?, 1, {MAX_INDEXED_CHARS})"), [self.folded.clone()]);
        Self { start: Some(start), ..self }
    }

    /// Returns the comparison as a condition.
    pub(super) fn compare(&self, text: &TextComparison) -> Expr {
        let fold = |text: &String| (self.fold)(text);
        match text {
            TextComparison::In(values) => self.one_of(values.iter().filter_map(fold).collect()),
            TextComparison::Contains(part) => self.with(fold(part), |subject, part| {
                let exprs = [subject, Expr::value(part)];
                either(self.engine, "instr(?, ?) > 0", "strpos(?, ?) > 0", exprs)
            }),
            TextComparison::StartsWith(start) => self.with(fold(start), |subject, start| {
                let found = self.range(subject, &start);
                match &self.start {
                    Some(indexed) => self.range(indexed.clone(), &beginning(&start)).and(found),
                    None => found,
                }
            }),
            TextComparison::EndsWith(end) => self.with(fold(end), |subject, end| {
                let length = i32::try_from(end.chars().count()).unwrap_or(i32::MAX);
                let exprs = [subject, Expr::value(length), Expr::value(end)];
                either(self.engine, "substr(?, -?) = ?", "right(?, ?) = ?", exprs)
            }),
            TextComparison::IsNull => self.stored.clone().is_null().or(self.stored.clone().eq("")),
        }
    }

    fn one_of(&self, values: Vec<String>) -> Expr {
        // The empty name is not looked up by the index, because many contacts have it. Nor are several
        // names on SQLite, which cannot estimate how many values `json_each` returns.
        let few = values.len() == 1 || self.engine == Engine::Postgres;
        let start = self.start.as_ref().filter(|_| few && values.iter().all(|value| !value.is_empty()));
        let narrow = start.map(|start| {
            let beginnings = values.iter().map(|value| beginning(value)).collect();
            sql::one_of(self.engine, start.clone(), beginnings)
        });
        let found = sql::one_of(self.engine, self.folded.clone(), values);
        match narrow {
            Some(narrow) => narrow.and(found),
            None => found,
        }
    }

    /// Returns the condition for a value. `None` is in no text, the empty string in every one.
    fn with(&self, text: Option<String>, condition: impl Fn(Expr, String) -> Expr) -> Expr {
        match text {
            None => sql::never(),
            Some(text) if text.is_empty() => self.folded.clone().is_not_null(),
            Some(text) => condition(self.folded.clone(), text),
        }
    }

    /// Returns `start <= subject < end`, where `end` is the next text that does not start so. It compares
    /// bytes, so an index serves it, which it would not do for `LIKE`.
    fn range(&self, subject: Expr, start: &str) -> Expr {
        let from = |subject: Expr| {
            either(self.engine, "? >= ?", "? COLLATE \"C\" >= ?", [subject, Expr::value(start)])
        };
        match after(start) {
            Some(end) => from(subject.clone()).and(either(
                self.engine,
                "? < ?",
                "? COLLATE \"C\" < ?",
                [subject, Expr::value(end)],
            )),
            None => from(subject),
        }
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(MAX_INDEXED_CHARS).collect()
}

fn storable(text: String) -> Option<String> {
    sql::is_storable(&text).then_some(text)
}

/// Returns the smallest text that is greater than all that start with this one.
fn after(start: &str) -> Option<String> {
    let mut start: Vec<char> = start.chars().collect();
    while let Some(last) = start.pop() {
        // Surrogates are not characters, so the next code point may not be one. After the last
        // character there is none, and the one before it is increased instead.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            start.push(next);
            return Some(start.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_after_is_after_all_that_start_so() {
        for (start, end) in [("a", Some("b")), ("a\u{d7ff}", Some("a\u{e000}")), ("b\u{10ffff}", Some("c"))] {
            assert_eq!(after(start).as_deref(), end);
            assert!(end.is_none_or(|end| format!("{start}\u{10ffff}\u{10ffff}").as_str() < end));
        }
        assert_eq!(after("\u{10ffff}"), None);
    }
}

//! Comparing texts: each column in its own way, both engines alike.

use entity::contact::Column;
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    Text, TextField,
    sql::{self, either},
};
use crate::{contacts::text::sort_key, database::Engine};

/// A text of a row, in the form in which it compares; null where there is none.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    engine: Engine,
    /// As it compares.
    folded: Expr,
    /// As it is stored.
    stored: Expr,
    fold: fn(&str) -> String,
    indexed: Option<Indexed>,
}

/// A column that an index has, of which the text can be found out.
#[derive(Clone, Copy, Debug)]
enum Indexed {
    /// It is the text.
    Whole(Column),
    /// The text is what it has before a control character.
    Start(Column),
}

impl Subject {
    /// A text of a contact. Emails and phones are not its own.
    pub(super) fn of(engine: Engine, field: TextField) -> Self {
        match field {
            TextField::FirstName => {
                let first = either(
                    engine,
                    "substr(?, instr(? || char(1), char(1)) + 1)",
                    "split_part(?, chr(1), 2)",
                    [Column::NameKey.into_simple_expr(), Column::NameKey.into_simple_expr()],
                );
                Self::named(engine, Column::FirstName, first, None)
            }
            TextField::LastName => {
                let last = either(
                    engine,
                    "substr(?, 1, instr(? || char(1), char(1)) - 1)",
                    "split_part(?, chr(1), 1)",
                    [Column::NameKey.into_simple_expr(), Column::NameKey.into_simple_expr()],
                );
                Self::named(engine, Column::LastName, last, Some(Indexed::Start(Column::NameKey)))
            }
            TextField::Company => {
                let key = Column::CompanyKey.into_simple_expr();
                Self::named(engine, Column::Company, key, Some(Indexed::Whole(Column::CompanyKey)))
            }
            TextField::ExternalId => Self::exact(engine, Column::ExternalId.into_simple_expr()),
            TextField::Plain(column) => Self::plain(engine, column),
            TextField::WhatsappNumber => Self::plain(engine, Column::WhatsappNumber),
            TextField::Email => Self::plain(engine, Column::Email),
            TextField::Phone => Self::plain(engine, Column::Phone),
        }
    }

    /// Compares without regard to the case of ASCII letters.
    pub(super) fn plain(engine: Engine, column: Column) -> Self {
        Self::ascii(engine, column.into_simple_expr())
    }

    pub(super) fn ascii(engine: Engine, stored: Expr) -> Self {
        let folded = either(engine, "lower(?)", "lower(? COLLATE \"C\")", [stored.clone()]);
        Self { engine, folded, stored, fold: |text| text.to_ascii_lowercase(), indexed: None }
    }

    /// Compares as it is.
    pub(super) fn exact(engine: Engine, stored: Expr) -> Self {
        Self { engine, folded: stored.clone(), stored, fold: str::to_owned, indexed: None }
    }

    /// Is stored without case.
    pub(super) fn folded(engine: Engine, stored: Expr) -> Self {
        Self { fold: str::to_lowercase, ..Self::exact(engine, stored) }
    }

    /// Compares by a key, which is null for blank texts too.
    fn named(engine: Engine, column: Column, key: Expr, indexed: Option<Indexed>) -> Self {
        let stored = column.into_simple_expr();
        let sql = "CASE WHEN ? IS NOT NULL THEN COALESCE(?, '') END";
        let folded = sql::fill(engine, sql, [stored.clone(), key]);
        Self { engine, folded, stored, fold: sort_key, indexed }
    }

    pub(super) fn test(&self, text: &Text) -> Expr {
        let fold = |text: &String| Some((self.fold)(text)).filter(|_| sql::is_storable(text));
        match text {
            Text::In(values) => self.one_of(values.iter().filter_map(fold).collect()),
            Text::Contains(part) => self.with(fold(part), |subject, part| {
                let exprs = [subject, Expr::value(part)];
                either(self.engine, "instr(?, ?) > 0", "strpos(?, ?) > 0", exprs)
            }),
            Text::StartsWith(start) => self.with(fold(start), |subject, start| {
                let found = self.range(subject, &start);
                match self.indexed {
                    Some(Indexed::Whole(column) | Indexed::Start(column)) => {
                        self.range(column.into_simple_expr(), &start).and(found)
                    }
                    None => found,
                }
            }),
            Text::EndsWith(end) => self.with(fold(end), |subject, end| {
                let length = i32::try_from(end.chars().count()).unwrap_or(i32::MAX);
                let exprs = [subject, Expr::value(length), Expr::value(end)];
                either(self.engine, "substr(?, -?) = ?", "right(?, ?) = ?", exprs)
            }),
            Text::IsNull => self.stored.clone().is_null().or(self.stored.clone().eq("")),
        }
    }

    fn one_of(&self, values: Vec<String>) -> Expr {
        let narrow = match (values.as_slice(), self.indexed) {
            ([value], Some(Indexed::Whole(column))) if !value.is_empty() => Some(column.eq(value.as_str())),
            ([value], Some(Indexed::Start(column))) if !value.is_empty() => {
                Some(self.range(column.into_simple_expr(), &format!("{value}\u{1}")))
            }
            _ => None,
        };
        let found = sql::one_of(self.engine, self.folded.clone(), values);
        match narrow {
            Some(narrow) => narrow.and(found),
            None => found,
        }
    }

    /// What cannot be stored is in no text; what is empty is in every one.
    fn with(&self, text: Option<String>, test: impl Fn(Expr, String) -> Expr) -> Expr {
        match text {
            None => sql::never(),
            Some(text) if text.is_empty() => self.folded.clone().is_not_null(),
            Some(text) => test(self.folded.clone(), text),
        }
    }

    /// `start <= subject < the next text that does not start so`, by bytes, which an index can do.
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

/// The least text that is greater than all that start with this one.
fn after(start: &str) -> Option<String> {
    let mut start: Vec<char> = start.chars().collect();
    while let Some(last) = start.pop() {
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

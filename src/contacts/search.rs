//! Free text: what a query looks for in the documents of contacts.
//!
//! A document is the contact's words, folded, with two line breaks before each. So a word's
//! beginning of a single letter still makes the three characters that trigrams are made of.

mod document;
mod number;

use entity::contact_search;
use rlibphonenumber::Region;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

pub(super) use document::document;

use self::number::Piece;
use crate::{
    database::{Engine, Read, Scoped, indexed},
    input::text::{fold, is_format},
};

/// What sets a word off from the next one.
const SET_OFF: &[char] = &[',', ';', ':', '!', '?', '<', '>'];
/// Goes before each word of a document.
const START: &str = "\n\n";
/// What trigrams can find, in characters.
const SHORTEST: usize = 3;

/// What is looked for: all of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle(Vec<Term>);

/// Any of these.
type Term = Vec<Form>;

/// Texts that a document must hold, all of them.
type Form = Vec<String>;

impl Needle {
    /// What a query looks for; `None` when it is blank. It is not transliterated: a letter finds
    /// itself, and not what sounds alike.
    pub(super) fn of(query: &str, region: Option<Region>) -> Option<Self> {
        if query.trim().is_empty() {
            return None;
        }
        if query.contains('\0') {
            return Some(Self(Vec::new()));
        }
        let mut terms = Vec::new();
        let mut signs = Vec::new();
        for piece in number::pieces(&seen(query), region) {
            match piece {
                Piece::Words(text) => {
                    for word in words_of(&text) {
                        let is_sign = word.trim_matches(SET_OFF).is_empty();
                        if is_sign { &mut signs } else { &mut terms }.push(forms(&word));
                    }
                }
                Piece::Number(text) => terms.push(number_forms(&text, region)),
            }
        }
        // A comma by itself is looked for if there is nothing else.
        Some(Self(if terms.is_empty() { signs } else { terms }))
    }

    /// The documents that hold it, found by their index.
    pub(super) fn documents(&self, read: &impl Read) -> Scoped<contact_search::Entity> {
        let select = read.select::<contact_search::Entity>();
        match read.engine() {
            Engine::Sqlite if !self.0.is_empty() => select.filter(indexed(self.expression())),
            engine => select.filter(self.condition(engine)),
        }
    }

    /// Whether a document at hand holds it. Nothing is in none.
    pub(super) fn condition(&self, engine: Engine) -> Condition {
        if self.0.is_empty() {
            return Condition::all().add(Expr::cust("1 = 0"));
        }
        let holds = |text: &String| match engine {
            Engine::Sqlite => {
                let doc = contact_search::Column::Doc.into_simple_expr();
                Expr::cust_with_exprs("instr(?, ?) > 0", [doc, Expr::value(text.as_str())])
            }
            Engine::Postgres => {
                let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                contact_search::Column::Doc.into_simple_expr().like(format!("%{literal}%"))
            }
        };
        let form = |form: &Form| form.iter().map(holds).fold(Condition::all(), Condition::add);
        let term = |term: &Term| term.iter().map(form).fold(Condition::any(), Condition::add);
        self.0.iter().map(term).fold(Condition::all(), Condition::add)
    }

    /// The same in FTS5's language.
    fn expression(&self) -> String {
        let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        let form = |form: &Form| format!("({})", form.iter().map(quoted).collect::<Vec<_>>().join(" AND "));
        let term = |term: &Term| format!("({})", term.iter().map(form).collect::<Vec<_>>().join(" OR "));
        self.0.iter().map(term).collect::<Vec<_>>().join(" AND ")
    }
}

/// A query without what is not seen of it, such as the marks of direction around a number.
fn seen(query: &str) -> String {
    const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    query.chars().filter(|c| !is_format(*c) || JOINERS.contains(c)).collect()
}

/// The words of a text, folded.
fn words_of(text: &str) -> Vec<String> {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    fold(&spaced).split_whitespace().map(str::to_owned).collect()
}

/// A word as it is, without what sets it off from the next one, and joined as documents hold names.
fn forms(word: &str) -> Term {
    let bare = word.trim_matches(SET_OFF);
    let joined = document::joined(bare);
    // Any full stop sets the labels of a domain apart.
    let dotted = bare.replace(['\u{3002}', '\u{ff61}'], ".");
    let mut forms = vec![vec![placed(word)]];
    for form in [bare, joined.as_str(), dotted.as_str()] {
        let form = vec![placed(form)];
        // What is short is too little to leave something of it out.
        if form[0].chars().count() >= SHORTEST && !form[0].starts_with(START) && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// What is too short for trigrams is the beginning of a word.
fn placed(word: &str) -> String {
    if word.chars().count() < SHORTEST { format!("{START}{word}") } else { word.to_owned() }
}

/// A number in the groups it was given in, without them, and as it is dialled from abroad.
fn number_forms(text: &str, region: Option<Region>) -> Term {
    let mut forms: Term = number::digits_of(text, region).into_iter().map(|digits| vec![digits]).collect();
    let words: Form = words_of(text).iter().map(|word| placed(word)).collect();
    if !words.is_empty() && !forms.contains(&words) {
        forms.push(words);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(query: &str, region: Option<Region>) -> Option<String> {
        Needle::of(query, region).map(|needle| needle.expression())
    }

    #[test]
    fn every_word_is_looked_for_and_quotes_are_literal() {
        assert_eq!(expression(" Jané  \"D%e\" ", None).as_deref(), Some(r#"(("jane")) AND (("""d%e"""))"#));
        assert_eq!(expression("jo", None).as_deref(), Some("((\"\n\njo\"))"));
        assert_eq!(
            expression("doe, O'Brien", None).as_deref(),
            Some(r#"(("doe,") OR ("doe")) AND (("o'brien") OR ("obrien"))"#)
        );
        assert_eq!(expression(" \t", None), None);
        assert_eq!(Needle::of("jane\0", None), Some(Needle(vec![])));
        assert_eq!(Needle::of("\u{301}", None), Some(Needle(vec![])));
    }

    #[test]
    fn a_number_is_looked_for_in_every_form() {
        for query in [
            "(416) 555-0100",
            "1 416 555 0100",
            "+1-416-555-0100",
            "001 416 555 0100",
            "tel:+1-416-555-0100;ext=7",
        ] {
            let Needle(terms) = Needle::of(query, Some(Region::US)).expect("not blank");
            assert_eq!(terms.len(), 1, "{query}: {terms:?}");
            assert!(
                terms[0].iter().any(|form| form.len() == 1 && "14165550100".contains(form[0].as_str())),
                "{query}: {terms:?}"
            );
        }
    }
}

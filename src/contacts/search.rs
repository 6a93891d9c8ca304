//! Free-text search: the parts of a query, and the conditions that look for them in the documents of
//! contacts.
//!
//! A document is the contact's words, folded, with two line breaks before each. So even the first letter
//! of a word gives the three characters that make a trigram.

mod document;
mod number;

use entity::contact_search;
use rlibphonenumber::Region;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

pub(super) use document::{Source, document};

use self::number::Piece;
use crate::{
    database::{Engine, Read, Scoped, phrase},
    input::text::{fold, is_format},
};

/// Punctuation that separates a word from the next one.
const PUNCTUATION: &[char] = &[',', ';', ':', '!', '?', '<', '>'];
/// Mark before each word of a document.
const WORD_START: &str = "\n\n";
/// Minimum characters of a text that trigrams can find.
const MIN_TRIGRAM_CHARS: usize = 3;

/// Parsed query: all of its terms must be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle(Vec<Term>);

/// Term of a query: any of its alternatives must be found.
type Term = Vec<Alternative>;

/// Texts that a document must all contain.
type Alternative = Vec<String>;

impl Needle {
    /// Parses a query; `None` if it is blank. It is not transliterated: a letter finds itself, and not
    /// letters of other scripts that sound alike.
    pub(super) fn parse(query: &str, region: Option<Region>) -> Option<Self> {
        if query.trim().is_empty() {
            return None;
        }
        // No document contains it, and PostgreSQL takes no text with it.
        if query.contains('\0') {
            return Some(Self(Vec::new()));
        }
        let mut terms = Vec::new();
        let mut signs = Vec::new();
        for piece in number::pieces(&visible(query), region) {
            match piece {
                Piece::Words(text) => {
                    for word in words_of(&text) {
                        let is_sign = word.trim_matches(PUNCTUATION).is_empty();
                        if is_sign { &mut signs } else { &mut terms }.push(word_alternatives(&word));
                    }
                }
                Piece::Number(text) => terms.push(number_alternatives(&text, region)),
            }
        }
        // A single punctuation mark between words is ignored. A query of nothing else looks for it.
        Some(Self(if terms.is_empty() { signs } else { terms }))
    }

    /// Returns the matching documents, found by their index.
    pub(super) fn documents(&self, read: &impl Read) -> Scoped<contact_search::Entity> {
        let select = read.select::<contact_search::Entity>();
        match read.engine() {
            // An expression of FTS5 cannot be empty.
            Engine::Sqlite if !self.0.is_empty() => select.matching(self.expression()),
            // PostgreSQL uses the trigram index for `LIKE` by itself.
            engine => select.filter(self.condition(engine)),
        }
    }

    /// Returns the condition that a document matches. A needle without terms matches none.
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
        let alternative =
            |alternative: &Alternative| alternative.iter().map(holds).fold(Condition::all(), Condition::add);
        let term = |term: &Term| term.iter().map(alternative).fold(Condition::any(), Condition::add);
        self.0.iter().map(term).fold(Condition::all(), Condition::add)
    }

    /// Returns the query in the language of FTS5.
    fn expression(&self) -> String {
        let alternative = |alternative: &Alternative| {
            format!("({})", alternative.iter().map(|text| phrase(text)).collect::<Vec<_>>().join(" AND "))
        };
        let term =
            |term: &Term| format!("({})", term.iter().map(alternative).collect::<Vec<_>>().join(" OR "));
        self.0.iter().map(term).collect::<Vec<_>>().join(" AND ")
    }
}

/// Returns the approximate number of words of a query.
pub(super) fn words(query: &str) -> usize {
    query.split_whitespace().count()
}

/// Removes invisible characters, such as the marks of direction around a number.
fn visible(query: &str) -> String {
    // Joiners are invisible too, but change the meaning of words in some scripts.
    const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    query.chars().filter(|c| !is_format(*c) || JOINERS.contains(c)).collect()
}

/// Returns the words of a text, folded.
fn words_of(text: &str) -> Vec<String> {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    fold(&spaced).split_whitespace().map(str::to_owned).collect()
}

/// Returns a word as it is, without punctuation around it, and joined as documents have names.
fn word_alternatives(word: &str) -> Term {
    let bare = word.trim_matches(PUNCTUATION);
    let joined = document::joined(bare);
    // Ideographic full stops separate the labels of a domain too.
    let dotted = bare.replace(['\u{3002}', '\u{ff61}'], ".");
    let mut alternatives = vec![vec![searchable(word)]];
    for alternative in [bare, joined.as_str(), dotted.as_str()] {
        let alternative = vec![searchable(alternative)];
        // A shortened word that trigrams cannot find would match too much.
        if alternative[0].chars().count() >= MIN_TRIGRAM_CHARS
            && !alternative[0].starts_with(WORD_START)
            && !alternatives.contains(&alternative)
        {
            alternatives.push(alternative);
        }
    }
    alternatives
}

/// Returns the text to look for. A word that is too short for trigrams is looked for as the beginning of
/// a word.
fn searchable(word: &str) -> String {
    if word.chars().count() < MIN_TRIGRAM_CHARS { format!("{WORD_START}{word}") } else { word.to_owned() }
}

/// Returns a number in its groups, without them, and as it is dialled from abroad.
fn number_alternatives(text: &str, region: Option<Region>) -> Term {
    let mut alternatives: Term =
        number::digits_of(text, region).into_iter().map(|digits| vec![digits]).collect();
    let words: Alternative = words_of(text).iter().map(|word| searchable(word)).collect();
    if !words.is_empty() && !alternatives.contains(&words) {
        alternatives.push(words);
    }
    alternatives
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the terms of a query, each alternative with its texts.
    fn terms(query: &str) -> Option<Vec<Term>> {
        Needle::parse(query, None).map(|Needle(terms)| terms)
    }

    fn words<const N: usize>(alternatives: [&str; N]) -> Term {
        alternatives.map(|text| vec![text.to_owned()]).into()
    }

    #[test]
    fn every_word_is_looked_for_and_quotes_are_literal() {
        assert_eq!(terms(" Jané  \"D%e\" "), Some(vec![words(["jane"]), words(["\"d%e\""])]));
        assert_eq!(terms("jo"), Some(vec![words(["\n\njo"])]));
        assert_eq!(terms("doe, O'Brien"), Some(vec![words(["doe,", "doe"]), words(["o'brien", "obrien"])]));
        assert_eq!(terms(" \t"), None);
        assert_eq!(terms("jane\0"), Some(vec![]));
        assert_eq!(terms("\u{301}"), Some(vec![]));
    }

    #[test]
    fn an_expression_combines_the_phrases_of_all_terms() {
        let expression = Needle::parse("doe, O'Brien", None).map(|needle| needle.expression());
        let [doe_comma, doe, apostrophe, joined] = ["doe,", "doe", "o'brien", "obrien"].map(phrase);
        let expected = format!("(({doe_comma}) OR ({doe})) AND (({apostrophe}) OR ({joined}))");
        assert_eq!(expression, Some(expected));
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
            let Needle(terms) = Needle::parse(query, Some(Region::US)).expect("not blank");
            assert_eq!(terms.len(), 1, "{query}: {terms:?}");
            assert!(
                terms[0]
                    .iter()
                    .any(|alternative| alternative.len() == 1
                        && "14165550100".contains(alternative[0].as_str())),
                "{query}: {terms:?}"
            );
        }
    }
}

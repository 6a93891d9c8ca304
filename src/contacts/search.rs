//! Free text: the document of a contact, and what a query looks for in documents.
//!
//! A document is the contact's words, folded, with two line breaks before each. So a word's
//! beginning of a single letter still makes the three characters that trigrams are made of.

use entity::{contact, contact_search};
use rlibphonenumber::Region;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Condition, Expr, ExprTrait as _},
};

use super::{
    phone,
    record::Record,
    text::{fold, is_blank},
};
use crate::database::{Engine, Read, Scoped, indexed};

/// Goes before each word of a document.
const START: &str = "\n\n";
/// What trigrams can find, in characters.
const SHORTEST: usize = 3;

/// What a contact is found by; `None`: nothing.
pub(super) fn document(record: &Record) -> Option<String> {
    let contact::Model { first_name, last_name, company, whatsapp_number, .. } = &record.row;
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: &str| {
        for word in words_of(text) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
    };
    [first_name, last_name, company].into_iter().flatten().for_each(|text| add(text));
    record.emails.iter().for_each(|email| add(&email.address));
    let numbers = record.phones.iter().map(|phone| &phone.number).chain(whatsapp_number);
    for number in numbers {
        add(number);
        add(&digits(number));
        // With the trunk prefix, as it is dialled at home.
        add(&phone::national_digits(number).unwrap_or_default());
    }
    record.tags.iter().for_each(|tag| add(&tag.name));
    (!words.is_empty()).then(|| words.into_iter().fold(String::new(), |doc, word| doc + START + &word))
}

fn words_of(text: &str) -> Vec<String> {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    fold(&spaced).split_whitespace().map(str::to_owned).collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether text is a phone number in some notation, or a piece of one.
fn is_number(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-–()./".contains(c))
}

/// What is looked for: any of the texts in `whole`, or of every word one of its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    whole: Vec<String>,
    words: Vec<Vec<String>>,
}

impl Needle {
    /// What a query looks for; `None` when it is blank.
    pub(super) fn of(query: &str, region: Option<Region>) -> Option<Self> {
        if is_blank(query) {
            return None;
        }
        let mut whole = Vec::new();
        if is_number(query) {
            let digits_of_query = digits(query);
            let international = phone::e164(query, region)
                .or_else(|| phone::e164(&format!("+{}", digits_of_query.strip_prefix("00")?), None));
            whole.extend(international.as_deref().map(digits));
            if digits_of_query.len() >= SHORTEST {
                whole.push(digits_of_query);
            }
        }
        let words = words_of(query).into_iter().map(|word| {
            let mut forms = Vec::new();
            let digits_of_word = digits(&word);
            if is_number(&word) && digits_of_word.len() >= SHORTEST && digits_of_word != word {
                forms.push(digits_of_word);
            }
            // What is too short for trigrams is the beginning of a word.
            let short = word.chars().count() < SHORTEST;
            forms.push(if short { format!("{START}{word}") } else { word });
            forms
        });
        Some(Self { whole, words: words.collect() })
    }

    /// The documents that hold it, found by their index.
    pub(super) fn documents(&self, read: &impl Read) -> Scoped<contact_search::Entity> {
        let select = read.select::<contact_search::Entity>();
        match (read.engine(), self.expression()) {
            (_, None) => select.filter(Expr::cust("1 = 0")),
            (Engine::Sqlite, Some(expression)) => select.filter(indexed(expression)),
            (Engine::Postgres, Some(_)) => select.filter(self.condition(Engine::Postgres)),
        }
    }

    /// Whether a document at hand holds it.
    pub(super) fn condition(&self, engine: Engine) -> Condition {
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
        let any = |texts: &[String]| texts.iter().map(holds).fold(Condition::any(), Condition::add);
        let words = self.words.iter().map(|forms| any(forms)).fold(Condition::all(), Condition::add);
        let mut found = any(&self.whole);
        if !self.words.is_empty() {
            found = found.add(words);
        }
        if found.is_empty() { found.add(Expr::cust("1 = 0")) } else { found }
    }

    /// The same in FTS5's language; `None`: nothing can be found.
    fn expression(&self) -> Option<String> {
        let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        let any = |texts: &[String]| texts.iter().map(quoted).collect::<Vec<_>>().join(" OR ");
        let words: Vec<String> = self.words.iter().map(|forms| format!("({})", any(forms))).collect();
        let mut found: Vec<String> = self.whole.iter().map(quoted).collect();
        if !words.is_empty() {
            found.push(format!("({})", words.join(" AND ")));
        }
        (!found.is_empty()).then(|| found.join(" OR "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(query: &str, region: Option<Region>) -> Option<String> {
        Needle::of(query, region)?.expression()
    }

    #[test]
    fn every_word_is_looked_for_and_quotes_are_literal() {
        assert_eq!(expression(" Jané  \"D%e\" ", None).as_deref(), Some(r#"(("jane") AND ("""d%e"""))"#));
        assert_eq!(expression("jo", None).as_deref(), Some("((\"\n\njo\"))"));
        assert_eq!(expression(" \t", None), None);
    }

    #[test]
    fn a_number_is_looked_for_in_every_form() {
        for query in ["(416) 555-0100", "1 416 555 0100", "+1-416-555-0100", "001 416 555 0100"] {
            let found = Needle::of(query, Some(Region::US)).expect("not blank").whole;
            assert!(found.iter().any(|text| "14165550100".contains(text.as_str())), "{query}: {found:?}");
        }
    }
}

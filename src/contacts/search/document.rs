//! The document of a contact: all words that free-text search finds it by.

use entity::{contact, contact_email, contact_phone};
use icu_properties::{CodePointMapData, props::Script};

use super::{WORD_START, words_of};
use crate::{
    contacts::{record::Record, tags::Tag},
    input::{phone, text::is_word_character},
};

/// Apostrophes, and the characters that replace them where a keyboard has none.
const APOSTROPHES: &[char] = &[
    '\'', '`', '\u{b4}', '\u{2b9}', '\u{2bb}', '\u{2bc}', '\u{5f3}', '\u{2018}', '\u{2019}', '\u{201b}',
    '\u{2032}', '\u{ff07}',
];
/// Hyphens and dashes.
const HYPHENS: &[char] = &[
    '-', '\u{5be}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}',
    '\u{ff0d}',
];

/// The parts of a contact that its document is made of. If they are equal, so are the documents.
#[derive(PartialEq)]
pub(in crate::contacts) struct Source<'a> {
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    company: Option<&'a str>,
    whatsapp_number: Option<&'a str>,
    emails: &'a [contact_email::Model],
    phones: &'a [contact_phone::Model],
    tags: &'a [Tag],
}

impl<'a> From<&'a Record> for Source<'a> {
    fn from(record: &'a Record) -> Self {
        let contact::Model { first_name, last_name, company, whatsapp_number, .. } = &record.row;
        Self {
            first_name: first_name.as_deref(),
            last_name: last_name.as_deref(),
            company: company.as_deref(),
            whatsapp_number: whatsapp_number.as_deref(),
            emails: &record.emails,
            phones: &record.phones,
            tags: &record.tags,
        }
    }
}

/// Returns the document of a contact; `None` for a contact without words.
pub(in crate::contacts) fn document(source: &Source<'_>) -> Option<String> {
    let Source { first_name, last_name, company, whatsapp_number, emails, phones, tags } = source;
    let mut words = Words::default();
    for name in [first_name, last_name, company].into_iter().copied().flatten() {
        words.name(name);
    }
    words.unspaced(first_name.unwrap_or_default(), last_name.unwrap_or_default());
    for email in *emails {
        words.email(&email.address, &email.address_key);
    }
    for phone in *phones {
        words.number(&phone.number);
        if let Some(extension) = &phone.extension {
            // An extension is written with and without the `x`.
            words.text(&format!("{extension} x{extension}"));
        }
    }
    if let Some(number) = whatsapp_number {
        words.number(number);
    }
    for tag in *tags {
        words.text(&tag.name);
    }
    let Words(words) = words;
    (!words.is_empty()).then(|| words.into_iter().fold(String::new(), |doc, word| doc + WORD_START + &word))
}

/// The words of a document, each once.
#[derive(Debug, Default)]
struct Words(Vec<String>);

impl Words {
    fn add(&mut self, word: String) {
        if !word.is_empty() && !self.0.contains(&word) {
            self.0.push(word);
        }
    }

    /// Adds the words of a text, each also transliterated to ASCII.
    fn text(&mut self, text: &str) {
        for word in words_of(text) {
            let latin = transliterated(&word);
            self.add(word);
            for word in words_of(&latin) {
                self.add(word);
            }
        }
    }

    /// Adds a name, whose words are also found without apostrophes and hyphens.
    fn name(&mut self, name: &str) {
        self.text(name);
        if name.contains(APOSTROPHES) || name.contains(HYPHENS) {
            self.text(&without(name, APOSTROPHES));
            self.text(&without(name, HYPHENS));
            self.text(&joined(name));
        }
    }

    /// Adds a full name as it is written without blanks, in both orders.
    fn unspaced(&mut self, first: &str, last: &str) {
        if is_unspaced(first) || is_unspaced(last) {
            for name in
                [first.to_owned(), last.to_owned(), format!("{last}{first}"), format!("{first}{last}")]
            {
                self.text(&name.split_whitespace().collect::<String>());
            }
        }
    }

    /// Adds an address with its domain in Unicode and, as its key has it, in ASCII.
    fn email(&mut self, address: &str, key: &str) {
        self.text(address);
        self.text(key);
    }

    /// Adds a number as it is stored, as digits only, and as it is dialled at home, with its trunk prefix.
    fn number(&mut self, number: &str) {
        self.text(number);
        self.add(phone::digits(number));
        self.add(phone::national_digits(number).unwrap_or_default());
    }
}

/// Returns a word or name without apostrophes and hyphens.
pub(super) fn joined(name: &str) -> String {
    without(&without(name, APOSTROPHES), HYPHENS)
}

fn without(name: &str, signs: &[char]) -> String {
    name.replace(signs, "")
}

/// Returns true if a name is in a script that is written without blanks between words, or whose names
/// are.
fn is_unspaced(name: &str) -> bool {
    let script = CodePointMapData::<Script>::new();
    name.chars().any(|c| {
        matches!(
            script.get(c),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Bopomofo
                | Script::Hangul
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        )
    })
}

/// Returns a folded word in ASCII letters; empty if it is in ASCII already. Emoji and other symbols are
/// left out.
fn transliterated(word: &str) -> String {
    if !word.chars().any(|c| !c.is_ascii() && is_word_character(c)) {
        return String::new();
    }
    let mut latin = String::new();
    for c in word.chars() {
        if c.is_ascii() {
            latin.push(c);
        } else if is_word_character(c) {
            latin.extend(any_ascii::any_ascii_char(c).chars().filter(char::is_ascii_alphanumeric));
        } else {
            // A symbol between letters separates words.
            latin.push(' ');
        }
    }
    latin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(add: impl Fn(&mut Words)) -> Vec<String> {
        let mut words = Words::default();
        add(&mut words);
        words.0
    }

    #[test]
    fn names_are_found_without_apostrophes_and_hyphens() {
        assert_eq!(
            words(|words| words.name("O'Brien-Smith")),
            ["o'brien-smith", "obrien-smith", "o'briensmith", "obriensmith"]
        );
        assert_eq!(words(|words| words.name("O´Brien")), ["o", "brien", "obrien"]);
        assert_eq!(words(|words| words.name("D’Arc")), ["d’arc", "darc"]);
        assert_eq!(words(|words| words.text("a-b")), ["a-b"]);
    }

    #[test]
    fn letters_outside_latin_are_also_in_ascii_and_pictures_are_not() {
        assert_eq!(words(|words| words.text("Иванов")), ["иванов", "ivanov"]);
        assert_eq!(words(|words| words.text("三")), ["三", "san"]);
        assert_eq!(words(|words| words.text("Guðmundur Łódź")), ["guðmundur", "gudmundur", "lodz"]);
        assert_eq!(words(|words| words.text("🙂 ♥ ☎ ①")), ["🙂", "♥", "☎", "1"]);
        assert_eq!(
            words(|words| words.text("マイケル・ジャクソン")),
            ["マイケル・ジャクソン", "maikeru", "jiyakuson"]
        );
    }

    #[test]
    fn names_without_blanks_are_in_both_orders() {
        assert_eq!(
            words(|words| words.unspaced("小明", "王")),
            ["小明", "xiaoming", "王", "wang", "王小明", "wangxiaoming", "小明王", "xiaomingwang"]
        );
        assert_eq!(words(|words| words.unspaced("민 수", "김"))[..2], ["민수", "minsu"]);
        assert_eq!(words(|words| words.unspaced("Jane", "Doe")), [""; 0]);
    }
}

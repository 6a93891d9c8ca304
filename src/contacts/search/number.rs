//! Phone numbers among the words of a query.

use std::ops::Range;

use rlibphonenumber::Region;

use crate::input::{phone, text::is_digit};

/// Maximum characters between a number and the digits of its extension: "extension number: " has 18.
const MAX_EXTENSION_WORD_CHARS: usize = 24;

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    /// A number, in groups of any kind.
    Number(String),
}

/// Splits a query into numbers and words. A number is a run of at least five digits and of the signs that
/// group them. Digits that touch a letter belong to its word, unless they are an extension, which is left
/// out.
pub(super) fn pieces(query: &str, region: Option<Region>) -> Vec<Piece> {
    let query = unlinked(query);
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = query.as_str();
    while let Some(start) = rest.find(|c| groups(c) && !c.is_whitespace()) {
        let (before, run) = rest.split_at(start);
        let run = &run[..run.find(|c| !groups(c)).unwrap_or(run.len())];
        let after = &rest[start + run.len()..];
        let after = without_extension(run, after, region).unwrap_or(after);
        let number = without_touching(before, run, after);
        words.push_str(before);
        if phone::identifies(&run[number.clone()]) {
            words.push_str(&run[..number.start]);
            push_words(&mut pieces, &words);
            pieces.push(Piece::Number(phone::in_ascii(run[number.clone()].trim())));
            words = String::from(&run[number.end..]);
        } else {
            words.push_str(run);
        }
        rest = after;
    }
    words.push_str(rest);
    push_words(&mut pieces, &words);
    pieces
}

fn push_words(pieces: &mut Vec<Piece>, words: &str) {
    let words = words.trim();
    if !words.is_empty() {
        pieces.push(Piece::Words(words.to_owned()));
    }
}

/// Returns the digits by which documents are searched for a number: the international form and the
/// given one.
pub(super) fn digits_of(number: &str, region: Option<Region>) -> Vec<String> {
    let given = phone::digits(number);
    let international = phone::e164(number, region)
        // `00` is the international prefix of most countries, where `+` cannot be dialled.
        .or_else(|| phone::e164(&format!("+{}", given.strip_prefix("00")?), None))
        .map(|number| phone::digits(&number));
    let mut found: Vec<String> = international.into_iter().chain([given]).collect();
    found.dedup();
    found
}

/// Returns the text after the extension of a number, in whatever words that is given; `None` if it has
/// none.
fn without_extension<'a>(number: &str, after: &'a str, region: Option<Region>) -> Option<&'a str> {
    if !phone::identifies(number) {
        return None;
    }
    let start = after.char_indices().take(MAX_EXTENSION_WORD_CHARS).find(|(_, c)| is_digit(*c))?.0;
    let end = after[start..].find(|c| !is_digit(c)).map_or(after.len(), |length| start + length);
    let (extension, rest) = after.split_at(end);
    let is_end = !rest.starts_with(|c: char| c.is_alphanumeric() || "@_&'".contains(c));
    let read = phone::ParsedNumber::parse(&format!("{number}{extension}"), region).filter(|_| is_end)?;
    read.extension.map(|_| rest)
}

/// Returns true for a digit, and for a sign that groups digits.
fn groups(c: char) -> bool {
    is_digit(c)
        || c.is_whitespace()
        || "+().-/\u{ff0b}\u{ff08}\u{ff09}\u{ff0e}\u{ff0d}\u{ff0f}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}".contains(c)
}

/// Returns the part of a run without its first or last group, if that touches a letter or another sign.
fn without_touching(before: &str, run: &str, after: &str) -> Range<usize> {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "@_#&'".contains(c));
    let mut number = 0..run.len();
    if touches(before.chars().next_back()) {
        number.start = run.find(char::is_whitespace).unwrap_or(run.len());
    }
    if touches(after.chars().next()) {
        number.end = run.rfind(char::is_whitespace).unwrap_or(0).max(number.start);
    }
    number
}

/// Replaces `tel:` links by their numbers, without parameters.
fn unlinked(query: &str) -> String {
    let words = query.split_inclusive(char::is_whitespace).map(|word| {
        let start = word.find(|c: char| c != '<').unwrap_or(0);
        // `get` and not an index, which would panic in the middle of a character.
        match word.get(start..start + 4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => {
                let number = &word[start + 4..];
                let end = number.find([';', '?', '>']).unwrap_or(number.len());
                format!("{} ", number[..end].trim_start_matches('/'))
            }
            _ => word.to_owned(),
        }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_the_words_around_them() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let number = |text: &str| Piece::Number(text.to_owned());
        for (query, found) in [
            ("anna 06 12 34 56 78", vec![words("anna"), number("06 12 34 56 78")]),
            ("06 12 34 56 78 anna", vec![number("06 12 34 56 78"), words("anna")]),
            ("anna,0612345678!", vec![words("anna,"), number("0612345678"), words("!")]),
            ("(416) 555-0100", vec![number("(416) 555-0100")]),
            ("desk 4-12", vec![words("desk 4-12")]),
            ("- 7946", vec![words("- 7946")]),
            ("bar1000000", vec![words("bar1000000")]),
            ("bar1 000000 5x", vec![words("bar1"), number("000000"), words("5x")]),
            ("12345@example.com", vec![words("12345@example.com")]),
            ("a 12345 b 67890", vec![words("a"), number("12345"), words("b"), number("67890")]),
            ("TEL:+1-416-555-0100;ext=12 jane", vec![number("+1-416-555-0100"), words("jane")]),
            ("<tel:+14165550100>", vec![number("+14165550100")]),
            ("+33\u{a0}6\u{2009}12 34", vec![number("+33\u{a0}6\u{2009}12 34")]),
            ("tél:12", vec![words("tél:12")]),
            ("+442079461111x77", vec![number("+442079461111")]),
            (
                "anna +44 20 7946 1111 ext. 77 jane",
                vec![words("anna"), number("+44 20 7946 1111"), words("jane")],
            ),
            ("+442079461111;ext=77, jane", vec![number("+442079461111"), words(", jane")]),
            ("+442079461111x77b", vec![words("+442079461111x77b")]),
            ("\u{660}\u{662}\u{660} \u{667}\u{669}\u{664}", vec![number("020 794")]),
        ] {
            assert_eq!(pieces(query, None), found, "{query}");
        }
    }
}

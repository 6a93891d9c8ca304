//! Garbling a document by its tokens.

use rand::{RngExt as _, rngs::StdRng};

use super::{Garbler, chosen};

/// Tokens, and texts of several, that stand in few documents.
const TOKENS: [&str; 40] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "=",
    "!",
    "|",
    "&",
    "@",
    "$",
    "...",
    "\"",
    "\"\"\"",
    "#",
    "\\",
    "null",
    "true",
    "0",
    "-1",
    "9999999999999999999999",
    "1e999",
    "-0.0",
    "\"\\uD800\"",
    "\"\\u{110000}\"",
    "\"\"\"block \\\"\"\" \n\t\"\"\"",
    "query",
    "mutation",
    "subscription",
    "fragment F on Contact { ...F }",
    "... on",
    "...F",
    "on",
    "__typename",
    "__schema { types { name } }",
    "__type(name: \"Contact\") { name }",
    "@include(if: $x) @skip(if: true)",
    "$x: [Int!]! = [null]",
];

impl Garbler {
    /// Removes, repeats, swaps, replaces or adds tokens.
    pub(super) fn garble_document(&self, document: &str, dice: &mut StdRng) -> String {
        let mut tokens = split(document);
        for _ in 0..dice.random_range(1..4) {
            if tokens.is_empty() {
                break;
            }
            let at = dice.random_range(0..tokens.len());
            let until = (at + dice.random_range(1..12)).min(tokens.len());
            match dice.random_range(0..9) {
                0 => drop(tokens.remove(at)),
                1 => drop(tokens.drain(at..until)),
                2 => {
                    let again = vec![tokens[at..until].join(" "); dice.random_range(1..60)];
                    tokens.splice(at..at, again);
                }
                3 => {
                    let other = dice.random_range(0..tokens.len());
                    tokens.swap(at, other);
                }
                4 | 5 => tokens[at].clone_from(chosen(&self.words, dice)),
                6 => tokens.insert(at, (*chosen(&TOKENS, dice)).to_owned()),
                7 => (*chosen(&TOKENS, dice)).clone_into(&mut tokens[at]),
                _ => {
                    let long = chosen(&self.words, dice).repeat(dice.random_range(1..400));
                    tokens[at] = if dice.random_bool(0.5) { long } else { format!("\"{long}\"") };
                }
            }
        }
        tokens.join(" ")
    }
}

/// Names, numbers, strings and punctuators, as far as a garbled document has them.
fn split(document: &str) -> Vec<String> {
    let mut tokens = vec![];
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
        let length = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            '.' => rest.len() - rest.trim_start_matches('.').len(),
            _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() {
            tokens.push(token.to_owned());
        }
        rest = after;
    }
    tokens
}

//! Trigrams of documents and queries, as SQLite's index has them.
//!
//! A trigram is three characters in a row, written as the hexadecimal digits of their UTF-8. A token is
//! the number of an organization, an `x` and a trigram; the database puts the number in the place of
//! `#`. A document holds a text of three characters or more if their trigrams follow one another in it.

/// Returns the tokens of a document.
pub(super) fn tokens(doc: &str) -> String {
    if doc.chars().nth(2).is_none() {
        return String::new();
    }
    let ends = doc.char_indices().skip(3).map(|(end, _)| end).chain([doc.len()]);
    // Nine bytes for a trigram of ASCII characters.
    let mut tokens = String::with_capacity(9 * doc.len());
    for ((start, _), end) in doc.char_indices().zip(ends) {
        tokens.push_str(if tokens.is_empty() { "#x" } else { " #x" });
        for byte in &doc.as_bytes()[start..end] {
            tokens.push(hexadecimal(byte >> 4));
            tokens.push(hexadecimal(byte & 15));
        }
    }
    tokens
}

/// Returns the string of an FTS5 expression that looks for a text of three characters or more.
#[must_use]
pub fn phrase(text: &str) -> String {
    format!("\"{}\"", tokens(text))
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_trigrams_of_characters() {
        assert_eq!(tokens(""), "");
        assert_eq!(tokens("ab"), "");
        assert_eq!(tokens("éé"), "");
        assert_eq!(tokens("abc"), "#x616263");
        assert_eq!(tokens("\n\naé#"), "#x0a0a61 #x0a61c3a9 #x61c3a923");
        assert_eq!(phrase("a\"b'"), "\"#x612262 #x226227\"");
    }
}

//! Trigrams of documents and queries, as SQLite's index has them.
//!
//! A trigram is three characters in a row, written as the hexadecimal digits of their UTF-8. A token is
//! the number of an organization, an `x` and a trigram. A document holds a text of three characters or more if their trigrams follow one another in it.

/// Returns the tokens of a document of the organization with this number.
pub(super) fn tokens(doc: &str, number: &str) -> String {
    if doc.chars().nth(2).is_none() {
        return String::new();
    }
    let ends = doc.char_indices().skip(3).map(|(end, _)| end).chain([doc.len()]);
    // A trigram of ASCII characters has six digits; before them stand a blank, the number and the `x`.
    let mut tokens = String::with_capacity((8 + number.len()) * doc.len());
    for ((start, _), end) in doc.char_indices().zip(ends) {
        if !tokens.is_empty() {
            tokens.push(' ');
        }
        tokens.push_str(number);
        tokens.push('x');
        for byte in &doc.as_bytes()[start..end] {
            tokens.push(hexadecimal(byte >> 4));
            tokens.push(hexadecimal(byte & 15));
        }
    }
    tokens
}

/// Returns the string of an FTS5 expression that looks for a text of three characters or more. The database puts the
/// number of the organization in the place of `#`.
#[must_use]
pub fn phrase(text: &str) -> String {
    format!("\"{}\"", tokens(text, "#"))
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_trigrams_of_characters() {
        assert_eq!(tokens("", "7"), "");
        assert_eq!(tokens("ab", "7"), "");
        assert_eq!(tokens("éé", "7"), "");
        assert_eq!(tokens("abc", "7"), "7x616263");
        assert_eq!(tokens("\n\naé#", "7"), "7x0a0a61 7x0a61c3a9 7x61c3a923");
        assert_eq!(phrase("a\"b'"), "\"#x612262 #x226227\"");
    }
}

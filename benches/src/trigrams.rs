//! Trigrams of search documents, as the gateway's index in SQLite has them.

/// Returns the tokens of a document: `#x`, in which the database puts the number of the organization in the
/// place of `#`, and the hexadecimal digits of three characters.
pub(crate) fn tokens(doc: &str) -> String {
    if doc.chars().nth(2).is_none() {
        return String::new();
    }
    let ends = doc.char_indices().skip(3).map(|(end, _)| end).chain([doc.len()]);
    let mut tokens = String::with_capacity(9 * doc.len());
    for ((start, _), end) in doc.char_indices().zip(ends) {
        tokens.push_str(if tokens.is_empty() { "#x" } else { " #x" });
        tokens.extend(doc.as_bytes()[start..end].iter().flat_map(|byte| hexadecimal(*byte)));
    }
    tokens
}

/// Returns the two digits of a byte.
pub(crate) fn hexadecimal(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default())
}

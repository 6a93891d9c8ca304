//! The parameters in the text of a statement for PostgreSQL.

use std::fmt;

/// Returns the text with each parameter as it is written by `write`, which is given the text before it and its
/// number. A `$` without a number stays.
pub(super) fn rewritten(sql: &str, mut write: impl FnMut(&mut String, &str) -> fmt::Result) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        match &part[..part.len() - rest.len()] {
            "" => text.push('$'),
            // Writing to a string does not fail.
            number => drop(write(&mut text, number)),
        }
        text.push_str(rest);
    }
    text
}

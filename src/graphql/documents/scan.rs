//! The text of a document, before it is parsed: one pass over its bytes.

/// What a text has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) tokens: usize,
    /// The most brackets that are open at once.
    pub(super) nesting: usize,
}

/// Counts tokens and brackets; those in strings and comments are none. A text that is no GraphQL
/// is counted somehow: the parser ends at the first place where the two could disagree.
pub(super) fn scan(text: &str) -> Scanned {
    let mut found = Scanned::default();
    let mut open: usize = 0;
    let mut rest = text.as_bytes();
    while let Some(&first) = rest.first() {
        let length = match first {
            b'#' => until(rest, is_line_end),
            b'"' => string(rest),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => until(rest, |byte| !is_name(byte)),
            b'-' | b'0'..=b'9' => 1 + until(&rest[1..], |byte| !is_number(byte)),
            b'.' => until(rest, |byte| byte != b'.').min(3),
            _ => 1,
        };
        match first {
            b'{' | b'[' | b'(' => {
                open += 1;
                found.nesting = found.nesting.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if !matches!(first, b'#' | b' ' | b'\t' | b'\n' | b'\r' | b',' | 0x80..) {
            found.tokens += 1;
        }
        rest = &rest[length..];
    }
    found
}

/// The length of a string, with its quotes. A plain one ends with its line.
fn string(text: &[u8]) -> usize {
    let (quotes, is_block) =
        if text.starts_with(b"\"\"\"") { (b"\"\"\"".as_slice(), true) } else { (b"\"".as_slice(), false) };
    let mut at = quotes.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(quotes) {
            return at + quotes.len();
        }
        at += match rest[0] {
            b'\\' if is_block && rest.starts_with(b"\\\"\"\"") => 4,
            b'\\' if !is_block => 2,
            byte if !is_block && is_line_end(byte) => return at,
            _ => 1,
        };
    }
    text.len()
}

fn until(text: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| ends(*byte)).unwrap_or(text.len())
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn is_number(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'.') || byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::{Scanned, scan};

    fn counts(text: &str) -> (usize, usize) {
        let Scanned { tokens, nesting } = scan(text);
        (tokens, nesting)
    }

    #[test]
    fn names_numbers_strings_and_punctuators_are_tokens() {
        assert_eq!(counts("query Q($a: Int! = -1.5e+3) { f(x: [1, $a]) @d ...F }"), (27, 3));
        assert_eq!(counts(""), (0, 0));
        assert_eq!(counts(" ,\t\r\n\u{feff}"), (0, 0));
        assert_eq!(counts("a b_c __d1"), (3, 0));
        assert_eq!(counts("... on A"), (3, 0));
        assert_eq!(counts("......"), (2, 0));
    }

    #[test]
    fn brackets_in_strings_and_comments_are_none() {
        assert_eq!(counts(r#"{ a(b: "[[[ \" {{{") }"#), (8, 2));
        assert_eq!(counts("{ # [[[ \" {{{\n a }"), (3, 1));
        assert_eq!(counts("{ # [[[ \r [ }"), (3, 2));
        assert_eq!(counts(r#"{ a(b: """ [ " [ "" \""" [ """) }"#), (8, 2));
        assert_eq!(counts("\"\" [ \"\""), (3, 1));
        assert_eq!(counts("\"\"\"\"\"\" ["), (2, 1));
    }

    #[test]
    fn what_never_ends_is_scanned_to_the_end() {
        assert_eq!(counts("\"abc"), (1, 0));
        assert_eq!(counts("\"abc\n["), (2, 1));
        assert_eq!(counts("\"abc\\"), (1, 0));
        assert_eq!(counts("\"\"\"abc \" ["), (1, 0));
        assert_eq!(counts("]]]["), (4, 1));
        assert_eq!(counts("ä[ö"), (1, 1));
    }
}

//! Lexemes: tokens, white space, commas and comments.

/// The first lexeme of a text.
pub(super) struct Lexeme {
    /// Number of bytes.
    pub(super) length: usize,
    /// True unless it is white space, a comma or a comment.
    pub(super) is_token: bool,
    /// Reason why no document may contain it.
    pub(super) error: Option<&'static str>,
}

impl Lexeme {
    /// Reads the lexeme with which a text begins.
    pub(super) fn at(text: &str) -> Self {
        let bytes = text.as_bytes();
        let first = bytes.first().copied().unwrap_or_default();
        let token = |length, error| Self { length, is_token: true, error };
        match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => Self { length: 1, is_token: false, error: None },
            b'#' => Self { length: until(bytes, is_line_end), is_token: false, error: None },
            b'"' => {
                let length = string(bytes);
                token(length, string_error(&text[..length]))
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => token(until(bytes, |byte| !is_name(byte)), None),
            b'-' | b'0'..=b'9' => number(bytes)
                .map_or_else(|| token(1, Some("a number is malformed")), |length| token(length, None)),
            b'.' if bytes.starts_with(b"...") => token(3, None),
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                token(1, None)
            }
            _ => match text.chars().next() {
                // A byte order mark is white space, wherever it stands.
                Some('\u{feff}') => Self { length: 3, is_token: false, error: None },
                other => token(
                    other.map_or(1, char::len_utf8),
                    Some("a character is allowed in strings and comments only"),
                ),
            },
        }
    }
}

/// Returns the length of a number; `None` if it is malformed: without digits where they belong, with a
/// leading zero, or with a name or a point right behind it.
fn number(text: &[u8]) -> Option<usize> {
    let digits = |at: usize| {
        let count = until(text.get(at..).unwrap_or_default(), |byte| !byte.is_ascii_digit());
        (count > 0).then_some(at + count)
    };
    let start = usize::from(text.first() == Some(&b'-'));
    let mut at = digits(start)?;
    if at > start + 1 && text.get(start) == Some(&b'0') {
        return None;
    }
    if text.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    let is_whole = !text.get(at).is_some_and(|&next| is_name(next) || next == b'.');
    is_whole.then_some(at)
}

/// Returns the error of a string that does not end, or that has an escape longer than `\u{0010FFFF}`.
fn string_error(text: &str) -> Option<&'static str> {
    if text.starts_with("\"\"\"") {
        return (text.len() < 6 || !text.ends_with("\"\"\"")).then_some("a block string does not end");
    }
    if text.len() < 2 || !text.ends_with('"') {
        return Some("a string does not end on its line");
    }
    let mut escapes = text.match_indices("\\u{");
    let is_long = |at: usize| until(&text.as_bytes()[at + 3..], |byte| byte == b'}') > 8;
    escapes.any(|(at, _)| is_long(at)).then_some("an escape has more than eight digits")
}

/// Returns the length of a string with its quotes. A plain string ends with its line, closed or not.
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
            b'\\' if !is_block && rest.get(1).is_some_and(u8::is_ascii) => 2,
            byte if !is_block && is_line_end(byte) => return at,
            _ => 1,
        };
    }
    text.len()
}

/// Returns the number of bytes before the first that ends the lexeme.
fn until(text: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| ends(*byte)).unwrap_or(text.len())
}

/// Returns true if a byte ends a line, and with it a comment or a plain string.
pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Returns true if a byte may be part of a name.
fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

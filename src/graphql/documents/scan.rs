//! The text of a document, before it is parsed: one pass over its tokens.
//!
//! It counts what the parser must be protected from, refuses what the parser lets pass although it is
//! no GraphQL, and blanks out what the parser does not know although it is.

use std::borrow::Cow;

/// A text that may be parsed.
#[derive(Debug)]
pub(super) struct Scanned<'a> {
    pub(super) tokens: usize,
    /// The most brackets that are open at once.
    pub(super) nesting: usize,
    /// The text with spaces for commas and for descriptions of operations, fragments and variables.
    pub(super) text: Cow<'a, str>,
    /// Where the text is no GraphQL although the parser takes it, and why.
    pub(super) fault: Option<(usize, &'static str)>,
}

/// What a bracket encloses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Parentheses,
    /// The members of an input object.
    Object,
    List,
    Selections,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    start: usize,
    text: &'a str,
}

impl Token<'_> {
    fn is(&self, text: &str) -> bool {
        self.text == text
    }

    fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic())
    }

    fn is_string(&self) -> bool {
        self.text.starts_with('"')
    }
}

/// Scans a text up to the first place that no document may have.
pub(super) fn scan(text: &str) -> Scanned<'_> {
    let mut found = Scanned { tokens: 0, nesting: 0, text: Cow::Borrowed(text), fault: None };
    let mut blanks = Vec::new();
    let mut open: Vec<Within> = Vec::new();
    let (mut before, mut last): (Option<Token<'_>>, Option<Token<'_>>) = (None, None);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let lexeme = Lexeme::at(rest);
        let token = Token { start: at, text: &rest[..lexeme.length] };
        at += lexeme.length;
        if token.is(",") {
            blanks.push(token);
        }
        found.fault = lexeme.fault.map(|why| (token.start, why));
        if let Some(last) = last.filter(|_| lexeme.is_token) {
            found.fault = found.fault.or_else(|| fault_of_key(open.last().copied(), before, last, token));
            if describes(&open, before, last, token) {
                blanks.push(last);
            }
        }
        if found.fault.is_some() {
            break;
        }
        if !lexeme.is_token {
            continue;
        }
        found.tokens += 1;
        match token.text {
            "(" => open.push(Within::Parentheses),
            "[" => open.push(Within::List),
            "{" if open.last().is_some_and(|within| *within != Within::Selections) => {
                open.push(Within::Object);
            }
            "{" => open.push(Within::Selections),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
        found.nesting = found.nesting.max(open.len());
        (before, last) = (last, Some(token));
    }
    if !blanks.is_empty() {
        // A description is known as one by what follows it, maybe behind a comma.
        blanks.sort_unstable_by_key(|blank: &Token<'_>| blank.start);
        found.text = Cow::Owned(blanked(text, &blanks));
    }
    found
}

/// A member of arguments or of an input object needs a value: the parser would drop one without.
fn fault_of_key(
    within: Option<Within>,
    before: Option<Token<'_>>,
    last: Token<'_>,
    next: Token<'_>,
) -> Option<(usize, &'static str)> {
    let takes_members = matches!(within, Some(Within::Parentheses | Within::Object));
    let is_key = last.is_name() && !before.is_some_and(|before| [":", "$", "=", "@"].contains(&before.text));
    (takes_members && is_key && !next.is(":")).then_some((last.start, "a name has no value"))
}

/// Whether `last` describes an operation, a fragment or a variable that begins with `next`.
fn describes(open: &[Within], before: Option<Token<'_>>, last: Token<'_>, next: Token<'_>) -> bool {
    const DEFINITIONS: [&str; 4] = ["query", "mutation", "subscription", "fragment"];
    last.is_string()
        && match open.last() {
            None => DEFINITIONS.contains(&next.text),
            Some(Within::Parentheses) => {
                next.is("$") && !before.is_some_and(|before| before.is(":") || before.is("="))
            }
            Some(_) => false,
        }
}

fn blanked(text: &str, blanks: &[Token<'_>]) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut from = 0;
    for blank in blanks {
        blanked.push_str(text.get(from..blank.start).unwrap_or_default());
        // Places of what follows stay the same, also their lines.
        let space = |byte| if is_line_end(byte) { char::from(byte) } else { ' ' };
        blanked.extend(blank.text.bytes().map(space));
        from = blank.start + blank.text.len();
    }
    blanked.push_str(text.get(from..).unwrap_or_default());
    blanked
}

/// What a text begins with.
struct Lexeme {
    length: usize,
    /// Whether it is more than space, a comma or a comment.
    is_token: bool,
    /// Why it is no part of a document.
    fault: Option<&'static str>,
}

impl Lexeme {
    fn at(text: &str) -> Self {
        let bytes = text.as_bytes();
        let first = bytes.first().copied().unwrap_or_default();
        let token = |length, fault| Self { length, is_token: true, fault };
        match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => Self { length: 1, is_token: false, fault: None },
            b'#' => Self { length: until(bytes, is_line_end), is_token: false, fault: None },
            b'"' => {
                let length = string(bytes);
                token(length, fault_of_string(&text[..length]))
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => token(until(bytes, |byte| !is_name(byte)), None),
            b'-' | b'0'..=b'9' => number(bytes)
                .map_or_else(|| token(1, Some("a number is malformed")), |length| token(length, None)),
            b'.' if bytes.starts_with(b"...") => token(3, None),
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                token(1, None)
            }
            _ => match text.chars().next() {
                Some('\u{feff}') => Self { length: 3, is_token: false, fault: None },
                other => token(
                    other.map_or(1, char::len_utf8),
                    Some("a character stands outside of strings and comments"),
                ),
            },
        }
    }
}

/// The length of a number, unless it is malformed: digits without a zero before them, and neither a name
/// nor a point right behind.
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

/// A string ends on its line, and an escape names a character with at most eight digits.
fn fault_of_string(text: &str) -> Option<&'static str> {
    if text.starts_with("\"\"\"") {
        return (text.len() < 6 || !text.ends_with("\"\"\"")).then_some("a string does not end");
    }
    if text.len() < 2 || !text.ends_with('"') {
        return Some("a string does not end on its line");
    }
    let mut escapes = text.match_indices("\\u{");
    let is_long = |at: usize| until(&text.as_bytes()[at + 3..], |byte| byte == b'}') > 8;
    escapes.any(|(at, _)| is_long(at)).then_some("an escape has more than eight digits")
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
            b'\\' if !is_block && rest.get(1).is_some_and(u8::is_ascii) => 2,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> (usize, usize) {
        let Scanned { tokens, nesting, .. } = scan(text);
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
        assert_eq!(counts("[0 -0 10 1.5 -1e3 1.0E-2 0.0]"), (9, 1));
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
    fn what_no_document_may_have_ends_the_scan_where_it_stands() {
        let fault = |text: &str| {
            let Scanned { tokens, fault, .. } = scan(text);
            (tokens, fault.map(|(at, _)| at))
        };
        for (text, at) in [
            ("a -", 2),
            ("a --", 2),
            ("a -x", 2),
            ("a 00", 2),
            ("a 01", 2),
            ("a 1x", 2),
            ("a 1.", 2),
            ("a 1.x", 2),
            ("a 1e", 2),
            ("a 1e+", 2),
            ("a 1.5.2", 2),
            ("a .", 2),
            ("a ..", 2),
            ("a %", 2),
            ("a \0", 2),
            ("a é", 2),
            ("a \u{200b}", 2),
            ("a 🙂", 2),
            ("a \"b", 2),
            ("a \"b\n\"", 2),
            ("a \"\"\"b \"", 2),
            ("a \"\"\"\"\"", 2),
        ] {
            assert_eq!(fault(text), (1, Some(at)), "{text:?}");
        }
        assert_eq!(fault("\u{feff}a\u{feff}# é\n\"é\""), (2, None));
        // However much of it there is.
        assert_eq!(fault(&"-".repeat(1_000_000)), (0, Some(0)));
    }

    #[test]
    fn a_member_without_a_value_is_found_wherever_it_stands() {
        let fault = |text: &str| scan(text).fault.map(|(at, _)| at);
        assert_eq!(fault("{ a(b) }"), Some(4));
        assert_eq!(fault("{ a(b: {c: 1 d}) }"), Some(13));
        assert_eq!(fault("{ a @x(y: Z w) }"), Some(12));
        assert_eq!(fault("query($a: T = {b}) { a }"), Some(15));
        for good in [
            "query Q($a: [T!]! = [E] @x(y: Z) $b: T = E $c: U) { a: b(c: $d e: E f: {g: true h: [I]}) { j k } }",
            "mutation { a(b: null c: {d: \"e\" f: 1}) { g @h i } }",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn a_string_ends_on_its_line_and_an_escape_is_short() {
        for bad in ["\"\n\"", "\"a\r\"", "\"", "\"\"\"a\"", r#""\u{000000041}""#] {
            assert!(scan(bad).fault.is_some(), "{bad:?}");
        }
        for good in ["\"\"", "\"\"\"\n\"\"\"", r#""\u{00000041}""#, r#""\\""#] {
            assert_eq!(scan(good).fault, None, "{good:?}");
        }
    }

    #[test]
    fn commas_and_descriptions_are_blanked_out_in_place() {
        let blanked = |text: &'static str| scan(text).text;
        assert_eq!(blanked("{ a,: b, }"), "{ a : b  }");
        assert_eq!(
            blanked("\"q\" query(\"v\" $a: T = \"x\" $b: T) { a(b: \"x,\") }"),
            "    query(    $a: T = \"x\" $b: T) { a(b: \"x,\") }"
        );
        assert_eq!(blanked("\"\"\"a\nb\"\"\" fragment F on T { a }"), "    \n     fragment F on T { a }");
        assert_eq!(blanked("\"q\",query{a}"), "    query{a}");
        assert_eq!(blanked("\"q\" { a }"), "\"q\" { a }");
        assert_eq!(blanked("{ a(b: [\"x\" $c]) }"), "{ a(b: [\"x\" $c]) }");
    }
}

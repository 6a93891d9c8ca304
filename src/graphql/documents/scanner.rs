//! Scanner for the text of a document: one pass over its tokens, before it is parsed.
//!
//! It counts tokens and nested brackets, before the parser spends time and stack on them. It refuses some
//! texts that the parser accepts although they are not GraphQL, and blanks out some parts that are GraphQL
//! although the parser refuses them.

mod lexeme;

use std::borrow::Cow;

use self::lexeme::{Lexeme, is_line_end};

/// Result of scanning a text.
#[derive(Debug)]
pub(super) struct Scanned<'a> {
    pub(super) tokens: usize,
    /// Maximum number of brackets that are open at once.
    pub(super) nesting: usize,
    /// The text with spaces for commas and for descriptions of operations, fragments and variables.
    pub(super) text: Cow<'a, str>,
    /// Offset of the first error, and its cause. The text behind it has not been scanned.
    pub(super) error: Option<(usize, &'static str)>,
}

/// Kind of an open bracket, by its contents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Arguments, or variables of an operation.
    Parentheses,
    /// Fields of an input object.
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

/// Scans a text up to its end or its first error.
pub(super) fn scan(text: &str) -> Scanned<'_> {
    let mut found = Scanned { tokens: 0, nesting: 0, text: Cow::Borrowed(text), error: None };
    let mut blanks = Vec::new();
    let mut open: Vec<Bracket> = Vec::new();
    let (mut before, mut last): (Option<Token<'_>>, Option<Token<'_>>) = (None, None);
    let mut offset = 0;
    while let Some(rest) = text.get(offset..).filter(|rest| !rest.is_empty()) {
        let lexeme = Lexeme::at(rest);
        let token = Token { start: offset, text: &rest[..lexeme.length] };
        offset += lexeme.length;
        // To GraphQL a comma is white space, but the parser takes it only where it separates something.
        if token.is(",") {
            blanks.push(token);
        }
        found.error = lexeme.error.map(|why| (token.start, why));
        if let Some(last) = last.filter(|_| lexeme.is_token) {
            found.error = found.error.or_else(|| missing_value(open.last().copied(), before, last, token));
            if describes(&open, before, last, token) {
                blanks.push(last);
            }
        }
        if found.error.is_some() {
            break;
        }
        if !lexeme.is_token {
            continue;
        }
        found.tokens += 1;
        match token.text {
            "(" => open.push(Bracket::Parentheses),
            "[" => open.push(Bracket::List),
            "{" if open.last().is_some_and(|bracket| *bracket != Bracket::Selections) => {
                open.push(Bracket::Object);
            }
            "{" => open.push(Bracket::Selections),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
        found.nesting = found.nesting.max(open.len());
        (before, last) = (last, Some(token));
    }
    if !blanks.is_empty() {
        // A description is recognized at the token after it, and a comma may be between the two.
        blanks.sort_unstable_by_key(|blank: &Token<'_>| blank.start);
        found.text = Cow::Owned(blank_out(text, &blanks));
    }
    found
}

/// Returns the error for an argument or an input field without a value. The parser would drop it silently.
fn missing_value(
    bracket: Option<Bracket>,
    before: Option<Token<'_>>,
    last: Token<'_>,
    next: Token<'_>,
) -> Option<(usize, &'static str)> {
    let has_members = matches!(bracket, Some(Bracket::Parentheses | Bracket::Object));
    let is_key = last.is_name() && !before.is_some_and(|before| [":", "$", "=", "@"].contains(&before.text));
    (has_members && is_key && !next.is(":"))
        .then_some((last.start, "an argument or input field has no value"))
}

/// Returns true if `last` is the description of an operation, a fragment or a variable that begins with
/// `next`.
fn describes(open: &[Bracket], before: Option<Token<'_>>, last: Token<'_>, next: Token<'_>) -> bool {
    const DEFINITIONS: [&str; 4] = ["query", "mutation", "subscription", "fragment"];
    last.is_string()
        && match open.last() {
            None => DEFINITIONS.contains(&next.text),
            Some(Bracket::Parentheses) => {
                next.is("$") && !before.is_some_and(|before| before.is(":") || before.is("="))
            }
            Some(Bracket::Object | Bracket::List | Bracket::Selections) => false,
        }
}

/// Replaces tokens by spaces, byte by byte.
fn blank_out(text: &str, blanks: &[Token<'_>]) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut from = 0;
    for blank in blanks {
        blanked.push_str(text.get(from..blank.start).unwrap_or_default());
        // Line ends stay, so that the locations of all that follows are those of the given text.
        let space = |byte| if is_line_end(byte) { char::from(byte) } else { ' ' };
        blanked.extend(blank.text.bytes().map(space));
        from = blank.start + blank.text.len();
    }
    blanked.push_str(text.get(from..).unwrap_or_default());
    blanked
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
    fn brackets_in_strings_and_comments_are_not_counted() {
        assert_eq!(counts(r#"{ a(b: "[[[ \" {{{") }"#), (8, 2));
        assert_eq!(counts("{ # [[[ \" {{{\n a }"), (3, 1));
        assert_eq!(counts("{ # [[[ \r [ }"), (3, 2));
        assert_eq!(counts(r#"{ a(b: """ [ " [ "" \""" [ """) }"#), (8, 2));
        assert_eq!(counts("\"\" [ \"\""), (3, 1));
        assert_eq!(counts("\"\"\"\"\"\" ["), (2, 1));
    }

    #[test]
    fn the_scan_ends_at_the_first_error() {
        let error = |text: &str| {
            let Scanned { tokens, error, .. } = scan(text);
            (tokens, error.map(|(at, _)| at))
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
            assert_eq!(error(text), (1, Some(at)), "{text:?}");
        }
        assert_eq!(error("\u{feff}a\u{feff}# é\n\"é\""), (2, None));
        // A long run of errors takes no longer than one.
        assert_eq!(error(&"-".repeat(1_000_000)), (0, Some(0)));
    }

    #[test]
    fn an_argument_or_input_field_without_a_value_is_an_error() {
        let error = |text: &str| scan(text).error.map(|(at, _)| at);
        assert_eq!(error("{ a(b) }"), Some(4));
        assert_eq!(error("{ a(b: {c: 1 d}) }"), Some(13));
        assert_eq!(error("{ a @x(y: Z w) }"), Some(12));
        assert_eq!(error("query($a: T = {b}) { a }"), Some(15));
        for good in [
            "query Q($a: [T!]! = [E] @x(y: Z) $b: T = E $c: U) { a: b(c: $d e: E f: {g: true h: [I]}) { j k } }",
            "mutation { a(b: null c: {d: \"e\" f: 1}) { g @h i } }",
        ] {
            assert_eq!(error(good), None, "{good}");
        }
    }

    #[test]
    fn a_string_ends_on_its_line_and_an_escape_is_short() {
        for bad in ["\"\n\"", "\"a\r\"", "\"", "\"\"\"a\"", r#""\u{000000041}""#] {
            assert!(scan(bad).error.is_some(), "{bad:?}");
        }
        for good in ["\"\"", "\"\"\"\n\"\"\"", r#""\u{00000041}""#, r#""\\""#] {
            assert_eq!(scan(good).error, None, "{good:?}");
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

//! The codes of an answer's errors, for its log line and the metrics.

use std::fmt;

use async_graphql::{Response as GraphqlResponse, ServerError, Value};

/// All codes of top-level errors: the table of the README.
const ALL: [&str; 24] = [
    "AMBIGUOUS_MATCH",
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "BODY_TOO_LARGE",
    "CURSOR_MISMATCH",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL_SERVER_ERROR",
    "INVALID_CURSOR",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "NOT_FOUND",
    "OUTCOME_UNKNOWN",
    "OVERLOADED",
    "QUERY_TOO_COMPLEX",
    "RATE_LIMITED",
    "REQUEST_TIMEOUT",
    "STORAGE_FULL",
    "TIMEOUT",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNSUPPORTED_MEDIA_TYPE",
];

/// What stands for a code that the table has not, so that there are never more.
const OTHER: &str = "OTHER";

/// The codes of an answer, each once, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes {
    found: Vec<&'static str>,
    /// Whether nothing was executed.
    pub(super) of_request: bool,
}

impl Codes {
    pub(super) fn of(response: &GraphqlResponse, of_request: bool) -> Self {
        let mut found = Vec::new();
        for error in &response.errors {
            let code = of(error).and_then(|code| ALL.into_iter().find(|known| *known == code));
            let code = code.unwrap_or(OTHER);
            if !found.contains(&code) {
                found.push(code);
            }
        }
        Self { found, of_request }
    }

    pub(super) fn first(&self) -> Option<&'static str> {
        self.found.first().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.found.join(","))
    }
}

/// The code of an error.
pub(super) fn of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_codes_are_those_of_the_readme() {
        let (_, section) = include_str!("../../README.md").split_once("\n## Errors\n").expect("a section");
        let (section, _) = section.split_once("\n## ").expect("a section after it");
        let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let words = cells.flat_map(|cell| cell.split('`')).filter(|word| {
            word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        });
        assert_eq!(words.collect::<BTreeSet<_>>(), BTreeSet::from(ALL));
    }
}

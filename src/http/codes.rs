//! The codes of a response's errors, for its log line and the metrics.

use std::fmt;

use crate::error::ErrorCode;
use crate::graphql::Response as GraphqlResponse;
use crate::graphql::error::code;

/// The codes of a response, each once, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes {
    found: Vec<ErrorCode>,
    /// True if nothing was executed.
    pub(super) of_request: bool,
}

impl Codes {
    pub(super) fn of(response: &GraphqlResponse) -> Self {
        let mut found = Vec::new();
        for code in response.errors.iter().map(code) {
            if !found.contains(&code) {
                found.push(code);
            }
        }
        Self { found, of_request: response.data.is_none() && !response.errors.is_empty() }
    }

    pub(super) fn first(&self) -> Option<ErrorCode> {
        self.found.first().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.found.iter().map(|code| code.name()).collect();
        f.write_str(&names.join(","))
    }
}

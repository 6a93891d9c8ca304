//! What a document may ask for: it is held to limits before anything in it is believed.
//!
//! Two kinds of small documents would be deadly otherwise: deep nesting overflows the stack of the
//! parser, and fragments that spread one another multiply. So the text is scanned before it is
//! parsed, and what it comes to is counted, each fragment once, before it is validated.

mod cost;
mod extent;
mod scan;

use async_graphql::{
    Variables,
    parser::types::{ExecutableDocument, OperationDefinition},
};

pub(super) use self::cost::Costs;

/// What a document may have, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Bytes of text.
    pub bytes: usize,
    /// Names, numbers, strings and punctuators.
    pub tokens: usize,
    /// Brackets within brackets of any kind.
    pub nesting: usize,
    /// Fields, spreads and inline fragments, each counted as often as it is spread.
    pub selections: usize,
    /// Fields under another name.
    pub aliases: usize,
    /// Directives in all.
    pub directives: usize,
    /// Directives at one place.
    pub directives_per_node: usize,
    /// Variables.
    pub variables: usize,
    /// Fragments, used or not.
    pub fragments: usize,
    /// Fields within fields; introspection is not counted.
    pub depth: usize,
    /// Lists within lists of an introspection.
    pub introspection_lists: usize,
    /// Points that one operation costs.
    pub complexity: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            bytes: 32 * 1024,
            tokens: 4_000,
            nesting: 50,
            selections: 5_000,
            aliases: 30,
            directives: 50,
            directives_per_node: 5,
            variables: 100,
            fragments: 50,
            depth: 15,
            introspection_lists: 3,
            complexity: 10_000,
        }
    }
}

/// A limit that a document does not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document is too complex: `{limit}` may be {maximum}, and is {actual}")]
pub(super) struct TooComplex {
    pub(super) limit: &'static str,
    pub(super) maximum: usize,
    pub(super) actual: usize,
}

impl DocumentLimits {
    /// Holds a text to the limits that protect the parser.
    pub(super) fn check_text(&self, text: &str) -> Result<(), TooComplex> {
        within("bytes", self.bytes, text.len())?;
        let scanned = scan::scan(text);
        within("tokens", self.tokens, scanned.tokens)?;
        within("nesting", self.nesting, scanned.nesting)
    }

    /// Holds a document to the limits that protect validation and execution.
    pub(super) fn check(&self, document: &ExecutableDocument) -> Result<(), TooComplex> {
        extent::check(self, document)
    }

    /// What an operation costs, if that is within the limit.
    pub(super) fn cost(
        &self,
        costs: &Costs,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<usize, TooComplex> {
        let cost = costs.of(document, operation, variables);
        within("complexity", self.complexity, cost)?;
        Ok(cost)
    }
}

fn within(limit: &'static str, maximum: usize, actual: usize) -> Result<(), TooComplex> {
    if actual <= maximum { Ok(()) } else { Err(TooComplex { limit, maximum, actual }) }
}

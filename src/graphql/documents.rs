//! What a document may ask for: it is held to limits before anything in it is believed.
//!
//! Two kinds of small documents would be deadly otherwise: deep nesting overflows the stack of the
//! parser, and fragments that spread one another multiply. So the text is scanned before it is
//! parsed, and what it comes to is counted, each fragment once, before it is validated.

mod cost;
mod extent;
mod inputs;
mod judge;
mod merging;
mod normal;
mod places;
mod scan;
mod types;
mod values;

use std::sync::Arc;

use apollo_compiler::{
    ExecutableDocument, Node, ast, executable::Operation, parser::Parser, validation::Valid,
};
use async_graphql::{
    Variables,
    parser::types::{OperationDefinition, OperationType},
};
use moka::sync::Cache;

pub(super) use self::normal::Normal;
use self::{cost::Costs, places::Places, scan::Scanned, types::Types};
use super::error::ApiError;
use crate::error::ErrorCode;

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
    /// Operations, of which one is executed.
    pub operations: usize,
    /// Fragments, used or not.
    pub fragments: usize,
    /// Fields within fields; introspection is not counted.
    pub depth: usize,
    /// Lists within lists of an introspection.
    pub introspection_lists: usize,
    /// Arguments with their variables filled in, each as often as it is executed: bytes of text, and ten
    /// for each value. The largest body has no more if each variable is used once, and not in a list.
    pub argument_bytes: usize,
    /// Objects of input types in the arguments.
    pub input_objects: usize,
    /// Filters within a filter, itself included.
    pub filter_levels: usize,
    /// Operators in a filter; one without any counts as one.
    pub filter_conditions: usize,
    /// Bytes of contacts' texts in an answer, and eight times those of JSON: counted while it is made.
    pub answer_bytes: usize,
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
            operations: 50,
            fragments: 50,
            depth: 15,
            introspection_lists: 3,
            argument_bytes: 2 * 1024 * 1024,
            input_objects: 10_000,
            filter_levels: 10,
            filter_conditions: 100,
            answer_bytes: 64 * 1024 * 1024,
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
    fn check_text<'a>(&self, text: &'a str) -> Result<Scanned<'a>, TooComplex> {
        within("bytes", self.bytes, text.len())?;
        let scanned = scan::scan(text);
        within("tokens", self.tokens, scanned.tokens)?;
        within("nesting", self.nesting, scanned.nesting)?;
        Ok(scanned)
    }
}

/// Maximum bytes of parsed documents that are remembered.
const MAX_REMEMBERED_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes that a parsed document takes for each byte of its text, roughly.
const PARSED_BYTES_PER_BYTE: usize = 32;

/// Reads documents: each text is parsed and validated once, and remembered while others are not used more.
pub(super) struct Documents {
    types: Types,
    costs: Costs,
    limits: DocumentLimits,
    read: Cache<Arc<str>, Arc<ReadDocument>>,
}

/// A valid document.
pub(super) struct ReadDocument {
    document: Valid<ExecutableDocument>,
    places: Places,
}

impl Documents {
    /// Reads documents of a schema in the schema definition language.
    pub(super) fn new(sdl: &str, limits: DocumentLimits) -> Self {
        let types = Types::new(sdl);
        let costs = Costs::new(&types);
        let weigh = |text: &Arc<str>, _: &Arc<ReadDocument>| {
            u32::try_from(text.len().saturating_mul(PARSED_BYTES_PER_BYTE)).unwrap_or(u32::MAX)
        };
        let read = Cache::builder().weigher(weigh).max_capacity(MAX_REMEMBERED_BYTES).build();
        Self { types, costs, limits, read }
    }

    /// Parses and validates a text.
    pub(super) fn read(&self, text: &str) -> Result<Arc<ReadDocument>, Vec<ApiError>> {
        if let Some(known) = self.read.get(text) {
            return Ok(known);
        }
        let scanned = self.limits.check_text(text).map_err(|error| vec![error.into()])?;
        let places = Places::new(text);
        // The parser goes on behind each fault, at a price that grows with the square of their number.
        if let Some((at, why)) = scanned.fault {
            return Err(vec![judge::unreadable(places.at(at), why)]);
        }
        let parsed = Parser::new()
            .parse_ast(scanned.text, "")
            .map_err(|invalid| vec![judge::no_graphql(&places, &invalid.errors)])?;
        extent::check(&self.limits, &parsed).map_err(|error| vec![error.into()])?;
        let document = judge::validate(&self.types, &places, &parsed)?;
        let read = Arc::new(ReadDocument { document, places });
        self.read.insert(text.into(), read.clone());
        Ok(read)
    }

    /// The operation that a request runs: its variables are coerced, and it is brought into its normal form.
    pub(super) fn normal(
        &self,
        read: &ReadDocument,
        operation: &Node<Operation>,
        given: &Variables,
    ) -> Result<Normal, Vec<ApiError>> {
        let ReadDocument { document, places } = read;
        let variables = normal::variables(&self.types, places, operation, given)?;
        normal::form(&self.types, places, &self.limits, document, operation, &variables)
            .map_err(|refused| vec![refused])
    }

    /// The points of an operation in its normal form, if it and its arguments are within the limits.
    pub(super) fn cost(&self, operation: &OperationDefinition) -> Result<usize, TooComplex> {
        self.costs.check(&self.limits, &self.types, operation)
    }
}

/// The library's word for the kind of an operation.
pub(super) fn kind(operation: &Operation) -> OperationType {
    match operation.operation_type {
        ast::OperationType::Query => OperationType::Query,
        ast::OperationType::Mutation => OperationType::Mutation,
        ast::OperationType::Subscription => OperationType::Subscription,
    }
}

impl ReadDocument {
    /// The operation of a name, or the only one.
    pub(super) fn operation(&self, name: Option<&str>) -> Result<&Node<Operation>, ApiError> {
        let message = match name {
            Some(_) => "the document has no operation of the given `operationName`",
            None => "the document has several operations: give an `operationName`",
        };
        self.document.operations.get(name).map_err(|_| ApiError::new(ErrorCode::BadRequest, message))
    }
}

fn within(limit: &'static str, maximum: usize, actual: usize) -> Result<(), TooComplex> {
    if actual <= maximum { Ok(()) } else { Err(TooComplex { limit, maximum, actual }) }
}

//! Parsing, limits, validation and cost of documents.
//!
//! Two kinds of small documents would exhaust the server if nothing limited them: deep nesting
//! overflows the stack of the parser, and fragments that spread other fragments multiply. Therefore
//! the text is scanned before it is parsed, and the parsed document is measured before it is validated;
//! each fragment is measured once.

mod cost;
mod inputs;
mod locations;
mod merging;
mod normal_form;
mod opaque;
mod scanner;
mod size;
mod types;
mod validation;
mod values;
mod versioned;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use apollo_compiler::{
    ExecutableDocument, Name as CompilerName, Node, ast, executable::Operation, parser::Parser,
    validation::Valid,
};
use async_graphql::{
    Variables as GivenVariables,
    parser::types::{OperationDefinition, OperationType},
};
use moka::sync::Cache;

use self::{cost::CostModel, locations::SourceLocations, scanner::Scanned};
pub(super) use self::{
    cost::{COUNT_COST, Cost},
    normal_form::{NormalOperation, VariableArgument},
    opaque::GivenValues,
    types::Types,
    values::Variables,
};
use super::error::ApiError;
use crate::error::ErrorCode;

/// Limits that a document, its operation and its answer must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Maximum bytes of text.
    pub bytes: usize,
    /// Maximum number of names, numbers, strings and punctuators together.
    pub tokens: usize,
    /// Maximum depth of brackets of any kind within brackets.
    pub nesting: usize,
    /// Maximum number of fields, fragment spreads and inline fragments. Those of a fragment count each
    /// time that it is spread.
    pub selections: usize,
    /// Maximum number of fields with an alias.
    pub aliases: usize,
    /// Maximum number of directives in the document.
    pub directives: usize,
    /// Maximum number of directives on one field, fragment, variable or operation.
    pub directives_per_node: usize,
    /// Maximum number of variables of all operations.
    pub variables: usize,
    /// Maximum number of operations, of which one is executed.
    pub operations: usize,
    /// Maximum number of fragments, whether they are spread or not.
    pub fragments: usize,
    /// Maximum depth of fields within fields. Introspection is not counted.
    pub depth: usize,
    /// Maximum depth of lists within lists of an introspection.
    pub introspection_lists: usize,
    /// Maximum bytes of arguments after variables are filled in: the bytes of their text, and ten for each
    /// value. A field's arguments count each time that it is executed. The largest body stays below the
    /// default if it uses each variable once, and outside of lists.
    pub argument_bytes: usize,
    /// Maximum number of objects of input types in the arguments.
    pub input_objects: usize,
    /// Maximum depth of filters within a filter, which itself counts as one.
    pub filter_levels: usize,
    /// Maximum number of operators in a filter. A filter without operators counts as one.
    pub filter_conditions: usize,
    /// Maximum bytes of contacts' texts in an answer, as JSON writes them; those of JSON values count eight times. They
    /// are counted while the answer is made.
    pub answer_bytes: usize,
    /// Maximum points that one operation costs.
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

/// Error for a document that exceeds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document is too complex: `{limit}` is {actual}, and the maximum is {maximum}")]
pub(super) struct TooComplex {
    pub(super) limit: &'static str,
    pub(super) maximum: usize,
    pub(super) actual: usize,
}

impl DocumentLimits {
    /// Scans a text and checks the limits that protect the parser.
    fn check_text<'a>(&self, text: &'a str) -> Result<Scanned<'a>, TooComplex> {
        within("bytes", self.bytes, text.len())?;
        let scanned = scanner::scan(text);
        within("tokens", self.tokens, scanned.tokens)?;
        within("nesting", self.nesting, scanned.nesting)?;
        Ok(scanned)
    }
}

/// Maximum bytes of parsed documents in the cache.
const MAX_CACHED_BYTES: u64 = 16 * 1024 * 1024;

/// Approximate bytes of memory that a parsed document takes for each byte of its text.
const PARSED_BYTES_PER_BYTE: usize = 32;

/// Parser and validator of documents. Valid documents are cached by their text.
pub(super) struct Documents {
    types: Types,
    costs: CostModel,
    limits: DocumentLimits,
    /// Number of documents that have been read.
    read: AtomicU64,
    cache: Cache<Arc<str>, Arc<ValidDocument>>,
}

/// A valid document.
pub(super) struct ValidDocument {
    /// Number that no other document has.
    pub(super) id: u64,
    document: Valid<ExecutableDocument>,
    locations: SourceLocations,
    /// Opaque variables of each operation.
    opaque: Vec<(Option<CompilerName>, Vec<CompilerName>)>,
    /// Operations that read nothing but what has a version.
    versioned: HashSet<Option<CompilerName>>,
}

impl Documents {
    /// Creates a validator for a schema in the schema definition language.
    pub(super) fn new(sdl: &str, limits: DocumentLimits) -> Self {
        let types = Types::new(sdl);
        let costs = CostModel::new(&types);
        let weigh = |text: &Arc<str>, _: &Arc<ValidDocument>| {
            u32::try_from(text.len().saturating_mul(PARSED_BYTES_PER_BYTE)).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().weigher(weigh).max_capacity(MAX_CACHED_BYTES).build();
        Self { types, costs, limits, read: AtomicU64::new(0), cache }
    }

    /// Parses and validates a text, or returns the cached document.
    pub(super) fn read(&self, text: &str) -> Result<Arc<ValidDocument>, Vec<ApiError>> {
        if let Some(cached) = self.cache.get(text) {
            return Ok(cached);
        }
        let scanned = self.limits.check_text(text).map_err(|error| vec![error.into()])?;
        let locations = SourceLocations::new(text);
        // The parser would continue after each error, and takes time that grows with the square of their
        // number.
        if let Some((offset, why)) = scanned.error {
            return Err(vec![validation::parse_error(locations.at(offset), why)]);
        }
        let parsed = Parser::new()
            .parse_ast(scanned.text, "")
            .map_err(|invalid| vec![validation::first_parse_error(&locations, &invalid.errors)])?;
        // Validation expands fragments, so the document is measured first.
        size::check(&self.limits, &parsed).map_err(|error| vec![error.into()])?;
        let document = validation::validate(&self.types, &locations, &parsed)?;
        let opaque = document.operations.iter();
        let opaque = opaque.map(|of| (of.name.clone(), opaque::opaque_variables(&document, of))).collect();
        let versioned = document.operations.iter().filter(|one| versioned::is_versioned(&document, one));
        let versioned = versioned.map(|operation| operation.name.clone()).collect();
        let id = self.read.fetch_add(1, Ordering::Relaxed);
        let valid = Arc::new(ValidDocument { id, document, locations, opaque, versioned });
        // Only valid documents are cached: with invalid ones, anybody could displace them.
        self.cache.insert(text.into(), valid.clone());
        Ok(valid)
    }

    /// Returns the schema.
    pub(super) fn types(&self) -> &Types {
        &self.types
    }

    /// Coerces the variables of an operation.
    pub(super) fn coerce<'a>(
        &self,
        valid: &ValidDocument,
        operation: &'a Node<Operation>,
        given: &GivenVariables,
    ) -> Result<Variables<'a>, Vec<ApiError>> {
        normal_form::coerce_variables(&self.types, &valid.locations, operation, given)
    }

    /// Returns an operation in its normal form, with its coerced variables.
    pub(super) fn normalize(
        &self,
        valid: &ValidDocument,
        operation: &Node<Operation>,
        variables: &Variables<'_>,
    ) -> Result<NormalOperation, Vec<ApiError>> {
        let ValidDocument { document, locations, .. } = valid;
        normal_form::normalize(&self.types, locations, &self.limits, document, operation, variables)
            .map_err(|error| vec![error])
    }

    /// Returns the cost of an operation in its normal form, or the limit that it exceeds.
    pub(super) fn cost(&self, operation: &OperationDefinition) -> Result<Cost, Vec<ApiError>> {
        self.costs.check(&self.limits, &self.types, operation).map_err(|error| vec![error.into()])
    }
}

/// Converts the compiler's kind of an operation to the one of the executor.
pub(super) fn kind(operation: &Operation) -> OperationType {
    match operation.operation_type {
        ast::OperationType::Query => OperationType::Query,
        ast::OperationType::Mutation => OperationType::Mutation,
        ast::OperationType::Subscription => OperationType::Subscription,
    }
}

impl ValidDocument {
    /// Returns the operation of a name. Without a name the document must have only one operation.
    pub(super) fn operation(&self, name: Option<&str>) -> Result<&Node<Operation>, Vec<ApiError>> {
        // As clients send it that have no name to give.
        let name = name.filter(|name| !name.is_empty());
        let message = match name {
            Some(_) => "the document has no operation with the name in `operationName`",
            None => "the document has several operations: select one with `operationName`",
        };
        self.document.operations.get(name).map_err(|_| vec![ApiError::new(ErrorCode::BadRequest, message)])
    }

    /// Takes the values of an operation's variables apart.
    pub(super) fn given_values(&self, operation: &Operation, variables: &Variables<'_>) -> GivenValues {
        let opaque = self.opaque.iter().find(|(name, _)| *name == operation.name);
        GivenValues::of(operation, variables, opaque.map_or(&[], |(_, opaque)| opaque))
    }

    /// Returns true if an operation reads nothing but what has a version.
    pub(super) fn is_versioned(&self, operation: &Operation) -> bool {
        self.versioned.contains(&operation.name)
    }
}

/// Checks a number against the maximum of a limit.
fn within(limit: &'static str, maximum: usize, actual: usize) -> Result<(), TooComplex> {
    if actual <= maximum { Ok(()) } else { Err(TooComplex { limit, maximum, actual }) }
}

//! What a document may ask for: it is held to limits before anything in it is believed.
//!
//! Two kinds of small documents would be deadly otherwise: deep nesting overflows the stack of the
//! parser, and fragments that spread one another multiply. So the text is scanned before it is
//! parsed, and what it comes to is counted, each fragment once, before it is validated.

mod arguments;
mod conflicts;
mod cost;
mod extent;
mod inputs;
mod scan;

use async_graphql::{
    Pos, Positioned, Variables,
    parser::{
        parse_schema,
        types::{
            ExecutableDocument, FieldDefinition, OperationDefinition, TypeDefinition, TypeKind,
            TypeSystemDefinition,
        },
    },
};

use self::{cost::Costs, inputs::Inputs};

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

    /// What an operation costs, if that and its arguments are within the limits.
    pub(super) fn cost(
        &self,
        measures: &Measures,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<usize, TooComplex> {
        cost::check(self, measures, document, operation, variables)
    }
}

/// Where a field begins that conflicts with one before it.
pub(super) fn first_conflict(document: &ExecutableDocument) -> Option<Pos> {
    conflicts::first(document)
}

/// What the schema tells of the fields that documents ask for.
#[derive(Debug)]
pub(super) struct Measures {
    costs: Costs,
    inputs: Inputs,
}

impl Measures {
    /// Reads it off the schema.
    pub(super) fn new(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|schema| schema.definitions).unwrap_or_default();
        let types = definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let types: Vec<TypeDefinition> = types.collect();
        Self { costs: Costs::new(&types), inputs: Inputs::new(&types) }
    }
}

/// The fields of a type, if it is one that has some.
fn fields(of: &TypeDefinition) -> Option<&[Positioned<FieldDefinition>]> {
    match &of.kind {
        TypeKind::Object(object) => Some(&object.fields),
        TypeKind::Interface(interface) => Some(&interface.fields),
        _ => None,
    }
}

/// The name in a type such as `[Contact!]!`.
fn named(of: &str) -> String {
    of.trim_matches(['[', ']', '!']).to_owned()
}

fn within(limit: &'static str, maximum: usize, actual: usize) -> Result<(), TooComplex> {
    if actual <= maximum { Ok(()) } else { Err(TooComplex { limit, maximum, actual }) }
}

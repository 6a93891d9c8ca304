//! The settings that limit what a request may ask.

use clap::Args;

use crate::{access::Rate, graphql::DocumentLimits};

/// Limits of a GraphQL document; one beyond them is refused with `QUERY_TOO_COMPLEX`.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits of a GraphQL document (beyond them: QUERY_TOO_COMPLEX)")]
pub struct DocumentSettings {
    /// Bytes of a document
    #[arg(long, env = "MAX_DOCUMENT_BYTES", default_value_t = DocumentLimits::default().bytes, value_name = "N", value_parser = count)]
    pub max_document_bytes: usize,

    /// Tokens of a document
    #[arg(long, env = "MAX_DOCUMENT_TOKENS", default_value_t = DocumentLimits::default().tokens, value_name = "N", value_parser = count)]
    pub max_document_tokens: usize,

    /// Brackets within brackets in a document; more than 100 are not advisable, since the parser
    /// takes stack for each
    #[arg(long, env = "MAX_DOCUMENT_NESTING", default_value_t = DocumentLimits::default().nesting, value_name = "N", value_parser = nesting)]
    pub max_document_nesting: usize,

    /// Selections of a document, fragments expanded
    #[arg(long, env = "MAX_SELECTIONS", default_value_t = DocumentLimits::default().selections, value_name = "N", value_parser = count)]
    pub max_selections: usize,

    /// Aliases of a document
    #[arg(long, env = "MAX_ALIASES", default_value_t = DocumentLimits::default().aliases, value_name = "N", value_parser = count)]
    pub max_aliases: usize,

    /// Directives of a document
    #[arg(long, env = "MAX_DIRECTIVES", default_value_t = DocumentLimits::default().directives, value_name = "N", value_parser = count)]
    pub max_directives: usize,

    /// Directives at one place of a document
    #[arg(long, env = "MAX_DIRECTIVES_PER_NODE", default_value_t = DocumentLimits::default().directives_per_node, value_name = "N", value_parser = count)]
    pub max_directives_per_node: usize,

    /// Variables of a document
    #[arg(long, env = "MAX_VARIABLES", default_value_t = DocumentLimits::default().variables, value_name = "N", value_parser = count)]
    pub max_variables: usize,

    /// Operations of a document
    #[arg(long, env = "MAX_OPERATIONS", default_value_t = DocumentLimits::default().operations, value_name = "N", value_parser = count)]
    pub max_operations: usize,

    /// Fragments of a document
    #[arg(long, env = "MAX_FRAGMENTS", default_value_t = DocumentLimits::default().fragments, value_name = "N", value_parser = count)]
    pub max_fragments: usize,

    /// Fields within fields; introspection has its own limit
    #[arg(long, env = "MAX_DEPTH", default_value_t = DocumentLimits::default().depth, value_name = "N", value_parser = count)]
    pub max_depth: usize,

    /// Lists within lists of an introspection; GraphiQL needs 3
    #[arg(long, env = "MAX_INTROSPECTION_LISTS", default_value_t = DocumentLimits::default().introspection_lists, value_name = "N", value_parser = count)]
    pub max_introspection_lists: usize,

    /// Bytes of a document's arguments with their variables, each value ten besides, and each argument
    /// as often as it is executed
    #[arg(long, env = "MAX_ARGUMENT_BYTES", default_value_t = DocumentLimits::default().argument_bytes, value_name = "N", value_parser = count)]
    pub max_argument_bytes: usize,

    /// Objects of input types in the arguments
    #[arg(long, env = "MAX_INPUT_OBJECTS", default_value_t = DocumentLimits::default().input_objects, value_name = "N", value_parser = count)]
    pub max_input_objects: usize,

    /// Filters within a filter, itself included
    #[arg(long, env = "MAX_FILTER_LEVELS", default_value_t = DocumentLimits::default().filter_levels, value_name = "N", value_parser = nesting)]
    pub max_filter_levels: usize,

    /// Conditions of a filter
    #[arg(long, env = "MAX_FILTER_CONDITIONS", default_value_t = DocumentLimits::default().filter_conditions, value_name = "N", value_parser = count)]
    pub max_filter_conditions: usize,

    /// Bytes of contacts' texts in an answer, and eight times those of JSON
    #[arg(long, env = "MAX_ANSWER_BYTES", default_value_t = DocumentLimits::default().answer_bytes, value_name = "N", value_parser = bytes)]
    pub max_answer_bytes: usize,

    /// Points that one operation may cost
    #[arg(long, env = "MAX_COMPLEXITY", default_value_t = DocumentLimits::default().complexity, value_name = "POINTS", value_parser = count)]
    pub max_complexity: usize,
}

impl DocumentSettings {
    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> DocumentLimits {
        DocumentLimits {
            bytes: self.max_document_bytes,
            tokens: self.max_document_tokens,
            nesting: self.max_document_nesting,
            selections: self.max_selections,
            aliases: self.max_aliases,
            directives: self.max_directives,
            directives_per_node: self.max_directives_per_node,
            variables: self.max_variables,
            operations: self.max_operations,
            fragments: self.max_fragments,
            depth: self.max_depth,
            introspection_lists: self.max_introspection_lists,
            argument_bytes: self.max_argument_bytes,
            input_objects: self.max_input_objects,
            filter_levels: self.max_filter_levels,
            filter_conditions: self.max_filter_conditions,
            answer_bytes: self.max_answer_bytes,
            complexity: self.max_complexity,
        }
    }
}

/// Rate limit of an organization.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits of an organization (beyond them: RATE_LIMITED)")]
pub struct RateSettings {
    /// Points that an organization may spend in a second, on average; 0 for no limit. The cost of an
    /// answer is in its `extensions.cost`
    #[arg(long, env = "RATE_POINTS", default_value_t = Rate::default().per_second, value_name = "POINTS", value_parser = clap::value_parser!(u32).range(..=1_000_000_000))]
    pub rate_points: u32,

    /// Points that an organization may spend at once, after it has rested
    #[arg(long, env = "RATE_BURST", default_value_t = Rate::default().burst, value_name = "POINTS", value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub rate_burst: u32,
}

impl RateSettings {
    /// Returns the rate.
    #[must_use]
    pub fn rate(&self) -> Rate {
        Rate { per_second: self.rate_points, burst: self.rate_burst }
    }
}

fn count(text: &str) -> Result<usize, String> {
    number(text, 10_000_000)
}

fn bytes(text: &str) -> Result<usize, String> {
    number(text, 1_000_000_000)
}

/// Reads a limit on nesting: each level takes stack of the parser, and of what comes after it.
fn nesting(text: &str) -> Result<usize, String> {
    number(text, 200)
}

fn number(text: &str, max: usize) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number <= max => Ok(number),
        _ => Err(format!("give a number from 0 to {max}")),
    }
}

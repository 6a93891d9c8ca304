//! Validation of documents: the compiler's rules, and those of graphql-js that the compiler lacks.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Node,
    ast::{Argument, DirectiveList, Document, InputValueDefinition, VariableDefinition},
    diagnostic::ToCliReport as _,
    executable::{Selection, SelectionSet},
    parser::SourceSpan,
    validation::{DiagnosticList, Valid},
};

use async_graphql::Pos;

use super::{
    locations::SourceLocations,
    merging,
    types::Types,
    values::{Coercion, Uncoerced, Variable, Variables},
};
use crate::{error::ErrorCode, graphql::error::ApiError};

/// Maximum number of errors that are reported for a document or its variables.
pub(super) const MAX_ERRORS: usize = 10;

/// Validates a document against the schema.
pub(super) fn validate(
    types: &Types,
    locations: &SourceLocations,
    document: &Document,
) -> Result<Valid<ExecutableDocument>, Vec<ApiError>> {
    let document = document
        .to_executable_validate(types.schema())
        .map_err(|invalid| to_errors(locations, &invalid.errors))?;
    let mut errors = value_errors(types, locations, &document);
    if errors.is_empty() {
        errors.extend(merging::first_conflict(types, locations, &document));
    }
    if errors.is_empty() { Ok(document) } else { Err(errors) }
}

/// Returns the error for the first of the parser's diagnostics.
pub(super) fn first_parse_error(locations: &SourceLocations, diagnostics: &DiagnosticList) -> ApiError {
    let found = diagnostics.iter().filter_map(|diagnostic| diagnostic.error.location());
    let first = found.min_by_key(SourceSpan::offset);
    parse_error(locations.start_of(first).unwrap_or(Pos { line: 1, column: 1 }), "it cannot be parsed")
}

/// Returns the error for a text that is not GraphQL. The message repeats nothing of the text, which may
/// hold personal data.
pub(super) fn parse_error(location: Pos, why: &str) -> ApiError {
    let Pos { line, column } = location;
    let message = format!("the document is not GraphQL at line {line}, column {column}: {why}");
    ApiError::new(ErrorCode::GraphqlParseFailed, message).at(Some(location))
}

/// Converts the compiler's diagnostics to errors, in the order of their locations, and at most one at each.
fn to_errors(locations: &SourceLocations, diagnostics: &DiagnosticList) -> Vec<ApiError> {
    let mut found: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.error.location(), diagnostic.error.to_string()))
        .collect();
    // The compiler drops unknown fields, and then reports that the field around them selects nothing.
    let unknown: Vec<usize> = found
        .iter()
        .filter(|(_, message)| message.contains(UNKNOWN_FIELD))
        .filter_map(|(span, _)| Some((*span)?.offset()))
        .collect();
    found.retain(|(span, message)| {
        let has_unknown = |span: SourceSpan| {
            unknown.iter().any(|offset| (span.offset()..span.end_offset()).contains(offset))
        };
        message != MISSING_SELECTIONS || !span.is_some_and(has_unknown)
    });
    found.sort_by_key(|(span, _)| span.map(|span| span.offset()));
    found.dedup_by_key(|(span, _)| span.map(|span| span.offset()));
    let reported = found.into_iter().take(MAX_ERRORS);
    reported
        .map(|(span, message)| {
            ApiError::new(ErrorCode::GraphqlValidationFailed, reworded(message)).at(locations.start_of(span))
        })
        .collect()
}

/// Part of the compiler's message for a field that a type does not have.
const UNKNOWN_FIELD: &str = "does not have a field";

/// The compiler's message for an object field without selections.
const MISSING_SELECTIONS: &str = "interface, union and object types must have a subselection set";

/// Rewords those messages of the compiler that would mislead: it calls the schema and the document "this
/// document".
fn reworded(message: String) -> String {
    if message == MISSING_SELECTIONS {
        return "the field is an object: select at least one of its fields".to_owned();
    }
    if let Some(kind) = message.strip_suffix(" root operation type is not defined") {
        return format!("the schema has no {kind} operations");
    }
    match message.strip_suffix(" in this document") {
        Some(start) if start.starts_with("cannot find fragment") => {
            format!("{start}: the document does not define it")
        }
        Some(start) => format!("{start} in the schema"),
        None => message,
    }
}

/// Returns the errors of arguments and defaults that the compiler does not find: input fields that are given
/// twice, `@oneOf`, variables in positions of other types, and values that the API's own scalars refuse.
fn value_errors(types: &Types, locations: &SourceLocations, document: &ExecutableDocument) -> Vec<ApiError> {
    let mut errors = Vec::new();
    for operation in document.operations.iter() {
        let variables = declared(&operation.variables);
        let mut validator = ValueValidator {
            types,
            document,
            // A declared variable has no value yet, so no bytes are copied, and none need a limit.
            coercion: Coercion::new(types, locations, &variables, usize::MAX),
            spread: HashSet::new(),
            errors: &mut errors,
        };
        for variable in &operation.variables {
            validator.default(variable);
        }
        validator.set(&operation.selection_set);
    }
    errors
}

fn declared(definitions: &[Node<VariableDefinition>]) -> Variables<'_> {
    definitions.iter().map(|variable| (variable.name.as_str(), Variable::Declared(variable))).collect()
}

/// Validator of the values in one operation, including the fragments that it spreads.
struct ValueValidator<'a, 'b> {
    types: &'b Types,
    document: &'a ExecutableDocument,
    coercion: Coercion<'b>,
    spread: HashSet<&'a str>,
    errors: &'b mut Vec<ApiError>,
}

impl<'a> ValueValidator<'a, '_> {
    fn default(&mut self, variable: &VariableDefinition) {
        if let Some(default) = &variable.default_value {
            let name = format!("${}", variable.name);
            let coerced = self.coercion.variable(&name, &variable.ty, Uncoerced::Literal(default));
            self.report(coerced.err());
        }
    }

    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments, &field.definition.arguments);
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment.filter(|_| self.spread.insert(&spread.fragment_name)) {
                        self.set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &DirectiveList) {
        let types = self.types;
        for directive in directives {
            if let Some(definition) = types.schema().directive_definitions.get(&directive.name) {
                self.arguments(&directive.arguments, &definition.arguments);
            }
        }
    }

    fn arguments(&mut self, given: &[Node<Argument>], definitions: &[Node<InputValueDefinition>]) {
        for argument in given {
            if let Some(definition) = definitions.iter().find(|definition| definition.name == argument.name) {
                let coerced = self.coercion.argument(definition, Uncoerced::Literal(&argument.value));
                self.report(coerced.err());
            }
        }
    }

    fn report(&mut self, error: Option<ApiError>) {
        self.errors.extend(error.filter(|_| self.errors.len() < MAX_ERRORS));
    }
}

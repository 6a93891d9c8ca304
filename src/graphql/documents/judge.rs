//! Validation: the compiler's rules, and what graphql-js refuses besides.

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
    merging,
    places::Places,
    types::Types,
    values::{Coercion, Given, Variable, Variables},
};
use crate::{error::ErrorCode, graphql::error::ApiError};

/// Maximum faults of a document that are told.
pub(super) const MAX_FAULTS: usize = 10;

/// Validates a document against the schema.
pub(super) fn validate(
    types: &Types,
    places: &Places,
    document: &Document,
) -> Result<Valid<ExecutableDocument>, Vec<ApiError>> {
    let document =
        document.to_executable_validate(types.schema()).map_err(|invalid| told(places, &invalid.errors))?;
    let mut faults = faults_of_values(types, places, &document);
    if faults.is_empty() {
        faults.extend(merging::first_conflict(types, places, &document));
    }
    if faults.is_empty() { Ok(document) } else { Err(faults) }
}

/// The first fault of a text that cannot be parsed.
pub(super) fn no_graphql(places: &Places, diagnostics: &DiagnosticList) -> ApiError {
    let found = diagnostics.iter().filter_map(|diagnostic| diagnostic.error.location());
    let first = found.min_by_key(SourceSpan::offset);
    unreadable(places.of(first).unwrap_or(Pos { line: 1, column: 1 }), "it cannot be parsed")
}

/// A text that is not GraphQL, and why; nothing of it is repeated.
pub(super) fn unreadable(place: Pos, why: &str) -> ApiError {
    let Pos { line, column } = place;
    let message = format!("the document is not GraphQL at line {line}, column {column}: {why}");
    ApiError::new(ErrorCode::GraphqlParseFailed, message).at(Some(place))
}

/// The compiler's diagnostics as errors, in the order of their places, and one at each place.
fn told(places: &Places, diagnostics: &DiagnosticList) -> Vec<ApiError> {
    let mut found: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.error.location(), diagnostic.error.to_string()))
        .collect();
    // A field without selections is no fault when those it had are unknown, and told.
    let unknown: Vec<usize> = found
        .iter()
        .filter(|(_, message)| message.contains(UNKNOWN))
        .filter_map(|(span, _)| Some((*span)?.offset()))
        .collect();
    found.retain(|(span, message)| {
        let selected =
            |span: SourceSpan| unknown.iter().any(|at| (span.offset()..span.end_offset()).contains(at));
        message != UNSELECTED || !span.is_some_and(selected)
    });
    found.sort_by_key(|(span, _)| span.map(|span| span.offset()));
    found.dedup_by_key(|(span, _)| span.map(|span| span.offset()));
    let faults = found.into_iter().take(MAX_FAULTS);
    faults
        .map(|(span, message)| {
            ApiError::new(ErrorCode::GraphqlValidationFailed, in_our_words(message)).at(places.of(span))
        })
        .collect()
}

/// Part of the compiler's message for a field that a type does not have.
const UNKNOWN: &str = "does not have a field";

/// The compiler's message for an object field without selections.
const UNSELECTED: &str = "interface, union and object types must have a subselection set";

/// A message of the compiler in our words, where its own would puzzle: it calls schema and document
/// "this document".
fn in_our_words(message: String) -> String {
    if message == UNSELECTED {
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

/// Faults of arguments and defaults that the compiler does not look for: fields given twice in an
/// input object, `@oneOf`, variables in places of other types, and values that are none of our own scalars.
fn faults_of_values(types: &Types, places: &Places, document: &ExecutableDocument) -> Vec<ApiError> {
    let mut faults = Vec::new();
    for operation in document.operations.iter() {
        let variables = declared(&operation.variables);
        let mut walk = Walk {
            types,
            document,
            coercion: Coercion::new(types, places, &variables, usize::MAX),
            spread: HashSet::new(),
            faults: &mut faults,
        };
        for variable in &operation.variables {
            walk.default(variable);
        }
        walk.set(&operation.selection_set);
    }
    faults
}

fn declared(definitions: &[Node<VariableDefinition>]) -> Variables<'_> {
    definitions.iter().map(|variable| (variable.name.as_str(), Variable::Declared(variable))).collect()
}

struct Walk<'a, 'b> {
    types: &'b Types,
    document: &'a ExecutableDocument,
    coercion: Coercion<'b>,
    spread: HashSet<&'a str>,
    faults: &'b mut Vec<ApiError>,
}

impl<'a> Walk<'a, '_> {
    fn default(&mut self, variable: &VariableDefinition) {
        if let Some(default) = &variable.default_value {
            let name = format!("${}", variable.name);
            let coerced = self.coercion.variable(&name, &variable.ty, Given::Literal(default));
            self.note(coerced.err());
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
                let coerced = self.coercion.argument(definition, Given::Literal(&argument.value));
                self.note(coerced.err());
            }
        }
    }

    fn note(&mut self, fault: Option<ApiError>) {
        self.faults.extend(fault.filter(|_| self.faults.len() < MAX_FAULTS));
    }
}

//! Normal form of an operation, which is what the library executes.
//!
//! It has no variables, no fragment definitions, and no `@skip` and `@include`: all of them are resolved.
//! Each object type has a response key once, with the merged selections of all fields of that key, as in
//! `CollectFields` of the specification. The selections of an interface or union become one inline fragment
//! for each possible type, if a fragment of the document makes a difference between the types.
//! <https://spec.graphql.org/October2021/#CollectFields()>

mod variables;

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Node,
    ast::{DirectiveList, Value as Literal},
    executable::{Field, Operation, Selection, SelectionSet},
};
use async_graphql::{
    Name, Pos, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{
        self as executed, DocumentOperations, InlineFragment, OperationDefinition, TypeCondition,
    },
};

pub(in crate::graphql) use self::variables::VariableArgument;
pub(super) use self::variables::coerce_variables;
use super::{
    DocumentLimits,
    locations::SourceLocations,
    types::Types,
    values::{self, Coercion, Uncoerced, Variable, Variables},
    within,
};
use crate::{error::ErrorCode, graphql::error::ApiError};

/// An operation in its normal form.
pub(in crate::graphql) struct NormalOperation {
    pub(in crate::graphql) operation: OperationDefinition,
    /// Response keys under which the answer has the schema's description: of `__schema`, and of `description`
    /// in it.
    pub(in crate::graphql) schema_descriptions: Vec<(Name, Name)>,
    /// Arguments of root fields that are variables in the document.
    pub(in crate::graphql) variable_arguments: Vec<VariableArgument>,
}

impl NormalOperation {
    /// Converts to a document with this operation only.
    pub(in crate::graphql) fn into_document(self) -> executed::ExecutableDocument {
        let operations = DocumentOperations::Single(unlocated(self.operation));
        executed::ExecutableDocument { operations, fragments: HashMap::new() }
    }
}

/// Returns the normal form of an operation with its coerced variables.
pub(super) fn normalize(
    types: &Types,
    locations: &SourceLocations,
    limits: &DocumentLimits,
    document: &ExecutableDocument,
    operation: &Node<Operation>,
    variables: &Variables<'_>,
) -> Result<NormalOperation, ApiError> {
    let mut builder = Builder {
        types,
        locations,
        limits,
        document,
        variables,
        coercion: Coercion::new(types, locations, variables, limits.argument_bytes),
        selections: 0,
        argument_bytes: 0,
        depth: 0,
        variable_arguments: Vec::new(),
    };
    let root = [&operation.selection_set];
    let selection_set = builder.set(operation.object_type(), &root)?;
    let schema_descriptions = schema_descriptions(&selection_set);
    let operation = OperationDefinition {
        ty: super::kind(operation),
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: unlocated(selection_set),
    };
    Ok(NormalOperation { operation, schema_descriptions, variable_arguments: builder.variable_arguments })
}

/// Builder of one normal form.
struct Builder<'a> {
    types: &'a Types,
    locations: &'a SourceLocations,
    limits: &'a DocumentLimits,
    document: &'a ExecutableDocument,
    variables: &'a Variables<'a>,
    coercion: Coercion<'a>,
    /// Selections seen so far.
    selections: usize,
    /// Bytes of the arguments so far.
    argument_bytes: usize,
    /// Number of selection sets around the field at hand.
    depth: usize,
    variable_arguments: Vec<VariableArgument>,
}

/// Fields of a selection set by response key, in the order of the answer.
type Fields<'a> = IndexMap<&'a str, Vec<&'a Node<Field>>>;

impl<'a> Builder<'a> {
    /// Merges selection sets on the type `on`.
    fn set(&mut self, on: &str, sets: &[&'a SelectionSet]) -> Result<executed::SelectionSet, ApiError> {
        let types = self.types;
        let objects = types.possible(on).filter(|_| self.distinguishes_types(sets, &mut HashSet::new()));
        let Some(objects) = objects else {
            return self.fields(on, sets);
        };
        let mut items = Vec::new();
        for object in objects {
            let selection_set = self.fields(object, sets)?;
            if !selection_set.items.is_empty() {
                items.push(unlocated(executed::Selection::InlineFragment(unlocated(InlineFragment {
                    type_condition: Some(unlocated(TypeCondition { on: unlocated(Name::new(object)) })),
                    directives: Vec::new(),
                    selection_set: unlocated(selection_set),
                }))));
            }
        }
        Ok(executed::SelectionSet { items })
    }

    /// Returns true if any fragment in selections of an interface or union is on another type than theirs.
    fn distinguishes_types(&self, sets: &[&'a SelectionSet], spread: &mut HashSet<&'a str>) -> bool {
        sets.iter().any(|set| {
            set.selections.iter().any(|selection| {
                let below = match selection {
                    Selection::Field(_) => return false,
                    Selection::InlineFragment(fragment) => &fragment.selection_set,
                    Selection::FragmentSpread(one) => {
                        let fragment = self.document.fragments.get(&one.fragment_name);
                        match fragment.filter(|_| spread.insert(&one.fragment_name)) {
                            Some(fragment) => &fragment.selection_set,
                            None => return false,
                        }
                    }
                };
                below.ty != set.ty || self.distinguishes_types(&[below], spread)
            })
        })
    }

    /// Merges the fields that selection sets select of an object type, or of an interface if no fragment
    /// makes a difference between its types.
    fn fields(&mut self, on: &str, sets: &[&'a SelectionSet]) -> Result<executed::SelectionSet, ApiError> {
        let mut fields = Fields::new();
        // Spread a second time, a fragment would add the same fields, which merge with themselves.
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(on, set, &mut spread, &mut fields)?;
        }
        let mut items = Vec::with_capacity(fields.len());
        self.depth += 1;
        for same in fields.values() {
            if let Some(field) = self.field(same)? {
                items.push(unlocated(executed::Selection::Field(field)));
            }
        }
        self.depth -= 1;
        Ok(executed::SelectionSet { items })
    }

    fn collect(
        &mut self,
        on: &str,
        set: &'a SelectionSet,
        spread: &mut HashSet<&'a str>,
        fields: &mut Fields<'a>,
    ) -> Result<(), ApiError> {
        for selection in &set.selections {
            // Counted before `@skip` is looked at: a selection that is skipped costs time too.
            self.selections += 1;
            within("selections", self.limits.selections, self.selections)?;
            if !self.is_included(selection.directives())? {
                continue;
            }
            let below = match selection {
                Selection::Field(field) => {
                    fields.entry(field.response_key().as_str()).or_default().push(field);
                    continue;
                }
                Selection::InlineFragment(fragment) => &fragment.selection_set,
                Selection::FragmentSpread(one) => {
                    if !spread.insert(&one.fragment_name) {
                        continue;
                    }
                    let Some(fragment) = self.document.fragments.get(&one.fragment_name) else { continue };
                    &fragment.selection_set
                }
            };
            if below.ty == on || self.types.applies(&below.ty, on) {
                self.collect(on, below, spread, fields)?;
            }
        }
        Ok(())
    }

    /// Merges fields of one response key to one field. Their arguments are equal, as validation has checked,
    /// so those of the first are used.
    fn field(&mut self, same: &[&'a Node<Field>]) -> Result<Option<Positioned<executed::Field>>, ApiError> {
        let Some(first) = same.first() else { return Ok(None) };
        let location = self.locations.start_of(first.location()).unwrap_or_default();
        let of = first.ty().inner_named_type();
        let selection_set = if self.types.is_leaf(of) {
            executed::SelectionSet::default()
        } else {
            let below: Vec<_> = same.iter().map(|field| &field.selection_set).collect();
            self.set(of, &below)?
        };
        let field = executed::Field {
            alias: first.alias.as_ref().map(|alias| Positioned::new(Name::new(alias), location)),
            name: Positioned::new(Name::new(&first.name), location),
            arguments: self.arguments(first)?,
            directives: Vec::new(),
            selection_set: Positioned::new(selection_set, location),
        };
        Ok(Some(Positioned::new(field, location)))
    }

    #[expect(clippy::type_complexity, reason = "the library's own type")]
    fn arguments(
        &mut self,
        field: &'a Field,
    ) -> Result<Vec<(Positioned<Name>, Positioned<async_graphql_value::Value>)>, ApiError> {
        let mut arguments = Vec::with_capacity(field.arguments.len());
        for argument in &field.arguments {
            let Some(definition) = field.definition.argument_by_name(&argument.name) else { continue };
            let given = Uncoerced::Literal(&argument.value);
            let Some(value) = self.coercion.argument(definition, given)? else { continue };
            // The library refuses null for this argument of introspection, where null means the default.
            if value == Value::Null && argument.name == "includeDeprecated" {
                continue;
            }
            self.argument_bytes = self.argument_bytes.saturating_add(values::bytes(&value));
            within("argumentBytes", self.limits.argument_bytes, self.argument_bytes)?;
            let location = self.locations.start_of(argument.location()).unwrap_or_default();
            let name = Name::new(&argument.name);
            if self.depth == 1
                && let Some(variable) = argument.value.as_variable()
            {
                let field = Name::new(field.response_key());
                let variable = Name::new(variable);
                self.variable_arguments.push(VariableArgument { field, argument: name.clone(), variable });
            }
            let name = Positioned::new(name, location);
            arguments.push((name, Positioned::new(value.into_value(), location)));
        }
        Ok(arguments)
    }

    /// Returns true if `@skip` and `@include` leave a selection in the operation.
    fn is_included(&self, directives: &DirectiveList) -> Result<bool, ApiError> {
        Ok(!self.condition(directives, "skip", false)? && self.condition(directives, "include", true)?)
    }

    /// Returns the `if` argument of a directive, or `default` if the directive is absent.
    fn condition(&self, directives: &DirectiveList, name: &str, default: bool) -> Result<bool, ApiError> {
        let argument = directives.get(name).and_then(|directive| directive.specified_argument_by_name("if"));
        let Some(value) = argument else { return Ok(default) };
        let decided = match value.as_ref() {
            Literal::Boolean(decided) => Some(*decided),
            Literal::Variable(variable) => match self.variables.get(variable.as_str()) {
                Some(Variable::Coerced { value: Value::Boolean(decided), .. }) => Some(*decided),
                _ => None,
            },
            _ => None,
        };
        decided.ok_or_else(|| {
            let message = format!("the variable of `@{name}` may not be null");
            ApiError::new(ErrorCode::BadUserInput, message).at(self.locations.start_of(value.location()))
        })
    }
}

/// Returns the response keys of each `__schema`, and of each `description` in it.
fn schema_descriptions(root: &executed::SelectionSet) -> Vec<(Name, Name)> {
    let mut found = Vec::new();
    for schema in fields_named(root, "__schema") {
        for description in fields_named(&schema.selection_set.node, "description") {
            found.push((schema.response_key().node.clone(), description.response_key().node.clone()));
        }
    }
    found
}

fn fields_named<'a>(
    set: &'a executed::SelectionSet,
    name: &'a str,
) -> impl Iterator<Item = &'a executed::Field> {
    set.items.iter().filter_map(move |item| match &item.node {
        executed::Selection::Field(field) if field.node.name.node == name => Some(&field.node),
        _ => None,
    })
}

/// Wraps a part of the normal form to which no error refers.
fn unlocated<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}

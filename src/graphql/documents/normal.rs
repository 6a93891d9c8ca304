//! The normal form of an operation: what is executed.
//!
//! It has no variables, no fragment definitions, no `@skip` and `@include`: their values are filled in.
//! As `CollectFields` of the specification has it, a response key stands once for each concrete type,
//! with the selections of all fields of that key merged. Beneath an interface there is one inline
//! fragment for each type, where a fragment of the document tells the types apart.
//! <https://spec.graphql.org/October2021/#CollectFields()>

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Node,
    ast::{DirectiveList, Value as Literal, VariableDefinition},
    executable::{Field, Operation, Selection, SelectionSet},
};
use async_graphql::{
    Name, Pos, Positioned, Value, Variables as Sent,
    indexmap::IndexMap,
    parser::types::{
        self as executed, DocumentOperations, InlineFragment, OperationDefinition, TypeCondition,
    },
};

use super::{
    DocumentLimits, judge,
    places::Places,
    types::Types,
    values::{self, Coercion, Given, Variable, Variables},
    within,
};
use crate::{error::ErrorCode, graphql::error::ApiError};

/// An operation ready to be executed.
pub(in crate::graphql) struct Normal {
    pub(in crate::graphql) operation: OperationDefinition,
    /// Where the answer has the schema's description: a root field, and a field of it.
    pub(in crate::graphql) schema_descriptions: Vec<(Name, Name)>,
}

impl Normal {
    /// The document that has this operation only.
    pub(in crate::graphql) fn into_document(self) -> executed::ExecutableDocument {
        let operations = DocumentOperations::Single(unplaced(self.operation));
        executed::ExecutableDocument { operations, fragments: HashMap::new() }
    }
}

/// The values of an operation's variables, with their defaults.
pub(super) fn variables<'a>(
    types: &Types,
    places: &Places,
    operation: &'a Operation,
    given: &Sent,
) -> Result<Variables<'a>, Vec<ApiError>> {
    let none = Variables::new();
    let mut found = Variables::new();
    let mut faults = Vec::new();
    for definition in &operation.variables {
        let mut coercion = Coercion::new(types, places, &none, usize::MAX);
        match variable(&mut coercion, definition, given.get(definition.name.as_str())) {
            Ok(variable) => drop(found.insert(definition.name.as_str(), variable)),
            Err(fault) => faults.push(fault.at_unless_known(places.of(definition.location()))),
        }
    }
    faults.truncate(judge::MAX_FAULTS);
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn variable<'a>(
    coercion: &mut Coercion<'_>,
    definition: &'a VariableDefinition,
    given: Option<&Value>,
) -> Result<Variable<'a>, ApiError> {
    let name = format!("${}", definition.name);
    let given = match (given, &definition.default_value) {
        (Some(value), _) => Given::Json(value),
        (None, Some(default)) => Given::Literal(default),
        (None, None) if !definition.ty.is_non_null() => return Ok(Variable::Omitted),
        (None, None) => {
            return Err(ApiError::new(ErrorCode::BadUserInput, format!("the variable `{name}` is required")));
        }
    };
    let value = coercion.variable(&name, &definition.ty, given)?;
    let bytes = values::bytes(&value);
    Ok(Variable::Given { value, bytes })
}

/// The normal form of an operation with its variables.
pub(super) fn form(
    types: &Types,
    places: &Places,
    limits: &DocumentLimits,
    document: &ExecutableDocument,
    operation: &Node<Operation>,
    variables: &Variables<'_>,
) -> Result<Normal, ApiError> {
    let mut builder = Builder {
        types,
        places,
        limits,
        document,
        variables,
        coercion: Coercion::new(types, places, variables, limits.argument_bytes),
        selections: 0,
        argument_bytes: 0,
    };
    let root = [&operation.selection_set];
    let selection_set = builder.set(operation.object_type(), &root)?;
    let schema_descriptions = schema_descriptions(&selection_set);
    let operation = OperationDefinition {
        ty: super::kind(operation),
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: unplaced(selection_set),
    };
    Ok(Normal { operation, schema_descriptions })
}

struct Builder<'a> {
    types: &'a Types,
    places: &'a Places,
    limits: &'a DocumentLimits,
    document: &'a ExecutableDocument,
    variables: &'a Variables<'a>,
    coercion: Coercion<'a>,
    selections: usize,
    argument_bytes: usize,
}

/// The fields of a selection set by response key, in the order of the answer.
type Fields<'a> = IndexMap<&'a str, Vec<&'a Node<Field>>>;

impl<'a> Builder<'a> {
    /// The merged selections of `sets`, all of them on the type `on`.
    fn set(&mut self, on: &str, sets: &[&'a SelectionSet]) -> Result<executed::SelectionSet, ApiError> {
        let types = self.types;
        let objects = types.possible(on).filter(|_| self.tells_apart(sets, &mut HashSet::new()));
        let Some(objects) = objects else {
            return self.fields(on, sets);
        };
        let mut items = Vec::new();
        for object in objects {
            let selection_set = self.fields(object, sets)?;
            if !selection_set.items.is_empty() {
                items.push(unplaced(executed::Selection::InlineFragment(unplaced(InlineFragment {
                    type_condition: Some(unplaced(TypeCondition { on: unplaced(Name::new(object)) })),
                    directives: Vec::new(),
                    selection_set: unplaced(selection_set),
                }))));
            }
        }
        Ok(executed::SelectionSet { items })
    }

    /// Whether any fragment among selections of an interface or union is on another type than that.
    fn tells_apart(&self, sets: &[&'a SelectionSet], spread: &mut HashSet<&'a str>) -> bool {
        sets.iter().any(|set| {
            set.selections.iter().any(|selection| {
                let below = match selection {
                    Selection::Field(_) => return false,
                    Selection::InlineFragment(fragment) => &fragment.selection_set,
                    Selection::FragmentSpread(spread_) => {
                        let fragment = self.document.fragments.get(&spread_.fragment_name);
                        match fragment.filter(|_| spread.insert(&spread_.fragment_name)) {
                            Some(fragment) => &fragment.selection_set,
                            None => return false,
                        }
                    }
                };
                below.ty != set.ty || self.tells_apart(&[below], spread)
            })
        })
    }

    /// The merged fields that `sets` select of an object, or of an interface that none of them tells apart.
    fn fields(&mut self, on: &str, sets: &[&'a SelectionSet]) -> Result<executed::SelectionSet, ApiError> {
        let mut fields = Fields::new();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(on, set, &mut spread, &mut fields)?;
        }
        let mut items = Vec::with_capacity(fields.len());
        for same in fields.values() {
            if let Some(field) = self.field(same)? {
                items.push(unplaced(executed::Selection::Field(field)));
            }
        }
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

    /// One field for all that have its response key.
    fn field(&mut self, same: &[&'a Node<Field>]) -> Result<Option<Positioned<executed::Field>>, ApiError> {
        let Some(first) = same.first() else { return Ok(None) };
        let place = self.places.of(first.location()).unwrap_or_default();
        let of = first.ty().inner_named_type();
        let selection_set = if self.types.is_leaf(of) {
            executed::SelectionSet::default()
        } else {
            let below: Vec<_> = same.iter().map(|field| &field.selection_set).collect();
            self.set(of, &below)?
        };
        let field = executed::Field {
            alias: first.alias.as_ref().map(|alias| Positioned::new(Name::new(alias), place)),
            name: Positioned::new(Name::new(&first.name), place),
            arguments: self.arguments(first)?,
            directives: Vec::new(),
            selection_set: Positioned::new(selection_set, place),
        };
        Ok(Some(Positioned::new(field, place)))
    }

    #[expect(clippy::type_complexity, reason = "the library's own type")]
    fn arguments(
        &mut self,
        field: &'a Field,
    ) -> Result<Vec<(Positioned<Name>, Positioned<async_graphql_value::Value>)>, ApiError> {
        let mut arguments = Vec::with_capacity(field.arguments.len());
        for argument in &field.arguments {
            let Some(definition) = field.definition.argument_by_name(&argument.name) else { continue };
            let given = Given::Literal(&argument.value);
            let Some(value) = self.coercion.argument(definition, given)? else { continue };
            // The library takes no null here, where it means the default.
            if value == Value::Null && argument.name == "includeDeprecated" {
                continue;
            }
            self.argument_bytes = self.argument_bytes.saturating_add(values::bytes(&value));
            within("argumentBytes", self.limits.argument_bytes, self.argument_bytes)?;
            let place = self.places.of(argument.location()).unwrap_or_default();
            let name = Positioned::new(Name::new(&argument.name), place);
            arguments.push((name, Positioned::new(value.into_value(), place)));
        }
        Ok(arguments)
    }

    /// Whether `@skip` and `@include` let a selection stand.
    fn is_included(&self, directives: &DirectiveList) -> Result<bool, ApiError> {
        Ok(!self.condition(directives, "skip", false)? && self.condition(directives, "include", true)?)
    }

    /// The `if` of a directive, or what its absence means.
    fn condition(&self, directives: &DirectiveList, name: &str, absent: bool) -> Result<bool, ApiError> {
        let argument = directives.get(name).and_then(|directive| directive.specified_argument_by_name("if"));
        let Some(value) = argument else { return Ok(absent) };
        let decided = match value.as_ref() {
            Literal::Boolean(decided) => Some(*decided),
            Literal::Variable(variable) => match self.variables.get(variable.as_str()) {
                Some(Variable::Given { value: Value::Boolean(decided), .. }) => Some(*decided),
                _ => None,
            },
            _ => None,
        };
        decided.ok_or_else(|| {
            let message = format!("the variable of `@{name}` may not be null");
            ApiError::new(ErrorCode::BadUserInput, message).at(self.places.of(value.location()))
        })
    }
}

/// The response keys of `__schema` and of `description` in it.
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

/// A part of the normal form that no error points to.
fn unplaced<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}

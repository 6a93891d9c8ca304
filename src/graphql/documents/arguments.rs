//! The arguments of a document, and the variables in them.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value as Written;

/// What a value counts beside the bytes of its text: an empty one takes memory too.
const VALUE: usize = 10;

/// What the arguments of one operation come to.
pub(super) struct Arguments<'a> {
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// The bytes of variables, each counted once: one may be used thousands of times.
    bytes: HashMap<Name, usize>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(operation: &'a OperationDefinition, variables: &'a Variables) -> Self {
        Self { operation, variables, bytes: HashMap::new() }
    }

    /// What a variable stands for, its default included.
    pub(super) fn variable(&self, name: &Name) -> Option<&'a Value> {
        let default = || {
            let mut definitions =
                self.operation.variable_definitions.iter().map(|definition| &definition.node);
            let definition = definitions.find(|definition| definition.name.node == *name)?;
            definition.default_value.as_ref().map(|value| &value.node)
        };
        self.variables.get(name).or_else(default)
    }

    /// An argument as the field is given it.
    pub(super) fn filled(&self, field: &Field, name: &str) -> Option<Value> {
        filled_with(field, name, |variable| self.variable(variable).cloned())
    }

    /// The bytes of all arguments that validation fills in: those of fields and directives in the
    /// operation, and in every fragment, whether it is spread or not.
    pub(super) fn bytes_to_validate(&mut self, document: &ExecutableDocument) -> usize {
        let fragments = document.fragments.values().map(|fragment| &fragment.node);
        let of_fragments = fragments.map(|fragment| {
            let own = self.of_directives(&fragment.directives);
            own.saturating_add(self.of_set(&fragment.selection_set.node))
        });
        let of_fragments = of_fragments.fold(0, usize::saturating_add);
        let operation = self.operation;
        let own = self.of_directives(&operation.directives);
        of_fragments.saturating_add(own).saturating_add(self.of_set(&operation.selection_set.node))
    }

    /// The bytes of a field's own arguments with their variables, which are filled in each time the
    /// field is executed.
    pub(super) fn bytes(&mut self, field: &Field) -> usize {
        self.of_all(&field.arguments)
    }

    fn of_set(&mut self, set: &SelectionSet) -> usize {
        let mut whole = 0_usize;
        for selection in &set.items {
            let (own, directives, below) = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    (self.bytes(field), &field.directives, Some(&field.selection_set))
                }
                Selection::FragmentSpread(spread) => (0, &spread.node.directives, None),
                Selection::InlineFragment(fragment) => {
                    (0, &fragment.node.directives, Some(&fragment.node.selection_set))
                }
            };
            let below = below.map_or(0, |below| self.of_set(&below.node));
            whole = whole.saturating_add(own).saturating_add(below);
            whole = whole.saturating_add(self.of_directives(directives));
        }
        whole
    }

    fn of_directives(&mut self, directives: &[Positioned<Directive>]) -> usize {
        directives
            .iter()
            .map(|directive| self.of_all(&directive.node.arguments))
            .fold(0, usize::saturating_add)
    }

    fn of_all(&mut self, arguments: &[(Positioned<Name>, Positioned<Written>)]) -> usize {
        arguments.iter().map(|(_, value)| self.of_one(&value.node)).fold(0, usize::saturating_add)
    }

    fn of_one(&mut self, value: &Written) -> usize {
        match value {
            Written::Variable(name) => self.of_variable(name),
            Written::String(text) => VALUE.saturating_add(text.len()),
            Written::List(items) => {
                items.iter().fold(VALUE, |sum, item| sum.saturating_add(self.of_one(item)))
            }
            Written::Object(members) => members.iter().fold(VALUE, |sum, (name, value)| {
                sum.saturating_add(name.len()).saturating_add(self.of_one(value))
            }),
            _ => VALUE,
        }
    }

    fn of_variable(&mut self, name: &Name) -> usize {
        if let Some(known) = self.bytes.get(name) {
            return *known;
        }
        let bytes = self.variable(name).map_or(VALUE, bytes);
        self.bytes.insert(name.clone(), bytes);
        bytes
    }
}

/// An argument with only those variables in it that `keep` gives; null in the place of others.
pub(super) fn filled_with(
    field: &Field,
    name: &str,
    mut keep: impl FnMut(&Name) -> Option<Value>,
) -> Option<Value> {
    let value = field.get_argument(name)?.node.clone();
    value.into_const_with(|variable| Ok::<_, ()>(keep(&variable).unwrap_or_default())).ok()
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => VALUE.saturating_add(text.len()),
        Value::List(items) => items.iter().map(bytes).fold(VALUE, usize::saturating_add),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len().saturating_add(bytes(value)));
            members.fold(VALUE, usize::saturating_add)
        }
        _ => VALUE,
    }
}

//! The arguments of an operation's fields, and the variables in them.

use std::{collections::HashMap, convert::Infallible};

use async_graphql::{
    Name, Value, Variables,
    parser::types::{Field, OperationDefinition},
};

/// What the arguments of one operation are.
pub(super) struct Arguments<'a> {
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// How large variables are, each measured once: one may be used thousands of times.
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

    /// How large all arguments of a field are with their variables, in bytes of text and one for each
    /// other value: as much is copied each time the field is executed.
    pub(super) fn bytes(&mut self, field: &Field) -> usize {
        let mut whole = 0_usize;
        for (_, value) in &field.arguments {
            let written = value.node.clone().into_const_with(|variable| {
                whole = whole.saturating_add(self.bytes_of(variable));
                Ok::<_, Infallible>(Value::Null)
            });
            whole = whole.saturating_add(written.map_or(0, |value| length(&value)));
        }
        whole
    }

    fn bytes_of(&mut self, variable: Name) -> usize {
        if let Some(known) = self.bytes.get(&variable) {
            return *known;
        }
        let length = self.variable(&variable).map_or(0, length);
        self.bytes.insert(variable, length);
        length
    }
}

/// An argument with only those variables in it that `keep` gives; null in the place of others.
pub(super) fn filled_with(
    field: &Field,
    name: &str,
    mut keep: impl FnMut(&Name) -> Option<Value>,
) -> Option<Value> {
    let value = field.get_argument(name)?.node.clone();
    value.into_const_with(|variable| Ok::<_, Infallible>(keep(&variable).unwrap_or_default())).ok()
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::List(items) => items.iter().map(length).fold(1, usize::saturating_add),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len().saturating_add(length(value)));
            members.fold(1, usize::saturating_add)
        }
        _ => 1,
    }
}

//! Size of the input objects among the arguments: their number, and the depth and length of filters.
//!
//! A filter is an input type with a field of the same type.

use std::collections::HashMap;

use apollo_compiler::{ast::InputValueDefinition, schema::ExtendedType};
use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use super::types::Types;

/// Input types of the schema.
#[derive(Debug)]
pub(super) struct InputTypes {
    /// Fields of each input type, by the names of both.
    types: HashMap<String, HashMap<String, InputField>>,
}

#[derive(Debug)]
struct InputField {
    type_name: String,
    is_optional: bool,
}

/// Size of the input among arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct InputSize {
    /// Number of input objects. An empty one counts like a full one, since the executor makes it with all
    /// fields of its type.
    pub(super) objects: usize,
    /// Size of the largest filter.
    pub(super) filter: FilterSize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FilterSize {
    /// Depth of filters within filters; a filter by itself has one level.
    pub(super) levels: usize,
    /// Number of operators with a value, in the filter and in those within it. A filter without operators
    /// counts as one.
    pub(super) conditions: usize,
}

impl InputSize {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            objects: self.objects.saturating_add(other.objects),
            filter: self.filter.or_larger(other.filter),
        }
    }
}

impl FilterSize {
    fn or_larger(self, other: Self) -> Self {
        Self { levels: self.levels.max(other.levels), conditions: self.conditions.max(other.conditions) }
    }

    fn beside(self, other: Self) -> Self {
        Self { conditions: self.conditions.saturating_add(other.conditions), ..self.or_larger(other) }
    }
}

impl InputTypes {
    pub(super) fn new(types: &Types) -> Self {
        let types = types.schema().types.iter().filter_map(|(name, definition)| match definition {
            ExtendedType::InputObject(input) => {
                let fields = input.fields.iter().map(|(name, field)| (name.to_string(), input_field(field)));
                Some((name.to_string(), fields.collect()))
            }
            _ => None,
        });
        Self { types: types.collect() }
    }

    /// Returns the size of the input among a field's arguments, whose definitions are given.
    pub(super) fn size<'a>(
        &self,
        field: &Field,
        definitions: impl Iterator<Item = &'a InputValueDefinition>,
    ) -> InputSize {
        let given = definitions.filter_map(|definition| {
            let name = definition.ty.inner_named_type().as_str();
            let value = &field.get_argument(&definition.name)?.node;
            Some(InputSize { objects: self.objects(value, name), filter: self.largest_filter(value, name) })
        });
        given.fold(InputSize::default(), InputSize::plus)
    }

    /// Counts the input objects in a value of the type `name`.
    fn objects(&self, value: &Value, name: &str) -> usize {
        match value {
            Value::List(items) => items.iter().map(|item| self.objects(item, name)).sum(),
            Value::Object(members) if self.types.contains_key(name) => {
                let below = members
                    .iter()
                    .filter_map(|(key, value)| Some(self.objects(value, &self.field(name, key)?.type_name)));
                1 + below.sum::<usize>()
            }
            _ => 0,
        }
    }

    /// Returns the size of the largest filter in a value of the type `name`.
    fn largest_filter(&self, value: &Value, name: &str) -> FilterSize {
        let sizes: Vec<_> = match value {
            Value::List(items) => items.iter().map(|item| self.largest_filter(item, name)).collect(),
            Value::Object(_) if self.is_filter(name) => vec![self.filter(value, name)],
            Value::Object(members) => {
                let known = members.iter().filter_map(|(key, value)| Some((self.field(name, key)?, value)));
                known.map(|(field, value)| self.largest_filter(value, &field.type_name)).collect()
            }
            _ => vec![],
        };
        sizes.into_iter().fold(FilterSize::default(), FilterSize::or_larger)
    }

    /// Returns the size of a filter of the type `name`, or of a list of them.
    fn filter(&self, value: &Value, name: &str) -> FilterSize {
        match value {
            Value::List(filters) => {
                let sizes = filters.iter().map(|filter| self.filter(filter, name));
                sizes.fold(FilterSize::default(), FilterSize::beside)
            }
            Value::Object(members) => {
                let known = members.iter().filter_map(|(key, value)| Some((self.field(name, key)?, value)));
                let sizes = known.map(|(field, value)| {
                    if field.type_name == name {
                        self.filter(value, name)
                    } else {
                        FilterSize { levels: 0, conditions: self.conditions(value, &field.type_name) }
                    }
                });
                let FilterSize { levels, conditions } = sizes.fold(FilterSize::default(), FilterSize::beside);
                // An empty filter matches every row, which is not free either.
                FilterSize { levels: levels + 1, conditions: conditions.max(1) }
            }
            _ => FilterSize::default(),
        }
    }

    /// Counts the operators in a field of a filter. A scalar counts as one.
    fn conditions(&self, value: &Value, name: &str) -> usize {
        match value {
            Value::Null => 0,
            Value::List(items) => items.iter().map(|item| self.conditions(item, name)).sum(),
            Value::Object(operators) if self.types.contains_key(name) => {
                // A required field, such as the key of a metadata filter, selects what the operators are
                // applied to.
                let given = operators.iter().filter(|(_, value)| **value != Value::Null);
                given.filter(|(key, _)| self.field(name, key).is_some_and(|field| field.is_optional)).count()
            }
            _ => 1,
        }
    }

    fn is_filter(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|fields| fields.values().any(|field| field.type_name == name))
    }

    fn field(&self, type_name: &str, name: &str) -> Option<&InputField> {
        self.types.get(type_name)?.get(name)
    }
}

fn input_field(definition: &InputValueDefinition) -> InputField {
    InputField {
        type_name: definition.ty.inner_named_type().to_string(),
        is_optional: !definition.ty.is_non_null(),
    }
}

//! Input objects among the arguments: how many there are, and how deep and long filters are.
//!
//! A filter is an input that may be part of one of its own kind.

use std::collections::HashMap;

use apollo_compiler::{ast::InputValueDefinition, schema::ExtendedType};
use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use super::types::Types;

/// The input types of the schema.
#[derive(Debug)]
pub(super) struct Inputs {
    /// The members of each input.
    inputs: HashMap<String, HashMap<String, Member>>,
}

#[derive(Debug)]
struct Member {
    of: String,
    is_optional: bool,
}

/// How much input there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Input objects in all: each is as large as all that its type can hold, even if it is empty.
    pub(super) objects: usize,
    /// The size of the largest filter.
    pub(super) filter: FilterSize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FilterSize {
    /// Filters within filters, itself included.
    pub(super) levels: usize,
    /// Operators with a value, in it and in those within; a filter without any counts as one.
    pub(super) conditions: usize,
}

impl Size {
    pub(super) fn and(self, other: Self) -> Self {
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

impl Inputs {
    pub(super) fn new(types: &Types) -> Self {
        let inputs = types.schema().types.iter().filter_map(|(name, definition)| match definition {
            ExtendedType::InputObject(input) => {
                let members = input.fields.iter().map(|(name, field)| (name.to_string(), member(field)));
                Some((name.to_string(), members.collect()))
            }
            _ => None,
        });
        Self { inputs: inputs.collect() }
    }

    /// The size of the input among a field's arguments, which `definitions` are of.
    pub(super) fn size<'a>(
        &self,
        field: &Field,
        definitions: impl Iterator<Item = &'a InputValueDefinition>,
    ) -> Size {
        let given = definitions.filter_map(|definition| {
            let of = definition.ty.inner_named_type().as_str();
            let value = &field.get_argument(&definition.name)?.node;
            Some(Size { objects: self.objects(value, of), filter: self.largest_filter(value, of) })
        });
        given.fold(Size::default(), Size::and)
    }

    /// How many objects of input types there are in a value.
    fn objects(&self, value: &Value, of: &str) -> usize {
        match value {
            Value::List(items) => items.iter().map(|item| self.objects(item, of)).sum(),
            Value::Object(members) if self.inputs.contains_key(of) => {
                let below = members
                    .iter()
                    .filter_map(|(name, value)| Some(self.objects(value, &self.member(of, name)?.of)));
                1 + below.sum::<usize>()
            }
            _ => 0,
        }
    }

    /// The largest filter in a value of an input type.
    fn largest_filter(&self, value: &Value, of: &str) -> FilterSize {
        let sizes: Vec<_> = match value {
            Value::List(items) => items.iter().map(|item| self.largest_filter(item, of)).collect(),
            Value::Object(_) if self.is_filter(of) => vec![self.filter(value, of)],
            Value::Object(members) => {
                let known = members.iter().filter_map(|(name, value)| Some((self.member(of, name)?, value)));
                known.map(|(member, value)| self.largest_filter(value, &member.of)).collect()
            }
            _ => vec![],
        };
        sizes.into_iter().fold(FilterSize::default(), FilterSize::or_larger)
    }

    /// The size of a filter, or of several beside each other.
    fn filter(&self, value: &Value, of: &str) -> FilterSize {
        match value {
            Value::List(filters) => {
                let sizes = filters.iter().map(|filter| self.filter(filter, of));
                sizes.fold(FilterSize::default(), FilterSize::beside)
            }
            Value::Object(members) => {
                let known = members.iter().filter_map(|(name, value)| Some((self.member(of, name)?, value)));
                let sizes = known.map(|(member, value)| {
                    if member.of == of {
                        self.filter(value, of)
                    } else {
                        FilterSize { levels: 0, conditions: self.conditions(value, &member.of) }
                    }
                });
                let FilterSize { levels, conditions } = sizes.fold(FilterSize::default(), FilterSize::beside);
                FilterSize { levels: levels + 1, conditions: conditions.max(1) }
            }
            _ => FilterSize::default(),
        }
    }

    /// The operators of a member of a filter; a plain value is one by itself.
    fn conditions(&self, value: &Value, of: &str) -> usize {
        match value {
            Value::Null => 0,
            Value::List(items) => items.iter().map(|item| self.conditions(item, of)).sum(),
            Value::Object(operators) if self.inputs.contains_key(of) => {
                let given = operators.iter().filter(|(_, value)| **value != Value::Null);
                given
                    .filter(|(name, _)| self.member(of, name).is_some_and(|member| member.is_optional))
                    .count()
            }
            _ => 1,
        }
    }

    fn is_filter(&self, of: &str) -> bool {
        self.inputs.get(of).is_some_and(|members| members.values().any(|member| member.of == of))
    }

    fn member(&self, of: &str, name: &str) -> Option<&Member> {
        self.inputs.get(of)?.get(name)
    }
}

fn member(definition: &InputValueDefinition) -> Member {
    Member { of: definition.ty.inner_named_type().to_string(), is_optional: !definition.ty.is_non_null() }
}

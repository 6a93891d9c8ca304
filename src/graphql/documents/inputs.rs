//! Input objects among the arguments: how many there are, and how deep and long filters are.
//!
//! A filter is an input that may be part of one of its own kind.

use std::collections::HashMap;

use async_graphql::{
    Positioned, Value,
    parser::types::{Field, InputValueDefinition, TypeDefinition, TypeKind},
};

use super::{arguments::Arguments, fields, named};

/// What the schema takes as input.
#[derive(Debug)]
pub(super) struct Inputs {
    /// The members of each input.
    inputs: HashMap<String, HashMap<String, Member>>,
    /// Those arguments of the fields of each type that are inputs.
    arguments: HashMap<String, HashMap<String, Vec<Argument>>>,
}

#[derive(Debug)]
struct Member {
    of: String,
    is_optional: bool,
}

#[derive(Debug)]
struct Argument {
    name: String,
    of: String,
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
    pub(super) fn new(types: &[TypeDefinition]) -> Self {
        let inputs = types.iter().filter_map(|definition| match &definition.kind {
            TypeKind::InputObject(input) => Some((definition.name.node.to_string(), members(&input.fields))),
            _ => None,
        });
        let inputs: HashMap<_, _> = inputs.collect();
        let mut arguments = HashMap::new();
        for definition in types {
            let Some(fields) = fields(definition) else { continue };
            let fields = fields.iter().map(|field| {
                let taken = members(&field.node.arguments).into_iter();
                let taken = taken.filter(|(_, member)| inputs.contains_key(&member.of));
                let taken = taken.map(|(name, member)| Argument { name, of: member.of });
                (field.node.name.node.to_string(), taken.collect())
            });
            arguments.insert(definition.name.node.to_string(), fields.collect());
        }
        Self { inputs, arguments }
    }

    /// How much input the arguments of a field of the type `parent` are.
    pub(super) fn size(&self, parent: &str, field: &Field, arguments: &Arguments<'_>) -> Size {
        let taken = self.arguments.get(parent).and_then(|fields| fields.get(field.name.node.as_str()));
        let given = taken.into_iter().flatten().filter_map(|argument| {
            let value = arguments.filled(field, &argument.name)?;
            let objects = self.objects(&value, &argument.of);
            Some(Size { objects, filter: self.largest_filter(&value, &argument.of) })
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

fn members(definitions: &[Positioned<InputValueDefinition>]) -> HashMap<String, Member> {
    let member = |definition: &InputValueDefinition| Member {
        of: named(&definition.ty.node.to_string()),
        is_optional: definition.ty.node.nullable,
    };
    let definitions = definitions.iter().map(|definition| &definition.node);
    definitions.map(|definition| (definition.name.node.to_string(), member(definition))).collect()
}

//! Filters among the arguments: how deep they are, and how much they ask.
//!
//! A filter is an input that may be part of one of its own kind.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Value,
    parser::types::{Field, InputValueDefinition, TypeDefinition, TypeKind},
};

use super::{arguments::Arguments, named};

/// Where the schema takes filters.
#[derive(Debug)]
pub(super) struct Filters {
    /// The members of each input.
    inputs: HashMap<String, HashMap<String, Member>>,
    /// Those arguments of the fields of each type that are filters, or have some within.
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

/// The size of the largest filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Filters within filters, itself included.
    pub(super) levels: usize,
    /// Operators with a value, in it and in those within.
    pub(super) conditions: usize,
}

impl Size {
    pub(super) fn or_larger(self, other: Self) -> Self {
        Self { levels: self.levels.max(other.levels), conditions: self.conditions.max(other.conditions) }
    }
}

impl Filters {
    pub(super) fn new(types: &[TypeDefinition]) -> Self {
        let inputs = types.iter().filter_map(|definition| match &definition.kind {
            TypeKind::InputObject(input) => Some((definition.name.node.to_string(), members(&input.fields))),
            _ => None,
        });
        let mut filters = Self { inputs: inputs.collect(), arguments: HashMap::new() };
        for definition in types {
            let fields = match &definition.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                _ => continue,
            };
            let fields = fields.iter().map(|field| {
                let arguments = members(field.node.arguments.as_slice()).into_iter();
                let filtering =
                    arguments.filter(|(_, member)| filters.has_some(&member.of, &mut HashSet::new()));
                let filtering = filtering.map(|(name, member)| Argument { name, of: member.of });
                (field.node.name.node.to_string(), filtering.collect())
            });
            let fields = fields.collect();
            filters.arguments.insert(definition.name.node.to_string(), fields);
        }
        filters
    }

    /// The largest filter among the arguments of a field of the type `parent`.
    pub(super) fn largest(&self, parent: &str, field: &Field, arguments: &Arguments<'_>) -> Size {
        let filtering = self.arguments.get(parent).and_then(|fields| fields.get(field.name.node.as_str()));
        let given = filtering.into_iter().flatten().filter_map(|argument| {
            Some(self.within(&arguments.filled(field, &argument.name)?, &argument.of))
        });
        given.fold(Size::default(), Size::or_larger)
    }

    /// Whether an input is a filter, or has one within.
    fn has_some<'a>(&'a self, of: &'a str, seen: &mut HashSet<&'a str>) -> bool {
        let Some(members) = self.inputs.get(of).filter(|_| seen.insert(of)) else {
            return false;
        };
        members.values().any(|member| member.of == of || self.has_some(&member.of, seen))
    }

    fn is_filter(&self, of: &str) -> bool {
        self.inputs.get(of).is_some_and(|members| members.values().any(|member| member.of == of))
    }

    /// The largest filter in a value of an input type.
    fn within(&self, value: &Value, of: &str) -> Size {
        match value {
            Value::List(items) => {
                items.iter().map(|item| self.within(item, of)).fold(Size::default(), Size::or_larger)
            }
            Value::Object(_) if self.is_filter(of) => self.size(value, of),
            Value::Object(members) => {
                let known = members.iter().filter_map(|(name, value)| Some((self.member(of, name)?, value)));
                known
                    .map(|(member, value)| self.within(value, &member.of))
                    .fold(Size::default(), Size::or_larger)
            }
            _ => Size::default(),
        }
    }

    /// The size of a filter, or of a list of them.
    fn size(&self, value: &Value, of: &str) -> Size {
        let mut size = Size::default();
        match value {
            Value::List(filters) => {
                for filter in filters {
                    let Size { levels, conditions } = self.size(filter, of);
                    size.levels = size.levels.max(levels);
                    size.conditions += conditions;
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    match self.member(of, name) {
                        Some(member) if member.of == of => {
                            let Size { levels, conditions } = self.size(value, of);
                            size.levels = size.levels.max(levels);
                            size.conditions += conditions;
                        }
                        Some(member) => size.conditions += self.conditions(value, &member.of),
                        None => {}
                    }
                }
                size.levels += 1;
            }
            _ => {}
        }
        size
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

    fn member(&self, of: &str, name: &str) -> Option<&Member> {
        self.inputs.get(of)?.get(name)
    }
}

fn members(definitions: &[async_graphql::Positioned<InputValueDefinition>]) -> HashMap<String, Member> {
    let member = |definition: &InputValueDefinition| Member {
        of: named(&definition.ty.node.to_string()),
        is_optional: definition.ty.node.nullable,
    };
    let definitions = definitions.iter().map(|definition| &definition.node);
    definitions.map(|definition| (definition.name.node.to_string(), member(definition))).collect()
}

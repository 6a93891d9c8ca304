//! Coercion of values: of literals in a document, of defaults and of variables, each to its expected type.
//!
//! It accepts what graphql-js accepts. The compiler's own coercion of variables refuses `10.0` for an `Int`,
//! and has no `@oneOf`; so literals and variables are coerced by the same code here.

mod custom_scalar;
mod error;
mod uncoerced;

use std::{collections::HashMap, fmt::Write as _};

use apollo_compiler::{
    ast::{InputValueDefinition, Type, VariableDefinition},
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Value};

pub(super) use self::uncoerced::Uncoerced;
use super::{TooComplex, locations::SourceLocations, types::Types};
use crate::graphql::{error::ApiError, scalars};

/// Bytes that a value counts for in addition to its text, since an empty one takes memory too.
pub(super) const BYTES_PER_VALUE: usize = 10;

/// A variable of the operation.
pub(in crate::graphql) enum Variable<'a> {
    /// A declared variable, whose value is not known while only the document is validated.
    Declared(&'a VariableDefinition),
    /// A variable that the request omits, and that has no default.
    Omitted,
    /// The coerced value: the given one, or the default if the request omits the variable.
    Coerced { value: Value, bytes: usize },
}

/// Variables of an operation by their names.
pub(in crate::graphql) type Variables<'a> = HashMap<&'a str, Variable<'a>>;

/// Coerces values with the variables of one operation.
pub(super) struct Coercion<'a> {
    types: &'a Types,
    locations: &'a SourceLocations,
    variables: &'a Variables<'a>,
    /// Bytes of variables that may still be copied.
    remaining_bytes: usize,
    max_bytes: usize,
    /// Path of the current value, such as `input.phones[0].type`, for messages.
    path: String,
}

type CoercionResult = Result<Value, ApiError>;

impl<'a> Coercion<'a> {
    /// Creates a coercion that copies at most `max_bytes` of variables into arguments.
    pub(super) fn new(
        types: &'a Types,
        locations: &'a SourceLocations,
        variables: &'a Variables<'a>,
        max_bytes: usize,
    ) -> Self {
        Self { types, locations, variables, remaining_bytes: max_bytes, max_bytes, path: String::new() }
    }

    /// Coerces the value of a variable `name`.
    pub(super) fn variable(&mut self, name: &str, ty: &Type, given: Uncoerced<'_>) -> CoercionResult {
        self.begin(name);
        self.value(ty, given)
    }

    /// Coerces the value of an argument; `None` if it is a variable that the request omits.
    pub(super) fn argument(
        &mut self,
        definition: &InputValueDefinition,
        given: Uncoerced<'_>,
    ) -> Result<Option<Value>, ApiError> {
        self.begin(&definition.name);
        self.value_or_variable(&definition.ty, definition.default_value.is_some(), given)
    }

    fn begin(&mut self, name: &str) {
        self.path.clear();
        self.path.push_str(name);
    }

    /// Coerces the value of an argument, an input field or a list item, which may be a variable; `None` if
    /// the request omits that variable.
    fn value_or_variable(
        &mut self,
        ty: &Type,
        has_default: bool,
        given: Uncoerced<'_>,
    ) -> Result<Option<Value>, ApiError> {
        let Some(name) = given.variable() else {
            return self.value(ty, given).map(Some);
        };
        match self.variables.get(name) {
            Some(Variable::Coerced { value: Value::Null, .. }) if ty.is_non_null() => {
                Err(self.request_error(given, &format!("may not be null, but the variable `${name}` is")))
            }
            Some(Variable::Coerced { value, bytes }) => {
                self.count_copy(*bytes)?;
                Ok(Some(value.clone()))
            }
            Some(Variable::Declared(variable)) if is_allowed(variable, ty, has_default) => {
                // Null stands for the value, which is not known yet.
                Ok(Some(Value::Null))
            }
            Some(Variable::Declared(variable)) => {
                let what =
                    format!("has the type `{ty}`, but the variable `${name}` has the type `{}`", variable.ty);
                Err(self.error(given, &what))
            }
            Some(Variable::Omitted) => Ok(None),
            None => Err(self.error(given, &format!("is the variable `${name}`, which is not defined"))),
        }
    }

    fn value(&mut self, ty: &Type, given: Uncoerced<'_>) -> CoercionResult {
        if given.is_null() {
            return if ty.is_non_null() {
                Err(self.error(given, "may not be null"))
            } else {
                Ok(Value::Null)
            };
        }
        match ty {
            Type::List(item) | Type::NonNullList(item) => match given.items() {
                Some(items) => self.list(item, items),
                // The specification coerces a single value to a list of one.
                None => Ok(Value::List(vec![self.value(item, given)?])),
            },
            Type::Named(name) | Type::NonNullNamed(name) => self.named(name, given),
        }
    }

    fn list(&mut self, item: &Type, items: Vec<Uncoerced<'_>>) -> CoercionResult {
        let mut coerced = Vec::with_capacity(items.len());
        let length = self.path.len();
        for (index, given) in items.into_iter().enumerate() {
            // Writing to a `String` cannot fail.
            let _ = write!(self.path, "[{index}]");
            let value = match self.value_or_variable(item, false, given)? {
                Some(value) => value,
                None if item.is_non_null() => {
                    return Err(self.request_error(given, "may not be null, but its variable is omitted"));
                }
                None => Value::Null,
            };
            coerced.push(value);
            self.path.truncate(length);
        }
        Ok(Value::List(coerced))
    }

    fn named(&mut self, name: &str, given: Uncoerced<'_>) -> CoercionResult {
        let types = self.types;
        match types.schema().types.get(name) {
            Some(ExtendedType::InputObject(of)) => match given.members() {
                Some(members) => self.object(of, given, members),
                None => Err(self.error(given, &format!("must be an object of the type `{name}`"))),
            },
            Some(ExtendedType::Enum(of)) => {
                let known = given.enum_value().filter(|name| of.values.contains_key(*name));
                known
                    .map(|name| Value::Enum(Name::new(name)))
                    .ok_or_else(|| self.error(given, &format!("must be a value of the enum `{name}`")))
            }
            _ => self.scalar(name, given),
        }
    }

    fn scalar(&mut self, name: &str, given: Uncoerced<'_>) -> CoercionResult {
        let (value, expected) = match name {
            "Int" => (given.int(), "must be a whole number from -2147483648 to 2147483647"),
            "Float" => (given.float(), "must be a number"),
            "Boolean" => (given.boolean(), "must be `true` or `false`"),
            "String" => (given.string(), "must be a string"),
            "ID" => (given.id(), "must be a string or a whole number"),
            _ => {
                let value = self.custom_scalar(Some(name), given)?;
                return match scalars::fault(name, &value) {
                    Some(why) => Err(self.error(given, why)),
                    None => Ok(value),
                };
            }
        };
        value.ok_or_else(|| self.error(given, expected))
    }

    fn object(
        &mut self,
        of: &InputObjectType,
        given: Uncoerced<'_>,
        members: Vec<(&str, Uncoerced<'_>)>,
    ) -> CoercionResult {
        let mut coerced = async_graphql::indexmap::IndexMap::with_capacity(members.len());
        let length = self.path.len();
        let is_one_of = of.directives.has("oneOf");
        let given_members = members.len();
        for (name, member) in members {
            let Some(field) = of.fields.get(name) else {
                return Err(self.error(given, &format!("has the unknown field `{name}`")));
            };
            self.path.push('.');
            self.path.push_str(name);
            if coerced.contains_key(name) {
                return Err(self.error(member, "is given twice"));
            }
            match self.value_or_variable(&field.ty, field.default_value.is_some(), member)? {
                Some(Value::Null) | None if is_one_of && !self.is_declared_only(member) => {
                    let what = "must be given and not be null";
                    let variable = member.variable();
                    return Err(variable.map_or_else(
                        || self.error(member, what),
                        |name| {
                            self.request_error(
                                member,
                                &format!("{what}, but the variable `${name}` is omitted or null"),
                            )
                        },
                    ));
                }
                Some(value) => drop(coerced.insert(Name::new(name), value)),
                None if field.is_required() => {
                    return Err(self.request_error(member, "is required, but its variable is omitted"));
                }
                None => {}
            }
            self.path.truncate(length);
        }
        if is_one_of && given_members != 1 {
            return Err(self.error(given, "must have exactly one field"));
        }
        if let Some((name, _)) =
            of.fields.iter().find(|(name, field)| field.is_required() && !coerced.contains_key(name.as_str()))
        {
            return Err(self.error(given, &format!("lacks the required field `{name}`")));
        }
        Ok(Value::Object(coerced))
    }

    /// Returns true if a value is a variable of which only the type is known.
    fn is_declared_only(&self, given: Uncoerced<'_>) -> bool {
        let variable = given.variable().and_then(|name| self.variables.get(name));
        matches!(variable, Some(Variable::Declared(_)))
    }

    /// Counts bytes of a variable that is copied. A document of a few bytes could copy a large variable many
    /// times.
    fn count_copy(&mut self, bytes: usize) -> Result<(), ApiError> {
        let remaining = self.remaining_bytes.checked_sub(bytes);
        self.remaining_bytes = remaining.ok_or_else(|| {
            let actual = self.max_bytes.saturating_sub(self.remaining_bytes).saturating_add(bytes);
            TooComplex { limit: "argumentBytes", maximum: self.max_bytes, actual }
        })?;
        Ok(())
    }
}

/// Returns true if a variable may be used where `expected` is the type: `IsVariableUsageAllowed` of the
/// specification.
fn is_allowed(variable: &VariableDefinition, expected: &Type, has_default: bool) -> bool {
    let has_value = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    // A default, of the variable or of its position, is enough at this point: an explicit null is refused
    // when the variable's value is filled in.
    if expected.is_non_null() && !variable.ty.is_non_null() {
        return (has_value || has_default) && variable.ty.is_assignable_to(&expected.clone().nullable());
    }
    variable.ty.is_assignable_to(expected)
}

/// Returns the size of a value: the bytes of its texts, and [`BYTES_PER_VALUE`] for each value in it.
pub(super) fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => BYTES_PER_VALUE.saturating_add(text.len()),
        Value::List(items) => items.iter().map(bytes).fold(BYTES_PER_VALUE, usize::saturating_add),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len().saturating_add(bytes(value)));
            members.fold(BYTES_PER_VALUE, usize::saturating_add)
        }
        _ => BYTES_PER_VALUE,
    }
}

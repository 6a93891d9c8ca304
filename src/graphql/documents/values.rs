//! Coercion of values: literals in a document, defaults, and variables, each to the type of its place.
//!
//! The verdicts are those of graphql-js. The compiler's own coercion of variables differs in numbers
//! (`10.0` is an `Int` in JSON) and knows no `@oneOf`, so one walk serves literals and variables alike.

mod given;

use std::{collections::HashMap, fmt::Write as _};

use apollo_compiler::{
    ast::{InputValueDefinition, Type, Value as Literal, VariableDefinition},
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Value};

pub(super) use self::given::Given;
use super::{TooComplex, places::Places, types::Types};
use crate::{
    error::ErrorCode,
    graphql::{error::ApiError, lossy, scalars},
    number,
};

/// The size of a value beside the bytes of its text: an empty one takes memory too.
pub(super) const VALUE: usize = 10;

/// A variable of the operation.
pub(super) enum Variable<'a> {
    /// It is declared; its value is not known yet, since only the document is judged.
    Declared(&'a VariableDefinition),
    /// The request leaves it out, and it has no default.
    Omitted,
    /// Its value or its default, coerced.
    Given { value: Value, bytes: usize },
}

/// The declared variables by name.
pub(super) type Variables<'a> = HashMap<&'a str, Variable<'a>>;

/// Coerces values with the variables of one operation.
pub(super) struct Coercion<'a> {
    types: &'a Types,
    places: &'a Places,
    variables: &'a Variables<'a>,
    /// Bytes of variables that may still be copied.
    bytes_left: usize,
    maximum: usize,
    /// Where in a value the walk is: `input.phones[0].type`.
    path: String,
}

type Coerced = Result<Value, ApiError>;

impl<'a> Coercion<'a> {
    pub(super) fn new(
        types: &'a Types,
        places: &'a Places,
        variables: &'a Variables<'a>,
        maximum: usize,
    ) -> Self {
        Self { types, places, variables, bytes_left: maximum, maximum, path: String::new() }
    }

    /// The value of a variable `name`.
    pub(super) fn variable(&mut self, name: &str, ty: &Type, given: Given<'_>) -> Coerced {
        self.begin(name);
        self.value(ty, given)
    }

    /// The value of an argument; `None` when it is left to a variable that the request leaves out.
    pub(super) fn argument(
        &mut self,
        definition: &InputValueDefinition,
        given: Given<'_>,
    ) -> Result<Option<Value>, ApiError> {
        self.begin(&definition.name);
        self.optional(&definition.ty, definition.default_value.is_some(), given)
    }

    fn begin(&mut self, name: &str) {
        self.path.clear();
        self.path.push_str(name);
    }

    /// A value in a place that may be left to a variable, and may have a default of its own.
    fn optional(
        &mut self,
        ty: &Type,
        has_default: bool,
        given: Given<'_>,
    ) -> Result<Option<Value>, ApiError> {
        let Some(name) = given.variable() else {
            return self.value(ty, given).map(Some);
        };
        match self.variables.get(name) {
            Some(Variable::Given { value: Value::Null, .. }) if ty.is_non_null() => {
                Err(self.of_variable(given, &format!("may not be null, and is the variable `${name}`")))
            }
            Some(Variable::Given { value, bytes }) => {
                self.take(*bytes)?;
                Ok(Some(value.clone()))
            }
            Some(Variable::Declared(variable)) if is_allowed(variable, ty, has_default) => {
                Ok(Some(Value::Null))
            }
            Some(Variable::Declared(variable)) => {
                let what =
                    format!("is a `{ty}`, which the variable `${name}` of the type `{}` is not", variable.ty);
                Err(self.fault(given, &what))
            }
            Some(Variable::Omitted) => Ok(None),
            None => Err(self.fault(given, &format!("is the variable `${name}`, which is not declared"))),
        }
    }

    fn value(&mut self, ty: &Type, given: Given<'_>) -> Coerced {
        if given.is_null() {
            return if ty.is_non_null() {
                Err(self.fault(given, "may not be null"))
            } else {
                Ok(Value::Null)
            };
        }
        match ty {
            Type::List(item) | Type::NonNullList(item) => match given.items() {
                Some(items) => self.list(item, items),
                // One value where a list belongs is a list of one.
                None => Ok(Value::List(vec![self.value(item, given)?])),
            },
            Type::Named(name) | Type::NonNullNamed(name) => self.named(name, given),
        }
    }

    fn list(&mut self, item: &Type, items: Vec<Given<'_>>) -> Coerced {
        let mut coerced = Vec::with_capacity(items.len());
        let length = self.path.len();
        for (index, given) in items.into_iter().enumerate() {
            // Writing to a text does not fail.
            let _ = write!(self.path, "[{index}]");
            let value = match self.optional(item, false, given)? {
                Some(value) => value,
                None if item.is_non_null() => {
                    return Err(self.of_variable(given, "may not be null, and its variable is omitted"));
                }
                None => Value::Null,
            };
            coerced.push(value);
            self.path.truncate(length);
        }
        Ok(Value::List(coerced))
    }

    fn named(&mut self, name: &str, given: Given<'_>) -> Coerced {
        let types = self.types;
        match types.schema().types.get(name) {
            Some(ExtendedType::InputObject(of)) => match given.members() {
                Some(members) => self.object(of, given, members),
                None => Err(self.fault(given, &format!("must be an object of the type `{name}`"))),
            },
            Some(ExtendedType::Enum(of)) => {
                let word = given.word().filter(|word| of.values.contains_key(*word));
                word.map(|word| Value::Enum(Name::new(word)))
                    .ok_or_else(|| self.fault(given, &format!("must be a value of the enum `{name}`")))
            }
            _ => self.scalar(name, given),
        }
    }

    fn scalar(&mut self, name: &str, given: Given<'_>) -> Coerced {
        let (value, expected) = match name {
            "Int" => (given.int(), "must be a whole number from -2147483648 to 2147483647"),
            "Float" => (given.float(), "must be a number"),
            "Boolean" => (given.boolean(), "must be `true` or `false`"),
            "String" => (given.string(), "must be a string"),
            "ID" => (given.id(), "must be a string or a whole number"),
            _ => {
                let value = self.untyped(Some(name), given)?;
                return match scalars::fault(name, &value) {
                    Some(fault) => Err(self.fault(given, fault)),
                    None => Ok(value),
                };
            }
        };
        value.ok_or_else(|| self.fault(given, expected))
    }

    fn object(&mut self, of: &InputObjectType, given: Given<'_>, members: Vec<(&str, Given<'_>)>) -> Coerced {
        let mut coerced = async_graphql::indexmap::IndexMap::with_capacity(members.len());
        let length = self.path.len();
        let is_one_of = of.directives.has("oneOf");
        let given_members = members.len();
        for (name, member) in members {
            let Some(field) = of.fields.get(name) else {
                return Err(self.fault(given, &format!("has the unknown field `{name}`")));
            };
            self.path.push('.');
            self.path.push_str(name);
            if coerced.contains_key(name) {
                return Err(self.fault(member, "is given twice"));
            }
            match self.optional(&field.ty, field.default_value.is_some(), member)? {
                Some(Value::Null) | None if is_one_of && !self.is_unjudged(member) => {
                    let what = "must be given, and not be null";
                    let variable = member.variable();
                    return Err(variable.map_or_else(
                        || self.fault(member, what),
                        |name| self.of_variable(member, &format!("{what}, and is the variable `${name}`")),
                    ));
                }
                Some(value) => drop(coerced.insert(Name::new(name), value)),
                None if field.is_required() => {
                    return Err(self.of_variable(member, "is required, and its variable is omitted"));
                }
                None => {}
            }
            self.path.truncate(length);
        }
        if is_one_of && given_members != 1 {
            return Err(self.fault(given, "must have exactly one field"));
        }
        if let Some((name, _)) =
            of.fields.iter().find(|(name, field)| field.is_required() && !coerced.contains_key(name.as_str()))
        {
            return Err(self.fault(given, &format!("lacks the required field `{name}`")));
        }
        Ok(Value::Object(coerced))
    }

    /// Whether a value is a variable's of which only the type is known.
    fn is_unjudged(&self, given: Given<'_>) -> bool {
        let variable = given.variable().and_then(|name| self.variables.get(name));
        matches!(variable, Some(Variable::Declared(_)))
    }

    /// A value of one of our own scalars, as it is; variables may stand in it anywhere, but items of a
    /// list are of the type of the list, `of`.
    fn untyped(&mut self, of: Option<&str>, given: Given<'_>) -> Coerced {
        let literal = match given {
            Given::Json(value) => return Ok(value.clone()),
            Given::Literal(literal) => literal,
        };
        Ok(match literal.as_ref() {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Boolean(*value),
            Literal::String(text) => Value::String(text.clone()),
            Literal::Enum(word) => Value::String(word.to_string()),
            Literal::Int(number) => exact(number.as_str()),
            Literal::Float(number) => exact(number.as_str()),
            Literal::Variable(name) => match self.variables.get(name.as_str()) {
                Some(Variable::Given { value, bytes }) => {
                    self.take(*bytes)?;
                    value.clone()
                }
                Some(Variable::Declared(variable))
                    if of.is_some_and(|of| variable.ty.is_list() || variable.ty.inner_named_type() != of) =>
                {
                    let what = format!("has the variable `${name}` of the type `{}`", variable.ty);
                    return Err(self.fault(given, &what));
                }
                Some(_) => Value::Null,
                None => {
                    let what = format!("has the variable `${name}`, which is not declared");
                    return Err(self.fault(given, &what));
                }
            },
            Literal::List(items) => {
                let items = items.iter().map(|item| self.untyped(of, Given::Literal(item)));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Literal::Object(members) => {
                let mut object = async_graphql::indexmap::IndexMap::with_capacity(members.len());
                for (name, member) in members {
                    let variable = member.as_variable().and_then(|name| self.variables.get(name.as_str()));
                    if matches!(variable, Some(Variable::Omitted)) {
                        continue;
                    }
                    let value = self.untyped(None, Given::Literal(member))?;
                    if object.insert(Name::new(name.as_str()), value).is_some() {
                        return Err(self.fault(given, &format!("has the field `{name}` twice")));
                    }
                }
                Value::Object(object)
            }
        })
    }

    fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        let left = self.bytes_left.checked_sub(bytes);
        self.bytes_left = left.ok_or_else(|| {
            let actual = self.maximum.saturating_sub(self.bytes_left).saturating_add(bytes);
            TooComplex { limit: "argumentBytes", maximum: self.maximum, actual }
        })?;
        Ok(())
    }

    fn fault(&self, given: Given<'_>, what: &str) -> ApiError {
        let code = match given {
            Given::Literal(_) => ErrorCode::GraphqlValidationFailed,
            Given::Json(_) => ErrorCode::BadUserInput,
        };
        self.told(code, given, what)
    }

    /// The fault is the request's, although its place is in the document.
    fn of_variable(&self, given: Given<'_>, what: &str) -> ApiError {
        self.told(ErrorCode::BadUserInput, given, what)
    }

    fn told(&self, code: ErrorCode, given: Given<'_>, what: &str) -> ApiError {
        let place = match given {
            Given::Literal(literal) => self.places.of(literal.location()),
            Given::Json(_) => None,
        };
        ApiError::new(code, format!("`{}` {what}", self.path)).at(place)
    }
}

/// A number of a document, or the mark of one that would lose digits.
fn exact(text: &str) -> Value {
    let read = text.parse().ok().filter(|_| number::survives(text));
    read.map_or_else(|| lossy::mark(text), Value::Number)
}

/// Whether a variable may stand in a place: `IsVariableUsageAllowed` of the specification.
fn is_allowed(variable: &VariableDefinition, place: &Type, has_default: bool) -> bool {
    let has_value = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    if place.is_non_null() && !variable.ty.is_non_null() {
        return (has_value || has_default) && variable.ty.is_assignable_to(&place.clone().nullable());
    }
    variable.ty.is_assignable_to(place)
}

/// The size of a value: the bytes of its texts, and [`VALUE`] for each value in it.
pub(super) fn bytes(value: &Value) -> usize {
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

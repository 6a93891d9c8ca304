//! Values of the API's own scalars, which have no structure that the schema knows.

use apollo_compiler::ast::Value as Literal;
use async_graphql::{Name, Value};

use super::{Coercion, CoercionResult, Uncoerced, Variable};
use crate::{graphql::lossy, number};

impl Coercion<'_> {
    /// Converts a value of one of the API's own scalars without coercion. It may contain variables of any
    /// type, except that the value itself and the items of a list must have the type `scalar`, if it is
    /// given.
    pub(super) fn custom_scalar(&mut self, scalar: Option<&str>, given: Uncoerced<'_>) -> CoercionResult {
        let literal = match given {
            Uncoerced::Json(value) => return Ok(value.clone()),
            Uncoerced::Literal(literal) => literal,
        };
        Ok(match literal.as_ref() {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Boolean(*value),
            Literal::String(text) => Value::String(text.clone()),
            Literal::Enum(word) => Value::String(word.to_string()),
            Literal::Int(number) => exact(number.as_str()),
            Literal::Float(number) => exact(number.as_str()),
            Literal::Variable(name) => match self.variables.get(name.as_str()) {
                Some(Variable::Coerced { value, bytes }) => {
                    self.count_copy(*bytes)?;
                    value.clone()
                }
                Some(Variable::Declared(variable))
                    if scalar.is_some_and(|name| {
                        variable.ty.is_list() || variable.ty.inner_named_type() != name
                    }) =>
                {
                    let what =
                        format!("contains the variable `${name}`, whose type `{}` does not fit", variable.ty);
                    return Err(self.error(given, &what));
                }
                Some(_) => Value::Null,
                None => {
                    let what = format!("contains the variable `${name}`, which is not defined");
                    return Err(self.error(given, &what));
                }
            },
            Literal::List(items) => {
                let items = items.iter().map(|item| self.custom_scalar(scalar, Uncoerced::Literal(item)));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Literal::Object(members) => {
                let mut object = async_graphql::indexmap::IndexMap::with_capacity(members.len());
                for (name, member) in members {
                    let variable = member.as_variable().and_then(|name| self.variables.get(name.as_str()));
                    // As graphql-js has it, a member whose variable is omitted is not in the object.
                    if matches!(variable, Some(Variable::Omitted)) {
                        continue;
                    }
                    let value = self.custom_scalar(None, Uncoerced::Literal(member))?;
                    if object.insert(Name::new(name.as_str()), value).is_some() {
                        return Err(self.error(given, &format!("has the field `{name}` twice")));
                    }
                }
                Value::Object(object)
            }
        })
    }
}

/// Converts a number of a document, or returns the marker of one that would lose digits.
fn exact(text: &str) -> Value {
    let read = text.parse().ok().filter(|_| number::is_lossless(text));
    read.map_or_else(|| lossy::mark(text), Value::Number)
}

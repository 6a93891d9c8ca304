//! Values before coercion, and their readings as each built-in scalar.

use apollo_compiler::{Name, Node, ast::Value as Literal};
use async_graphql::Value;

/// A value before coercion.
#[derive(Clone, Copy)]
pub(in crate::graphql::documents) enum Uncoerced<'a> {
    /// A literal in the document.
    Literal(&'a Node<Literal>),
    /// A value in the request's JSON.
    Json(&'a Value),
}

impl<'a> Uncoerced<'a> {
    pub(super) fn is_null(self) -> bool {
        match self {
            Self::Literal(literal) => literal.is_null(),
            Self::Json(value) => *value == Value::Null,
        }
    }

    pub(super) fn variable(self) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => literal.as_variable().map(Name::as_str),
            Self::Json(_) => None,
        }
    }

    pub(super) fn items(self) -> Option<Vec<Self>> {
        match self {
            Self::Literal(literal) => Some(literal.as_list()?.iter().map(Self::Literal).collect()),
            Self::Json(Value::List(items)) => Some(items.iter().map(Self::Json).collect()),
            Self::Json(_) => None,
        }
    }

    pub(super) fn members(self) -> Option<Vec<(&'a str, Self)>> {
        match self {
            Self::Literal(literal) => {
                let members = literal.as_object()?.iter();
                Some(members.map(|(name, value)| (name.as_str(), Self::Literal(value))).collect())
            }
            Self::Json(Value::Object(members)) => {
                Some(members.iter().map(|(name, value)| (name.as_str(), Self::Json(value))).collect())
            }
            Self::Json(_) => None,
        }
    }

    /// Returns the name of an enum value: a name in a document, and a string in JSON.
    pub(super) fn enum_value(self) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => literal.as_enum().map(Name::as_str),
            Self::Json(Value::String(name)) => Some(name),
            Self::Json(_) => None,
        }
    }

    pub(super) fn string(self) -> Option<Value> {
        match self {
            Self::Literal(literal) => literal.as_str().map(Value::from),
            Self::Json(value) => matches!(value, Value::String(_)).then(|| value.clone()),
        }
    }

    pub(super) fn boolean(self) -> Option<Value> {
        match self {
            Self::Literal(literal) => literal.to_bool().map(Value::from),
            Self::Json(value) => matches!(value, Value::Boolean(_)).then(|| value.clone()),
        }
    }

    pub(super) fn int(self) -> Option<Value> {
        match self {
            Self::Literal(literal) => literal.to_i32().map(Value::from),
            Self::Json(value) => i32::try_from(whole_number(value)?).ok().map(Value::from),
        }
    }

    pub(super) fn float(self) -> Option<Value> {
        match self {
            Self::Literal(literal) => literal.to_f64().map(Value::from),
            Self::Json(Value::Number(number)) => number.as_f64().filter(|it| it.is_finite()).map(Value::from),
            Self::Json(_) => None,
        }
    }

    /// Returns an id as a string. JSON may have a whole number with a point, such as `10.0`.
    pub(super) fn id(self) -> Option<Value> {
        match self {
            Self::Literal(literal) => match literal.as_ref() {
                Literal::Int(number) => Some(Value::from(number.as_str())),
                _ => self.string(),
            },
            Self::Json(Value::Number(number)) => {
                let digits = number.as_i64().map(|number| number.to_string());
                let double = number.as_f64().filter(|double| double.fract() == 0.0);
                digits.or_else(|| double.map(|double| format!("{double:.0}"))).map(Value::from)
            }
            Self::Json(_) => self.string(),
        }
    }
}

/// Returns a whole number of JSON. Its text may also be `10.0` or `1e1`, which are the same to JavaScript.
fn whole_number(value: &Value) -> Option<i64> {
    /// Maximum up to which every whole number is a double: 2 to the power of 53.
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    let Value::Number(number) = value else { return None };
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let double = number.as_f64().filter(|double| double.fract() == 0.0 && double.abs() <= MAX_EXACT)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within 53 bits")]
    Some(double as i64)
}

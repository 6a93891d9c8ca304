//! Values before coercion, and what each may be taken for.

use apollo_compiler::{Name, Node, ast::Value as Literal};
use async_graphql::Value;

/// A value before coercion.
#[derive(Clone, Copy)]
pub(in crate::graphql::documents) enum Given<'a> {
    /// Written in the document.
    Literal(&'a Node<Literal>),
    /// Sent with the request.
    Json(&'a Value),
}

impl<'a> Given<'a> {
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

    /// The word of an enum: a name in a document, and text in JSON.
    pub(super) fn word(self) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => literal.as_enum().map(Name::as_str),
            Self::Json(Value::String(word)) => Some(word),
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
            Self::Json(value) => i32::try_from(whole(value)?).ok().map(Value::from),
        }
    }

    pub(super) fn float(self) -> Option<Value> {
        match self {
            Self::Literal(literal) => literal.to_f64().map(Value::from),
            Self::Json(Value::Number(number)) => number.as_f64().filter(|it| it.is_finite()).map(Value::from),
            Self::Json(_) => None,
        }
    }

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

/// A whole number of JSON, whose text may also be `10.0` or `1e1`.
fn whole(value: &Value) -> Option<i64> {
    /// Beyond it not every whole number is a double.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let Value::Number(number) = value else { return None };
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let double = number.as_f64().filter(|double| double.fract() == 0.0 && double.abs() <= LARGEST)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within 53 bits")]
    Some(double as i64)
}

//! Input fields that tell null from absent.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};

use crate::input::patch::Patch;

/// Reads a nullable input field, as the library's `MaybeUndefined` does.
impl<T: InputType> InputType for Patch<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    /// The name without `!`: the field may be left out.
    fn qualified_type_name() -> String {
        T::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        T::type_name().into_owned()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            None => Ok(Self::Absent),
            Some(Value::Null) => Ok(Self::Null),
            Some(value) => T::parse(Some(value)).map(Self::Value).map_err(InputValueError::propagate),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Value(value) => value.to_value(),
            Self::Null | Self::Absent => Value::Null,
        }
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        match self {
            Self::Value(value) => value.as_raw_value(),
            Self::Null | Self::Absent => None,
        }
    }
}

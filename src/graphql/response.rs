//! The response to a request, with its data as JSON.

use std::collections::BTreeMap;

use async_graphql::{Response as Executed, ServerError, Value};
use bytes::Bytes;
use serde::Serialize;

use super::error::{ApiError, refused};

/// Response to a request.
#[derive(Debug)]
pub struct Response {
    /// Errors, each with a code and the request's id.
    pub errors: Vec<ServerError>,
    /// Data; `None` if nothing was executed.
    pub data: Option<Data>,
    /// Facts about the request.
    pub extensions: BTreeMap<String, Value>,
}

/// JSON of what was executed. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Data {
    json: Bytes,
    /// True if no root field has a value, but for `__typename`, which cannot fail.
    is_empty: bool,
}

impl Data {
    /// Returns the JSON of a value.
    pub(super) fn of(value: &Value) -> serde_json::Result<Self> {
        let is_empty = match value {
            Value::Null => true,
            // `__typename` is the only root field that is text.
            Value::Object(fields) => {
                fields.values().all(|field| matches!(field, Value::Null | Value::String(_)))
            }
            _ => false,
        };
        Ok(Self { json: serde_json::to_vec(value)?.into(), is_empty })
    }
}

impl Response {
    /// Returns true if no root field has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.as_ref().is_none_or(|data| data.is_empty)
    }

    /// Returns the response as JSON, in the order in which people read it: what went wrong first.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.write(self.data.as_ref().map(|data| &*data.json))
    }

    /// Returns the errors and extensions as JSON, as if nothing had been executed.
    #[must_use]
    pub fn to_json_without_data(&self) -> Vec<u8> {
        self.write(None)
    }

    fn write(&self, data: Option<&[u8]>) -> Vec<u8> {
        /// Bytes beside data and errors.
        const OTHERS: usize = 64;
        let mut json = Vec::with_capacity(data.map_or(0, <[u8]>::len) + OTHERS);
        json.push(b'{');
        if !self.errors.is_empty() {
            member(&mut json, "errors", |json| append(json, &self.errors));
        }
        if let Some(data) = data {
            member(&mut json, "data", |json| json.extend_from_slice(data));
        }
        if !self.extensions.is_empty() {
            member(&mut json, "extensions", |json| append(json, &self.extensions));
        }
        json.push(b'}');
        json
    }
}

impl Response {
    /// Converts what the library has executed.
    pub(super) fn executed(executed: Executed, request_id: &str) -> Self {
        let Executed { data, extensions, errors, .. } = executed;
        // A null that a failed root field left behind is an executed answer: its error has a path.
        let was_executed =
            errors.is_empty() || data != Value::Null || errors.iter().any(|error| !error.path.is_empty());
        if !was_executed {
            return Self { errors, data: None, extensions };
        }
        match Data::of(&data) {
            Ok(data) => Self { errors, data: Some(data), extensions },
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                refused(vec![ApiError::internal()], request_id)
            }
        }
    }
}

/// Appends a member of an object.
fn member(json: &mut Vec<u8>, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
    if json.len() > 1 {
        json.push(b',');
    }
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
    write(json);
}

fn append(json: &mut Vec<u8>, value: &impl Serialize) {
    if let Err(error) = serde_json::to_writer(&mut *json, value) {
        tracing::error!(%error, "a part of an answer could not be written as JSON");
    }
}

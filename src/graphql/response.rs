//! The response to a request, with its data as JSON.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use async_graphql::{Response as Executed, ServerError, Value};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::{ApiError, refused};
use crate::request_id;

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
    /// [`BEFORE`] and the JSON: as long as nobody shares it, the rest of a response is written behind it, so that an
    /// answer is not copied.
    text: Arc<Vec<u8>>,
    /// True if no root field has a value, but for `__typename`, which cannot fail.
    is_empty: bool,
    /// Computed when it is asked for; the clones share it.
    sha256: Arc<OnceLock<[u8; 32]>>,
}

/// Beginning of a response without errors, up to its data.
const BEFORE: &[u8] = b"{\"data\":";

/// Root field of an answer.
pub(super) enum RootField<'a> {
    /// JSON that a plan has written.
    Json(&'a [u8]),
    /// Value of the library's.
    Value(&'a Value),
}

impl Data {
    /// Returns the JSON of a value of about so many bytes.
    pub(super) fn of(value: &Value, expected: usize) -> serde_json::Result<Self> {
        let is_empty = match value {
            Value::Null => true,
            Value::Object(fields) => fields.values().all(is_nothing),
            _ => false,
        };
        // To grow by doubling would hold what has been written twice.
        let mut text = Vec::with_capacity(BEFORE.len() + expected + expected / 8);
        text.extend_from_slice(BEFORE);
        serde_json::to_writer(&mut text, value)?;
        Ok(Self::new(text, is_empty))
    }

    fn new(text: Vec<u8>, is_empty: bool) -> Self {
        Self { text: Arc::new(text), is_empty, sha256: Arc::default() }
    }

    /// Returns the JSON.
    pub(super) fn json(&self) -> &[u8] {
        self.text.strip_prefix(BEFORE).unwrap_or_default()
    }

    /// Returns its SHA-256.
    pub(super) fn sha256(&self) -> [u8; 32] {
        *self.sha256.get_or_init(|| Sha256::digest(self.json()).into())
    }

    /// Returns a copy in an allocation that is no larger than it must be.
    pub(super) fn compact(&self) -> Self {
        Self { text: Arc::new(self.text.to_vec()), ..self.clone() }
    }
}

impl Data {
    /// Returns true if it is null as a whole.
    pub(super) fn is_null(&self) -> bool {
        self.json() == b"null"
    }

    /// Returns the text of a response up to the value of its one root field.
    pub(super) fn start(key: &str) -> Vec<u8> {
        // A name has no characters that JSON escapes.
        [BEFORE, b"{\"", key.as_bytes(), b"\":"].concat()
    }

    /// Returns the data of one root field, from [`Self::start`] and its value.
    pub(super) fn of_one(key: &str, mut text: Vec<u8>) -> Self {
        let is_empty = text.get(Self::start(key).len()..) == Some(b"null");
        text.push(b'}');
        Self::new(text, is_empty)
    }

    /// Joins the root fields of an answer: some are JSON already, and the others are values of the library's.
    pub(super) fn joined<'a>(
        fields: impl Iterator<Item = (&'a str, RootField<'a>)>,
    ) -> serde_json::Result<Self> {
        let (mut json, mut is_empty) = ([BEFORE, b"{"].concat(), true);
        let start = json.len();
        for (key, field) in fields {
            if json.len() > start {
                json.push(b',');
            }
            serde_json::to_writer(&mut json, key)?;
            json.push(b':');
            match field {
                RootField::Json(field) => {
                    is_empty &= field == b"null";
                    json.extend_from_slice(field);
                }
                RootField::Value(value) => {
                    is_empty &= is_nothing(value);
                    serde_json::to_writer(&mut json, value)?;
                }
            }
        }
        json.push(b'}');
        Ok(Self::new(json, is_empty))
    }
}

/// Returns true for a root field that has no value. `__typename`, which cannot fail, is the only one that is
/// text.
fn is_nothing(field: &Value) -> bool {
    matches!(field, Value::Null | Value::String(_))
}

impl Response {
    /// Returns true if no root field has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.as_ref().is_none_or(|data| data.is_empty)
    }

    /// Number of bytes of the data.
    #[must_use]
    pub fn data_bytes(&self) -> usize {
        self.data.as_ref().map_or(0, |data| data.json().len())
    }

    /// Returns the response as JSON, in the order in which people read it: what went wrong first.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.write(self.data.as_ref().map(Data::json))
    }

    /// Returns the same text as [`Self::to_json`], without a copy if nobody else has the data.
    #[must_use]
    pub fn into_json(mut self) -> Vec<u8> {
        let text = self.data.take_if(|_| self.errors.is_empty()).map(|data| Arc::try_unwrap(data.text));
        match text {
            Some(Ok(mut json)) => {
                self.finish(&mut json);
                json
            }
            Some(Err(shared)) => self.write(shared.strip_prefix(BEFORE)),
            None => self.to_json(),
        }
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
        self.finish(&mut json);
        json
    }

    /// Writes what comes behind the data.
    fn finish(&self, json: &mut Vec<u8>) {
        if !self.extensions.is_empty() {
            member(json, "extensions", |json| append(json, &self.extensions));
        }
        json.push(b'}');
    }
}

impl Response {
    /// Returns the response with data that was made before, and its cost.
    pub(super) fn of(data: Data, cost: Option<usize>) -> Self {
        let cost = cost.map(|cost| ("cost".to_owned(), cost.into()));
        Self { errors: Vec::new(), data: Some(data), extensions: cost.into_iter().collect() }
    }

    /// Converts what the library has executed, whose texts have so many bytes.
    pub(super) fn executed(executed: Executed, text_bytes: usize, request_id: &str) -> Self {
        let Executed { data, extensions, errors, .. } = executed;
        // A null that a failed root field left behind is an executed answer: its error has a path.
        let was_executed =
            errors.is_empty() || data != Value::Null || errors.iter().any(|error| !error.path.is_empty());
        if !was_executed {
            return Self { errors, data: None, extensions };
        }
        match Data::of(&data, text_bytes) {
            Ok(data) => Self { errors, data: Some(data), extensions },
            Err(error) => {
                tracing::error!(request_id, %error, "an answer could not be written as JSON");
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
        tracing::error!(request_id = request_id::current(), %error, "a part of an answer could not be written as JSON");
    }
}

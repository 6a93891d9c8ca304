//! Reading a GraphQL request from a body or a query string.

use std::borrow::Cow;

use async_graphql::{Extensions, Request, Variables};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::limits::Limits;
use super::rejection::Rejection;
use crate::{error::ErrorCode, graphql::lossy, number};

/// Reads the body of a POST.
pub(super) fn from_body(body: &[u8], limits: &Limits) -> Result<Request, Rejection> {
    let text = std::str::from_utf8(body).map_err(|_| Rejection::bad_request("The body is not UTF-8."))?;
    match text.trim_start().bytes().next() {
        None => return Err(Rejection::bad_request("The body is empty.")),
        Some(b'[') => {
            return Err(Rejection::bad_request(
                "The body is a JSON array: batches are not answered, send one request at a time.",
            ));
        }
        _ => {}
    }
    // Before parsing, which would already take the memory and the stack that these limits save.
    let Shape { values, depth } = Shape::of(text);
    if values > limits.body_values {
        let maximum = limits.body_values;
        return Err(Rejection::new(
            ErrorCode::BodyTooLarge,
            format!("The body may have at most {maximum} values."),
        ));
    }
    if depth > MAX_DEPTH {
        return Err(too_deep("The body"));
    }
    // The parser would round numbers with more digits than a double keeps, and say nothing.
    let exact = number::without_lossy(text);
    let payload = serde_json::from_str::<Payload>(&exact).map_err(|error| explain(&exact, &error))?;
    let mut request = payload.into_request()?;
    if matches!(exact, Cow::Owned(_)) {
        mark_lossy(&mut request);
    }
    Ok(request)
}

fn mark_lossy(request: &mut Request) {
    request.variables.values_mut().for_each(lossy::mark_all);
}

/// Reads the query string of a GET.
pub(super) fn from_query(query: &str) -> Result<Request, Rejection> {
    let mut found = Parameters::default();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (place, name) = match decode(name)?.as_str() {
            "query" => (&mut found.query, "query"),
            "operationName" => (&mut found.operation_name, "operationName"),
            "variables" => (&mut found.variables, "variables"),
            "extensions" => (&mut found.extensions, "extensions"),
            _ => continue,
        };
        let value = decode(value)?;
        // Forms send an empty text for what was not filled in.
        if value.is_empty() && name != "query" {
            continue;
        }
        if place.replace(value).is_some() {
            return Err(Rejection::bad_request(format!("`{name}` is given twice.")));
        }
    }
    let variables = found.variables.as_deref().map(number::without_lossy);
    let mut request = Payload {
        query: found.query,
        operation_name: found.operation_name,
        variables: object("variables", variables.as_deref())?,
        extensions: object("extensions", found.extensions.as_deref())?,
    }
    .into_request()?;
    if matches!(variables, Some(Cow::Owned(_))) {
        mark_lossy(&mut request);
    }
    Ok(request)
}

/// The members of a request that have a meaning; others are ignored. Null means the same as omitted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    query: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    #[serde(default)]
    extensions: Extensions,
}

impl Payload {
    fn into_request(self) -> Result<Request, Rejection> {
        let query = self.query.ok_or_else(|| Rejection::bad_request("The request has no `query`."))?;
        let mut request = Request::new(query).variables(self.variables);
        request.operation_name = self.operation_name;
        request.extensions = self.extensions;
        Ok(request)
    }
}

/// The members of a request, not read yet: so that an error can name the one that is wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow)]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
}

#[derive(Default)]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Maximum nesting of values, which is that of the JSON parser.
const MAX_DEPTH: usize = 127;

/// Size of a text that may be JSON. It is told before the text is parsed, and without a parser.
struct Shape {
    /// Maximum number of values: each comes after an opening bracket or a comma.
    values: usize,
    depth: usize,
}

impl Shape {
    fn of(text: &str) -> Self {
        let (mut values, mut depth, mut open) = (1, 0, 0_usize);
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b',' => values += 1,
                b'[' | b'{' => {
                    values += 1;
                    open += 1;
                    depth = depth.max(open);
                }
                b']' | b'}' => open = open.saturating_sub(1),
                // Brackets and commas within a string do not count.
                b'"' => at = number::after_string(bytes, at - 1),
                _ => {}
            }
        }
        Self { values, depth }
    }
}

fn too_deep(what: &str) -> Rejection {
    Rejection::bad_request(format!("{what} may have at most {MAX_DEPTH} values within each other."))
}

/// Says why a body could not be read, without repeating any of it.
fn explain(text: &str, error: &serde_json::Error) -> Rejection {
    let place = format!("line {}, column {}", error.line(), error.column());
    if !text.trim_start().starts_with('{') && error.is_data() {
        return Rejection::bad_request("The body is JSON, but not an object.");
    }
    if let Ok(members) = serde_json::from_str::<Members<'_>>(text) {
        let expected = [
            ("query", members.query, '"', "a string"),
            ("operationName", members.operation_name, '"', "a string"),
            ("variables", members.variables, '{', "an object"),
            ("extensions", members.extensions, '{', "an object"),
        ];
        let wrong = expected.into_iter().find(|(_, member, start, _)| {
            member.is_some_and(|raw| raw.get() != "null" && !raw.get().starts_with(*start))
        });
        if let Some((name, .., kind)) = wrong {
            return Rejection::bad_request(format!("`{name}` must be {kind}."));
        }
    }
    if error.is_data() {
        Rejection::bad_request(format!("A member of the body is given twice: {place}."))
    } else {
        Rejection::bad_request(format!("The body is not JSON: {place}."))
    }
}

fn object<T: DeserializeOwned + Default>(name: &'static str, text: Option<&str>) -> Result<T, Rejection> {
    text.map_or(Ok(T::default()), |text| {
        if Shape::of(text).depth > MAX_DEPTH {
            return Err(too_deep(&format!("`{name}`")));
        }
        serde_json::from_str(text)
            .map_err(|_| Rejection::bad_request(format!("`{name}` must be a JSON object.")))
    })
}

/// Undoes the form encoding of a name or a value. A `%` without two hexadecimal digits stands for
/// itself.
fn decode(text: &str) -> Result<String, Rejection> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| Rejection::bad_request("The query string is not UTF-8."))
}

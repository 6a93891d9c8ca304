//! Requests and answers as bytes, for clients that do with a connection what they like.

use serde_json::Value;

/// A request to the API, after whose answer the server closes.
pub(crate) fn request(key: &str, body: &Value, idempotency_key: Option<&str>) -> Vec<u8> {
    let body = body.to_string();
    let repeatable = idempotency_key.map(|key| format!("idempotency-key: {key}\r\n")).unwrap_or_default();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\nconnection: close\r\n{repeatable}\
        content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

/// A query to the API by GET. It has none of the characters that a URL gives a meaning, but for white space and braces.
pub(crate) fn get(key: &str, query: &str) -> Vec<u8> {
    let query = query.replace(' ', "+").replace('{', "%7B").replace('}', "%7D");
    let head = format!("GET /graphql?query={query} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\n");
    (head + "connection: close\r\n\r\n").into_bytes()
}

/// The data of a whole answer.
///
/// # Errors
/// It is not whole, or not one without errors: what came instead.
pub(crate) fn data(answer: &[u8]) -> Result<Value, String> {
    let text = String::from_utf8_lossy(answer);
    let parsed = text.split_once("\r\n\r\n").and_then(|(head, body)| {
        let body = serde_json::from_str::<Value>(body).ok()?;
        head.starts_with("HTTP/1.1 200 ").then_some(body)
    });
    match parsed {
        Some(mut body) if body.get("errors").is_none() => Ok(body["data"].take()),
        _ => Err(format!("answered {text:?}")),
    }
}

//! What no answer may be.

use serde_json::Value;

/// The longest answer that has nothing but errors, in bytes.
const LONGEST: usize = 4 * 1024;

/// What is wrong with an answer, if anything is.
pub(super) fn fault(status: u16, body: &[u8]) -> Option<String> {
    let shown = || String::from_utf8_lossy(&body[..body.len().min(6_000)]).into_owned();
    if status >= 500 {
        return Some(format!("the status {status}: {}", shown()));
    }
    // Pages and the schema are no JSON.
    let answer: Value = serde_json::from_slice(body).ok()?;
    let errors = answer.get("errors")?.as_array()?;
    let code = |error: &Value| error["extensions"]["code"].as_str().map(str::to_owned);
    if errors.iter().any(|error| code(error).is_none_or(|code| code == "INTERNAL_SERVER_ERROR")) {
        return Some(format!("an error without a code, or of ours: {}", shown()));
    }
    let nothing = answer.get("data").is_none_or(Value::is_null);
    (nothing && body.len() > LONGEST).then(|| format!("{} bytes of errors: {}", body.len(), shown()))
}

#[test]
fn an_answer_may_have_coded_errors_and_no_failure() {
    let coded = r#"{"errors":[{"message":"","extensions":{"code":"BAD_REQUEST"}}]}"#;
    assert_eq!(fault(400, coded.as_bytes()), None);
    assert_eq!(fault(200, b"<html>"), None);
    assert!(fault(500, b"").is_some());
    assert!(fault(200, coded.replace("BAD_REQUEST", "INTERNAL_SERVER_ERROR").as_bytes()).is_some());
    assert!(fault(200, br#"{"errors":[{"message":""}],"data":{}}"#).is_some());
    let long = |more: &str| {
        coded
            .replace("\"message\":\"\"", &format!("\"message\":\"{}\"", "m".repeat(LONGEST)))
            .replace("]}", &format!("]{more}}}"))
    };
    assert!(fault(400, long("").as_bytes()).is_some());
    assert!(fault(200, long(",\"data\":null").as_bytes()).is_some());
    assert_eq!(fault(200, long(",\"data\":{}").as_bytes()), None);
}

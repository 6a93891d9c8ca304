use std::error::Error;

use serde::Deserialize;
use serde_json::{Value, json};

const LEADS: &str = r#"
    query Leads($first: Int!) {
      contacts(first: $first, filter: {tags: {hasAny: ["lead"]}}) { nodes { displayName email } }
    }
"#;

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Data {
    contacts: Option<Contacts>,
}

#[derive(Deserialize)]
struct Contacts {
    nodes: Vec<Contact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contact {
    pub(crate) display_name: String,
    pub(crate) email: Option<String>,
}

pub(crate) async fn leads(url: &str, key: &str) -> Result<Vec<Contact>, Box<dyn Error>> {
    let body = json!({"query": LEADS, "variables": {"first": 50}});
    let request = reqwest::Client::new().post(url).bearer_auth(key).json(&body);
    let Answer { data, errors } = request.send().await?.json().await?;
    match data.and_then(|data| data.contacts) {
        Some(contacts) => Ok(contacts.nodes),
        None => Err(format!("the gateway refused: {errors:?}").into()),
    }
}

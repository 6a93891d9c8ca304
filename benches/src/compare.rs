//! The answers of two servers, cell by cell.

use serde_json::Value;

use crate::{
    failure::Failure,
    load::Connection,
    store::{Samples, Store},
    target::{Server, Target},
    workload::{Deep, Requests, Workload},
};

/// Requests of a kind that are compared.
const MAX_COMPARED: usize = 20;

/// Asks a gateway for the cursor at the depth of W6.
pub(crate) async fn deep(server: &Server, store: &Store, samples: &Samples) -> Result<Deep, Failure> {
    let query = "query ($since: DateTime!) { contacts(last: 1, updatedSince: $since) \
        { edges { cursor node { id } } } }";
    let body = serde_json::json!({
        "query": query,
        "variables": { "since": crate::workload::rfc_3339(samples.deep_time) },
    })
    .to_string();
    let (key, length) = (&store.filled.key, body.len());
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut connection = Connection::open(server.port).await?;
    let answer = connection.ask(request.as_bytes()).await?;
    let value: Value = serde_json::from_slice(answer.body)?;
    let edge = &value["data"]["contacts"]["edges"][0];
    let cursor = edge["cursor"].as_str().ok_or_else(|| format!("no cursor: {answer}"))?.to_owned();
    let id = edge["node"]["id"].as_str().and_then(|id| id.parse().ok()).ok_or("no id")?;
    let [at, seq] = store.position(id).await?;
    Ok(Deep { cursor, at, seq })
}

/// Compares all reads of two servers.
pub(crate) async fn compare(
    store: &Store,
    (samples, deep): (&Samples, &Deep),
    sides: [(&Target, &Server); 2],
) -> Result<(), Failure> {
    for workload in [Workload::W1, Workload::W2, Workload::W3, Workload::W5, Workload::W6] {
        let key = &store.filled.key;
        let requests = sides.map(|(target, server)| {
            Requests::new(workload, target.dialect(), server.port, key, String::new(), (samples, deep))
        });
        for _ in 0..MAX_COMPARED.min(requests[0].len()) {
            let mut answers = Vec::new();
            for ((_, server), requests) in sides.iter().zip(&requests) {
                let request = requests.next(<[u8]>::to_vec);
                let mut connection = Connection::open(server.port).await?;
                let answer = connection.ask(&request).await?;
                let value: Value = serde_json::from_slice(answer.body)?;
                if value.get("errors").is_some()
                    || value["data"].as_object().is_none_or(serde_json::Map::is_empty)
                {
                    return Err(format!("{}: {answer}", workload.name()).into());
                }
                answers.push(value["data"].clone());
            }
            let names = sides.map(|(target, _)| target.name());
            if let Some(path) = difference(&answers[0], &answers[1], "data") {
                let [one, other] = names;
                return Err(
                    format!("{}: {one} and {other} answer differently at {path}", workload.name()).into()
                );
            }
        }
    }
    Ok(())
}

/// Returns where two values differ first, and how.
fn difference(one: &Value, other: &Value, path: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(members), Value::Object(others)) if members.len() == others.len() => {
            members.iter().find_map(|(name, member)| {
                difference(member, others.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"))
            })
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let pairs = items.iter().zip(others).enumerate();
            pairs.into_iter().find_map(|(at, (one, other))| difference(one, other, &format!("{path}.{at}")))
        }
        _ => (one != other).then(|| format!("{path}: {one:.100} and {other:.100}")),
    }
}

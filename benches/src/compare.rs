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

/// Two servers on the same database.
type Sides<'a> = [(&'a Target, &'a Server); 2];

/// Compares all reads of two servers.
pub(crate) async fn compare(
    store: &Store,
    values: (&Samples, &Deep),
    sides: Sides<'_>,
) -> Result<(), Failure> {
    for workload in [Workload::W1, Workload::W2, Workload::W3, Workload::W5, Workload::W6] {
        compare_reads(workload, store, values, sides).await?;
    }
    Ok(())
}

/// Creates a contact on each side, and compares what both sides read of it.
pub(crate) async fn compare_created(
    store: &Store,
    (samples, deep): (&Samples, &Deep),
    sides: Sides<'_>,
) -> Result<(), Failure> {
    for (target, server) in sides {
        let run = format!("{}-{}-{}", sides[0].1.port, sides[1].1.port, server.port);
        let (dialect, key) = (target.dialect(), &store.filled.key);
        let requests = Requests::new(Workload::W4, dialect, server.port, key, run, (samples, deep));
        let data = data(server, &requests).await?;
        let id = data["createContact"]["contact"]["id"].as_str().and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| format!("{}: W4: {data}", target.name()))?;
        let samples = Samples { ids: vec![id], ..samples.clone() };
        compare_reads(Workload::W3, store, (&samples, deep), sides).await?;
    }
    Ok(())
}

async fn compare_reads(
    workload: Workload,
    store: &Store,
    values: (&Samples, &Deep),
    sides: Sides<'_>,
) -> Result<(), Failure> {
    let key = &store.filled.key;
    let requests = sides.map(|(target, server)| {
        Requests::new(workload, target.dialect(), server.port, key, String::new(), values)
    });
    for _ in 0..MAX_COMPARED.min(requests[0].len()) {
        let [one, other] = [data(sides[0].1, &requests[0]).await?, data(sides[1].1, &requests[1]).await?];
        if let Some(path) = difference(&one, &other, "data") {
            let [one, other] = sides.map(|(target, _)| target.name());
            return Err(format!("{}: {one} and {other} answer differently at {path}", workload.name()).into());
        }
    }
    Ok(())
}

/// Sends the next request, and returns the data of its answer, none of which may be null at the top.
async fn data(server: &Server, requests: &Requests) -> Result<Value, Failure> {
    let request = requests.next(<[u8]>::to_vec);
    let mut connection = Connection::open(server.port).await?;
    let answer = connection.ask(&request).await?;
    let mut value: Value = serde_json::from_slice(answer.body).map_err(|_| answer.to_string())?;
    let is_whole =
        value["data"].as_object().is_some_and(|data| data.values().all(|member| !member.is_null()));
    if !is_whole || value.get("errors").is_some() {
        return Err(answer.to_string().into());
    }
    Ok(value["data"].take())
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

//! How a sound request is garbled.

mod json;
mod tokens;

use std::collections::BTreeSet;

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::Value;

use super::{Sent, corpus::Corpus};
use crate::support::{filled::Filled, schema::Schema};

const METHODS: [&str; 8] = ["POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "BREW"];
const TARGETS: [&str; 10] = [
    "/",
    "/graphiql/",
    "/graphiql/assets/%00",
    "/schema.graphql",
    "/livez",
    "/readyz",
    "//graphql",
    "/graphql/",
    "/graphql?query=%7B__typename",
    "/%ff%fe",
];
const HEADERS: [&str; 18] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "if-none-match",
    "origin",
    "access-control-request-method",
    "range",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-request-id",
];
const HEADER_VALUES: [&[u8]; 22] = [
    b"",
    b" ",
    b"*/*",
    b"application/json",
    b"application/json; charset=latin1",
    b"application/graphql-response+json;q=0.1, */*;q=2",
    b"text/html",
    b"multipart/form-data; boundary=x",
    b"gzip, br",
    b"identity",
    b"chunked",
    b"close",
    b"keep-alive, Upgrade",
    b"websocket",
    b"100-continue",
    b"0",
    b"-1",
    b"18446744073709551616",
    b"bytes=0-0",
    b"Bearer cgw_",
    b"\xff\xfe",
    b"\"tag\", W/\"tag\"",
];

/// Makes garbled requests; what it makes follows from the dice alone.
pub(super) struct Garbler {
    corpus: Corpus,
    key: String,
    /// Names of the schema, and ids of the store.
    words: Vec<String>,
}

impl Garbler {
    pub(super) fn new(corpus: Corpus, schema: &Schema, own: &Filled) -> Self {
        let mut words: BTreeSet<String> = own.ids.iter().map(|(_, id)| id.clone()).collect();
        for ty in schema.types() {
            words.insert(ty.name.clone());
            words.extend(ty.fields().iter().map(|field| field.name.clone()));
            words.extend(ty.members().iter().map(|member| member.name.clone()));
            words.extend(ty.values().map(str::to_owned));
        }
        Self { corpus, key: own.key.clone(), words: words.into_iter().collect() }
    }

    /// A request with something wrong in it, most likely.
    pub(super) fn request(&self, dice: &mut StdRng) -> Sent {
        let mut payload = chosen(&self.corpus.0, dice).clone();
        for _ in 0..dice.random_range(0..3) {
            if let Some(document) = payload["query"].as_str() {
                payload["query"] = self.garble_document(document, dice).into();
            }
        }
        for _ in 0..dice.random_range(0..3) {
            self.garble_json(&mut payload, dice);
        }
        let mut sent = if dice.random_bool(0.1) { self.get(&payload) } else { self.post(&payload) };
        if dice.random_bool(0.2) {
            self.garble_bytes(&mut sent.body, dice);
        }
        for _ in 0..if dice.random_bool(0.15) { dice.random_range(1..4) } else { 0 } {
            garble_head(&mut sent, dice);
        }
        sent
    }

    fn post(&self, payload: &Value) -> Sent {
        Sent {
            method: "POST".to_owned(),
            target: "/graphql".to_owned(),
            headers: vec![
                ("host".to_owned(), b"localhost".to_vec()),
                ("x-api-key".to_owned(), self.key.clone().into_bytes()),
                ("content-type".to_owned(), b"application/json".to_vec()),
            ],
            body: payload.to_string().into_bytes(),
        }
    }

    fn get(&self, payload: &Value) -> Sent {
        let mut target = url::form_urlencoded::Serializer::new("/graphql?".to_owned());
        for (name, value) in payload.as_object().into_iter().flatten() {
            target.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let target = target.finish();
        Sent { method: "GET".to_owned(), target, body: vec![], ..self.post(payload) }
    }

    /// Changes, removes, repeats or adds bytes.
    pub(super) fn garble_bytes(&self, bytes: &mut Vec<u8>, dice: &mut StdRng) {
        for _ in 0..dice.random_range(1..4) {
            if bytes.is_empty() {
                return;
            }
            let at = dice.random_range(0..bytes.len());
            let until = (at + dice.random_range(1..40)).min(bytes.len());
            match dice.random_range(0..7) {
                0 => bytes[at] ^= 1 << dice.random_range(0..8),
                1 => bytes[at] = dice.random(),
                2 => drop(bytes.drain(at..until)),
                3 => bytes.truncate(at),
                4 => {
                    let again = bytes[at..until].repeat(dice.random_range(1..200));
                    bytes.splice(at..at, again);
                }
                5 => {
                    let word = chosen(&self.words, dice).clone();
                    bytes.splice(at..at, word.into_bytes());
                }
                _ => {
                    let some = *chosen(b"\0\r\n\"{}[]():,\\\xff\xed", dice);
                    bytes.splice(at..at, vec![some; dice.random_range(1..100)]);
                }
            }
        }
    }
}

fn garble_head(sent: &mut Sent, dice: &mut StdRng) {
    let at = dice.random_range(0..=sent.headers.len());
    match dice.random_range(0..7) {
        0 => (*chosen(&METHODS, dice)).clone_into(&mut sent.method),
        1 => (*chosen(&TARGETS, dice)).clone_into(&mut sent.target),
        2 if at < sent.headers.len() => drop(sent.headers.remove(at)),
        3 if at < sent.headers.len() => sent.headers.push(sent.headers[at].clone()),
        4 if at < sent.headers.len() => sent.headers[at].1 = value(dice),
        _ => sent.headers.push(((*chosen(&HEADERS, dice)).to_owned(), value(dice))),
    }
}

fn value(dice: &mut StdRng) -> Vec<u8> {
    let value = chosen(&HEADER_VALUES, dice).to_vec();
    if dice.random_bool(0.1) { value.repeat(dice.random_range(1..300)) } else { value }
}

fn chosen<'a, T>(from: &'a [T], dice: &mut StdRng) -> &'a T {
    from.choose(dice).expect("something to choose from")
}

impl Sent {
    /// As it goes over a connection.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let length = ("content-length".to_owned(), self.body.len().to_string().into_bytes());
        for (name, value) in self.headers.iter().chain([&length]) {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        let bytes = self.bytes();
        String::from_utf8_lossy(&bytes[..bytes.len().min(8_000)]).into_owned()
    }
}

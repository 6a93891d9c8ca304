//! How often an address may come with a key that is not valid.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo, http::Request};
use contacts_gateway::access::{Key, Scope};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Told;
use crate::{
    program::{Server, folder},
    support::{
        App,
        engine::{Engine, on_each_engine},
    },
};

/// A point comes back every twenty seconds, so none while a test runs, or one.
const LIMIT: u32 = 3;

const HERE: &str = "192.0.2.1:40000";

impl App {
    /// Asks from an address.
    async fn ask_from(&self, address: &str, key: &str) -> Told {
        let mut request = Request::get("/graphql?query=%7B__typename%7D")
            .header("host", "localhost")
            .header("x-api-key", key)
            .body(Body::empty())
            .expect("a request");
        let address: SocketAddr = address.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(address));
        self.told(request).await
    }
}

fn unknown() -> String {
    Key::generate().reveal().to_owned()
}

#[track_caller]
fn is_limited(told: &Told) {
    assert_eq!((told.status, &told.error()["code"]), (429, &json!("RATE_LIMITED")), "{:#}", told.body);
    let wait: u64 = told.header("retry-after").and_then(|it| it.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
}

on_each_engine! {
    async fn unknown_keys_are_looked_up_to_the_limit_and_one_above_is_not(engine: Engine) {
        let app = App::with_failed_keys(engine, LIMIT).await;
        app.statements();
        for _ in 0..LIMIT {
            assert_eq!(app.ask_from(HERE, &unknown()).await.status, 401);
            assert_eq!(app.statements().len(), 1);
        }
        is_limited(&app.ask_from(HERE, &unknown()).await);
        is_limited(&app.ask_from(HERE, "mistyped").await);
        assert_eq!(app.statements().len(), 0, "the database is not asked");
        assert_eq!(app.ask_from("192.0.2.2:40000", &unknown()).await.status, 401, "another address has its own");
    }

    async fn unknown_keys_at_once_are_looked_up_no_more_than_the_limit(engine: Engine) {
        let app = App::with_failed_keys(engine, LIMIT).await;
        app.statements();
        let keys: Vec<String> = (0..20).map(|_| unknown()).collect();
        let told = join_all(keys.iter().map(|key| app.ask_from(HERE, key))).await;
        let refused = told.iter().filter(|told| told.status == 401).count();
        assert_eq!((refused, told.iter().filter(|told| told.status == 429).count()), (3, 17));
        assert_eq!(app.statements().len(), 3);
    }
}

#[tokio::test]
async fn every_kind_of_key_that_is_not_valid_counts() {
    let app = App::with_failed_keys(Engine::Sqlite, 1).await;
    let same = unknown();
    let forged = {
        let mut other = app.key.clone();
        other.replace_range(20..21, if &other[20..21] == "x" { "y" } else { "x" });
        other
    };
    for (number, key) in
        ["mistyped", "", forged.as_str(), same.as_str(), same.as_str()].into_iter().enumerate()
    {
        let address = format!("192.0.2.{number}:1");
        assert_eq!(app.ask_from(&address, key).await.status, 401, "{key}");
        is_limited(&app.ask_from(&address, key).await);
    }
}

#[tokio::test]
async fn valid_keys_do_not_count_and_one_that_was_used_goes_on_working_beside_failures() {
    let app = App::with_failed_keys(Engine::Sqlite, LIMIT).await;
    for _ in 0..10 {
        let key = app.key_with(&[Scope::ContactsRead]).await;
        assert_eq!(app.ask_from(HERE, &key).await.status, 200);
    }
    assert_eq!(app.ask_from(HERE, &app.key).await.status, 200);
    for _ in 0..LIMIT {
        assert_eq!(app.ask_from(HERE, "mistyped").await.status, 401);
    }
    is_limited(&app.ask_from(HERE, "mistyped").await);
    assert_eq!(app.ask_from(HERE, &app.key).await.status, 200);
    let new = app.key_with(&[Scope::ContactsRead]).await;
    is_limited(&app.ask_from(HERE, &new).await);
    assert_eq!(app.ask_from("192.0.2.2:40000", &new).await.status, 200);
    assert_eq!(app.ask_from(HERE, &new).await.status, 200, "used from elsewhere, it is known");
}

#[tokio::test]
async fn a_limit_of_zero_limits_nothing_and_no_key_at_all_does_not_count() {
    let app = App::with_failed_keys(Engine::Sqlite, 0).await;
    for _ in 0..100 {
        assert_eq!(app.ask_from(HERE, "mistyped").await.status, 401);
    }
    let app = App::with_failed_keys(Engine::Sqlite, 1).await;
    for _ in 0..3 {
        let mut request =
            Request::get("/graphql").header("host", "localhost").body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(HERE.parse::<SocketAddr>().expect("an address")));
        assert_eq!(app.told(request).await.error()["reason"], "AUTHENTICATION_REQUIRED");
    }
}

#[tokio::test]
async fn a_server_knows_the_address_by_the_connection_and_not_by_a_header() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--failed-keys", "2"]);
    let mut codes = Vec::new();
    for number in 0..3 {
        let request = reqwest::Client::new()
            .get(format!("http://{}/graphql", server.address))
            .header("x-api-key", "mistyped")
            .header("x-forwarded-for", format!("192.0.2.{number}"));
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        codes.push(answer["errors"][0]["extensions"]["code"].clone());
    }
    assert_eq!(codes, ["UNAUTHENTICATED", "UNAUTHENTICATED", "RATE_LIMITED"]);
}

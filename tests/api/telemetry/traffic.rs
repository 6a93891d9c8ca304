//! A server that is asked over the network, with values that can be found again.

use std::{fs, net::SocketAddr};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use contacts_gateway::{
    access::{Scope, mint},
    clock::now_ms,
    database::{KeyStore, Options},
    organizations,
};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

use crate::{
    program::{Server, folder},
    support::engine::{Engine, ForEngine as _, TestDatabase},
};

/// In every text that says something of somebody; in small letters.
pub(super) const MARK: &str = "xqzvk";
/// In every phone number.
pub(super) const DIGITS: &str = "4168675";

/// A server that logs all it can, over a store of its own.
pub(super) struct Watched {
    server: Server,
    folder: TempDir,
    store: KeyStore,
    /// Of every key that was made.
    secrets: Vec<String>,
    pub(super) database: TestDatabase,
}

impl Watched {
    pub(super) async fn start(engine: Engine) -> Self {
        let folder = folder();
        let database = TestDatabase::for_engine(engine).await;
        let format = if engine == Engine::Sqlite { "text" } else { "json" };
        let arguments = ["--log", "trace", "--log-format", format, "--rate-points", "0", "--database-url"];
        let server = Server::start(folder.path(), &[&arguments[..], &[&database.url]].concat());
        let store = KeyStore::open(&Options::new(&database.url)).await.expect("a key store");
        let secrets = server.key().map(str::to_owned).into_iter().collect();
        Self { server, folder, store, secrets, database }
    }

    /// A key of an organization of its own, with every scope.
    pub(super) async fn organization(&mut self) -> String {
        let row = organizations::new(Uuid::now_v7(), MARK, now_ms());
        let (key, key_row) = mint(row.id, MARK, Scope::ALL.into_iter().collect(), None);
        let row = row.into_active_model().reset_all();
        self.store.add(Some(row), key_row).await.expect("an organization");
        self.secrets.push(key.reveal().to_owned());
        key.reveal().to_owned()
    }

    /// Another secret that must not be found.
    pub(super) fn secret(&mut self, secret: &str) {
        self.secrets.push(secret.to_owned());
    }

    /// Sends on what it is asked.
    pub(super) fn router(&self) -> Router {
        let client = reqwest::Client::new();
        let address = self.server.address.clone();
        Router::new().fallback(async move |request: Request| {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a whole body");
            let url = format!("http://{address}{}", parts.uri);
            let sent = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
            let answer = sent.expect("an answer");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.body_mut() = Body::from(answer.bytes().await.expect("a whole answer"));
            response
        })
    }

    /// Sends bytes that need not be HTTP, and waits for the answer's beginning or the end.
    pub(super) async fn send(&self, bytes: &[u8]) {
        let address: SocketAddr = self.server.address.parse().expect("an address");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(bytes).await.expect("sent");
        // Whatever it answers, or that it closes, says that it has been read.
        drop(stream.read(&mut [0; 64]).await);
    }

    /// The whole log, once the server has ended.
    pub(super) fn log(self) -> Log {
        self.server.signal("TERM");
        assert_eq!(self.server.wait().0.code(), Some(0));
        let text = fs::read_to_string(self.folder.path().join("server.log")).expect("the log");
        let mut secrets: Vec<String> = self.secrets.iter().map(|key| key[16..48].to_owned()).collect();
        let password = self.database.url.split_once("://").and_then(|(_, rest)| {
            rest.split_once('@')?.0.split_once(':').map(|(_, password)| password.to_owned())
        });
        secrets.extend(password);
        Log { text, secrets }
    }
}

pub(super) struct Log {
    pub(super) text: String,
    secrets: Vec<String>,
}

impl Log {
    /// The lines that say what no line may say.
    pub(super) fn telling(&self) -> Vec<&str> {
        let tells = |line: &&str| {
            line.to_lowercase().contains(MARK)
                || line.contains(DIGITS)
                || self.secrets.iter().any(|secret| line.contains(secret))
        };
        self.text.lines().filter(tells).collect()
    }
}

/// The input with a mark in every text that may say something of somebody.
pub(super) fn marked(input: &Value) -> Value {
    member("", input)
}

fn member(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') => value.clone(),
        Value::String(text) => match name {
            "email" | "address" | "externalId" | "defaultSource" => format!("{MARK}{text}").into(),
            "phone" | "number" => text.replace("5550", "8675").replace("555 0", "867 5").into(),
            "firstName" | "lastName" | "name" | "newName" | "notes" | "tags" | "city" => {
                format!("{MARK} {text}").into()
            }
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| member(name, item)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), member(name, value))).collect()
        }
        other => other.clone(),
    }
}

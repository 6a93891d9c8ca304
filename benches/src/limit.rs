//! The bare handlers: what a server costs that does nothing but ask its database and write JSON.

pub(crate) mod create;
pub(crate) mod json;
mod postgres;
mod rusqlite_threads;
pub(crate) mod sql;
mod sqlx_connections;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::{Args, ValueEnum};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::{
    create::{Created, Input},
    json::{Cells, List, Related},
    sql::Read,
};
use crate::failure::Failure;

/// Command line of the handlers.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[arg(long)]
    driver: Driver,
    #[arg(long)]
    database: String,
    #[arg(long)]
    organization: Uuid,
    #[arg(long)]
    listen: SocketAddr,
    /// Connections that read
    #[arg(long)]
    readers: usize,
}

/// Driver of the database.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Driver {
    /// tokio-postgres: pipelined, prepared
    Postgres,
    /// sqlx on SQLite, tuned
    Sqlx,
    /// rusqlite on threads of its own
    Rusqlite,
}

/// A store as the handlers see it.
struct Handlers {
    readers: Readers,
    writer: mpsc::Sender<Created>,
}

enum Readers {
    Postgres(postgres::Readers),
    Sqlx(sqlx_connections::Readers),
    Rusqlite(rusqlite_threads::Readers),
}

/// Maximum number of creates in one transaction.
const MAX_GROUP: usize = 64;

/// Serves until the process is ended.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { driver, database, organization, listen, readers } = arguments;
    let (writer, created) = mpsc::channel(4 * MAX_GROUP);
    let readers = match driver {
        Driver::Postgres => {
            postgres::start_writer(&database, organization, created).await?;
            Readers::Postgres(postgres::Readers::connect(&database, organization, readers).await?)
        }
        Driver::Sqlx => {
            sqlx_connections::start_writer(&database, organization, created).await?;
            Readers::Sqlx(sqlx_connections::Readers::open(&database, organization, readers).await?)
        }
        Driver::Rusqlite => {
            rusqlite_threads::start_writer(&database, organization, created)?;
            Readers::Rusqlite(rusqlite_threads::Readers::open(&database, organization, readers)?)
        }
    };
    let router = Router::new()
        .route("/readyz", get(async || "ok"))
        .route("/w1", get(async |State(handlers): Handler| handlers.read(Read::Page).await))
        .route("/w2", get(async |State(handlers): Handler| handlers.read(Read::Related).await))
        .route(
            "/w3/{id}",
            get(async |State(handlers): Handler, Path(id): Path<Uuid>| handlers.read(Read::One(id)).await),
        )
        .route("/w4", post(create))
        .route("/w7", post(create_many))
        .route(
            "/w5/{since}",
            get(async |State(handlers): Handler, Path(since): Path<i64>| {
                handlers.read(Read::Poll(since)).await
            }),
        )
        .route(
            "/w6/{at}/{seq}",
            get(async |State(handlers): Handler, Path((at, seq)): Path<(i64, i64)>| {
                handlers.read(Read::Deep(at, seq)).await
            }),
        )
        .with_state(Arc::new(Handlers { readers, writer }));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), router)
        .await?;
    Ok(())
}

type Handler = State<Arc<Handlers>>;

impl Handlers {
    async fn read(&self, read: Read) -> Response {
        answer(match &self.readers {
            Readers::Postgres(readers) => readers.read(read).await,
            Readers::Sqlx(readers) => readers.read(read).await,
            Readers::Rusqlite(readers) => readers.read(read).await,
        })
    }
}

impl Handlers {
    /// Creates contacts, and returns the answer that is written with their ids.
    async fn create(&self, inputs: Vec<Input>, write: impl FnOnce(&[Uuid]) -> String) -> Response {
        let (done, result) = oneshot::channel();
        let contacts: Vec<(Uuid, Input)> = inputs.into_iter().map(|input| (Uuid::now_v7(), input)).collect();
        let ids: Vec<Uuid> = contacts.iter().map(|(id, _)| *id).collect();
        if self.writer.send(Created { contacts, done }).await.is_err() {
            return answer(Err("the writer has ended".into()));
        }
        let result = result.await.unwrap_or_else(|_| Err("the writer has ended".to_owned()));
        answer(result.map_err(Failure::from).map(|()| write(&ids).into_bytes()))
    }
}

async fn create(State(handlers): Handler, Json(input): Json<Input>) -> Response {
    let write = |ids: &[Uuid]| {
        let created: String = ids.iter().map(contact).collect();
        format!(r#"{{"data":{{"createContact":{{{created},"userErrors":[]}}}}}}"#)
    };
    handlers.create(vec![input], write).await
}

async fn create_many(State(handlers): Handler, Json(inputs): Json<Vec<Input>>) -> Response {
    let write = |ids: &[Uuid]| {
        let results: Vec<String> = ids.iter().map(|id| format!("{{{}}}", contact(id))).collect();
        let (results, count) = (results.join(","), ids.len());
        format!(
            r#"{{"data":{{"createContacts":{{"createdCount":{count},"results":[{results}],"userErrors":[]}}}}}}"#
        )
    };
    handlers.create(inputs, write).await
}

/// Writes the member `contact` of an answer.
fn contact(id: &Uuid) -> String {
    format!(r#""contact":{{"id":"{id}"}}"#)
}

fn answer(result: Result<Vec<u8>, Failure>) -> Response {
    match result {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response(),
    }
}

/// Writes the answer of a read from its rows.
fn written<'r, R: Cells + 'r>(read: Read, rows: impl IntoIterator<Item = &'r R>) -> Vec<u8> {
    match read {
        Read::Page | Read::Poll(_) | Read::Deep(..) => {
            let mut list = List::of(read.columns());
            rows.into_iter().for_each(|row| list.push(row));
            list.finish()
        }
        Read::Related => {
            let mut list = Related::new();
            rows.into_iter().for_each(|row| list.push(row));
            list.finish()
        }
        Read::One(_) => json::one(read.columns(), rows.into_iter().next()),
    }
}

//! The API as its users see it, on both engines: one binary, so that it links once.

#![recursion_limit = "256"]

mod access;
mod changing;
mod command_line;
mod creating;
mod database;
mod docs;
mod errors;
mod executing;
mod filtering;
mod fixtures;
mod http;
mod layers;
mod limits;
mod listing;
mod mutants;
mod plans;
mod playground;
mod program;
mod properties;
mod related;
mod repeating;
mod schema;
mod scopes;
mod settings;
mod sources;
mod statements;
mod support;
mod telemetry;
mod tenants;
mod unchanged;
mod writing;

use serde_json::json;

use support::{App, engine::on_each_engine};

on_each_engine! {
    async fn a_created_contact_is_listed(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        let data = app.data("{ contacts { nodes { id } } }").await;
        assert_eq!(data["contacts"]["nodes"], json!([{"id": id}]));
    }
}

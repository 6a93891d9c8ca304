//! What a key sees by way of what it may write.

use contacts_gateway::access::Scope;
use serde_json::json;

use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn settings_write_alone_reads_no_contacts_by_way_of_a_team(app: App) {
        let key = app.key_with(&[Scope::SettingsWrite]).await;
        let document = "mutation { createTeam(input: {name: \"A\"}) { team { name contacts { nodes { id } } } } }";
        let answer = app.ask_as(&key, document, json!({})).await;
        assert_eq!(answer["data"]["createTeam"]["team"], json!({"name": "A", "contacts": null}), "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["requiredScope"], "CONTACTS_READ", "{answer:#}");
    }
}

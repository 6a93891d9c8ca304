//! What a key needs for each mutation.

use contacts_gateway::access::Scope;
use serde_json::json;

use crate::support::{App, engine::on_each_engine};

const MUTATIONS: [(&str, &str, Scope); 14] = [
    ("createCompany", "input: {name: \"A\"}", Scope::ContactsWrite),
    ("updateCompany", "input: {id: \"1\"}", Scope::ContactsWrite),
    ("deleteCompany", "input: {id: \"1\"}", Scope::ContactsWrite),
    ("createTeam", "input: {name: \"A\"}", Scope::SettingsWrite),
    ("updateTeam", "input: {id: \"1\"}", Scope::SettingsWrite),
    ("deleteTeam", "input: {id: \"1\"}", Scope::SettingsWrite),
    ("createUser", "input: {name: \"A\"}", Scope::SettingsWrite),
    ("updateUser", "input: {id: \"1\"}", Scope::SettingsWrite),
    ("deleteUser", "input: {id: \"1\"}", Scope::SettingsWrite),
    ("createPipeline", "input: {name: \"A\", stages: [{name: \"A\"}]}", Scope::SettingsWrite),
    ("updatePipeline", "input: {id: \"1\"}", Scope::SettingsWrite),
    ("deletePipeline", "input: {id: \"1\"}", Scope::SettingsWrite),
    ("renameTag", "input: {name: \"a\", newName: \"b\"}", Scope::ContactsWrite),
    ("deleteTag", "input: {name: \"a\"}", Scope::ContactsWrite),
];

on_each_engine! {
    async fn each_mutation_needs_its_scope(app: App) {
        for (mutation, input, scope) in MUTATIONS {
            let others: Vec<_> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
            let document = format!("mutation {{ {mutation}({input}) {{ userErrors {{ code }} }} }}");
            let answer = app.ask_as(&app.key_with(&others).await, &document, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["requiredScope"], scope.constant(), "{answer:#}");
            assert_eq!(answer["data"][mutation], json!(null), "{answer:#}");
            let answer = app.ask_as(&app.key_with(&[scope]).await, &document, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{answer:#}");
        }
    }

    async fn settings_write_alone_reads_no_contacts_by_way_of_a_team(app: App) {
        let key = app.key_with(&[Scope::SettingsWrite]).await;
        let document = "mutation { createTeam(input: {name: \"A\"}) { team { name contacts { nodes { id } } } } }";
        let answer = app.ask_as(&key, document, json!({})).await;
        assert_eq!(answer["data"]["createTeam"]["team"], json!({"name": "A", "contacts": null}), "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["requiredScope"], "CONTACTS_READ", "{answer:#}");
    }
}

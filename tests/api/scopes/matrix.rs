//! Every root field with every single scope, with all scopes and with none.

use std::collections::BTreeSet;

use contacts_gateway::access::Scope;
use serde_json::{Value, json};

use super::{forbidden, refused};
use crate::{
    support::{
        App,
        arguments::{Arguments, selection},
        engine::on_each_engine,
        filled::Filled,
        schema::{Field, Schema},
    },
    tenants::dump::dump,
};

/// What each mutation needs. One that stands nowhere fails the test.
const MUTATIONS: [(Scope, &[&str]); 4] = [
    (
        Scope::ContactsWrite,
        &[
            "createContact",
            "updateContact",
            "upsertContact",
            "createContacts",
            "updateContacts",
            "deleteContact",
            "deleteContacts",
            "restoreContacts",
            "recordContactEnrichment",
            "createCompany",
            "updateCompany",
            "deleteCompany",
            "renameTag",
            "deleteTag",
        ],
    ),
    (Scope::ContactsPurge, &["purgeContacts"]),
    (
        Scope::SettingsWrite,
        &[
            "createTeam",
            "updateTeam",
            "deleteTeam",
            "createUser",
            "updateUser",
            "deleteUser",
            "createPipeline",
            "updatePipeline",
            "deletePipeline",
            "updateContactPolicy",
        ],
    ),
    (Scope::KeysManage, &["createApiKey", "revokeApiKey"]),
];

/// What a root field needs; `None` for what any key may ask.
fn needed(root: &str, field: &str) -> Option<Scope> {
    match (root, field) {
        ("Query", "viewer") => None,
        ("Query", "apiKeys") => Some(Scope::KeysManage),
        ("Query", _) => Some(Scope::ContactsRead),
        _ => {
            let declared = MUTATIONS.into_iter().find(|(_, mutations)| mutations.contains(&field));
            Some(declared.unwrap_or_else(|| panic!("teach me the scope of `{field}`")).0)
        }
    }
}

/// The document that asks for a field alone, and its variables.
fn document(schema: &Schema, own: &Filled, root: &str, field: &Field) -> (String, Value) {
    let arguments = Arguments { schema, own, field: &field.name }.required(field);
    let given: Vec<_> = field.args.iter().filter(|argument| arguments.contains_key(&argument.name)).collect();
    let list = |part: &dyn Fn(&str, String) -> String| {
        let parts: Vec<_> =
            given.iter().map(|argument| part(&argument.name, argument.ty.to_string())).collect();
        if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
    };
    let defined = list(&|name, ty| format!("${name}: {ty}"));
    let passed = list(&|name, _| format!("{name}: ${name}"));
    // Three levels, so that what a payload shows has its own relations too.
    let selected = selection(schema, field.ty.named(), 1);
    let text = format!("{} {defined} {{ {}{passed} {{ {selected} }} }}", root.to_lowercase(), field.name);
    (text, arguments.into())
}

on_each_engine! {
    async fn every_root_field_needs_its_scope_and_without_it_does_nothing(app: App) {
        let schema = Schema::of(&app).await;
        let own = Filled::new(&app, &schema, "globex", 200).await;
        let scopes = Scope::ALL.map(|scope| vec![scope]);
        let mut keys = Vec::new();
        for scopes in scopes.into_iter().chain([vec![], Scope::ALL.to_vec()]) {
            let key = app.key_in(own.org_id, &scopes).await;
            app.ask_as(&key, "{ __typename }", json!({})).await;
            keys.push((scopes, key));
        }
        let before = dump(&app, own.org_id).await;
        let mut mutations = BTreeSet::new();
        // First what is refused: it is refused about things that are still there.
        for allowed in [false, true] {
            for root in ["Query", "Mutation"] {
                for field in schema.get(root).fields() {
                    mutations.extend((root == "Mutation").then_some(&*field.name));
                    let needed = needed(root, &field.name);
                    let (document, variables) = document(&schema, &own, root, field);
                    for (scopes, key) in &keys {
                        // Writing includes reading.
                        let may = |scope| {
                            scopes.contains(&scope)
                                || scope == Scope::ContactsRead && scopes.contains(&Scope::ContactsWrite)
                        };
                        if needed.is_none_or(may) != allowed {
                            continue;
                        }
                        app.statements();
                        let answer = app.ask_as(key, &document, variables.clone()).await;
                        if let Some(needed) = needed.filter(|_| !allowed) {
                            assert_eq!(refused(&answer), [forbidden(&field.name, needed)], "{scopes:?}: {answer:#}");
                            assert_eq!(answer["data"], json!({&*field.name: null}), "{scopes:?}: {answer:#}");
                            let message = answer["errors"][0]["message"].as_str().expect("a message");
                            assert!(message.contains(needed.name()), "{message}");
                            let sent = app.statements();
                            assert!(sent.is_empty(), "{} with {scopes:?}: {sent:#?}", field.name);
                        } else {
                            let refused = answer["errors"].as_array().into_iter().flatten();
                            let mut paths = refused.map(|error| error["path"].as_array().map_or(0, Vec::len));
                            assert!(paths.all(|length| length > 1), "{} with {scopes:?}: {answer:#}", field.name);
                            assert_ne!(answer["data"][&field.name], Value::Null, "{scopes:?}: {answer:#}");
                        }
                    }
                }
            }
            if !allowed {
                assert_eq!(dump(&app, own.org_id).await, before, "what is refused has an effect");
            }
        }
        let declared: BTreeSet<_> = MUTATIONS.iter().flat_map(|(_, mutations)| *mutations).copied().collect();
        assert_eq!(declared, mutations, "a scope is declared for what is no mutation");
        assert_ne!(dump(&app, own.org_id).await, before, "the mutations do nothing");
    }
}

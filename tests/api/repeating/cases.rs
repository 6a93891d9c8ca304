//! A case for each mutation.

use serde_json::{Value, json};

use super::Case;

/// One for each mutation, by what they change.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::from(contacts());
    cases.extend(several_contacts());
    cases.extend(related("Company", "company { id name }"));
    cases.extend(related("Team", "team { id name }"));
    cases.extend(related("User", "user { id name }"));
    cases.extend(pipelines());
    cases.extend(tags());
    cases.extend(settings());
    cases
}

fn contact() -> (&'static str, Value) {
    ("createContact", json!({"firstName": "Jane", "tags": ["lead"]}))
}

fn notes(notes: &str) -> Value {
    json!({"id": "$0", "set": {"notes": notes}})
}

fn contacts() -> [Case; 5] {
    let renamed = json!({"id": "$made", "set": {"firstName": "Zoe"}});
    [
        Case::new(
            "createContact",
            json!({"firstName": "A"}),
            json!({"firstName": "B"}),
            "contact { id firstName }",
        )
        .meanwhile("updateContact", renamed.clone())
        .now("/contact/firstName", json!("Zoe")),
        Case::new("updateContact", notes("a"), notes("b"), "contact { id notes }")
            .after([contact()])
            .meanwhile("updateContact", notes("c"))
            .now("/contact/notes", json!("c")),
        Case::new(
            "upsertContact",
            json!({"contact": {"firstName": "A", "email": "a@example.com"}}),
            json!({"contact": {"firstName": "B", "email": "a@example.com"}}),
            "created contact { id firstName }",
        )
        .meanwhile("updateContact", renamed)
        .now("/contact/firstName", json!("Zoe")),
        Case::new("deleteContact", json!({"id": "$0"}), json!({"id": "$1"}), "contactId")
            .after([contact(), contact()])
            .meanwhile("restoreContacts", json!({"ids": ["$0"]})),
        Case::new(
            "recordContactEnrichment",
            json!({"id": "$0", "status": "a"}),
            json!({"id": "$0", "status": "b"}),
            "contact { id enrichmentStatus }",
        )
        .after([contact()]),
    ]
}

fn several_contacts() -> [Case; 5] {
    let changed = |notes: &str| json!({"where": {"ids": ["$0"]}, "set": {"notes": notes}});
    let chosen = |id: &str| json!({"where": {"ids": [id]}});
    let ids = |id: &str| json!({"ids": [id]});
    let delete = |id: &str| ("deleteContact", json!({"id": id}));
    [
        Case::new(
            "createContacts",
            json!({"contacts": [{"firstName": "A"}, {}]}),
            json!({"contacts": [{"firstName": "A"}]}),
            "createdCount failedCount results { outcome contact { id } }",
        ),
        Case::new("updateContacts", changed("a"), changed("b"), "affectedCount contacts { id notes }")
            .after([contact()])
            .meanwhile("updateContact", notes("c"))
            .now("/contacts/0/notes", json!("c")),
        Case::new("deleteContacts", chosen("$0"), chosen("$1"), "affectedCount contactIds")
            .after([contact(), contact()])
            .meanwhile("restoreContacts", ids("$0")),
        Case::new("restoreContacts", ids("$0"), ids("$1"), "contacts { id notes }")
            .after([contact(), contact(), delete("$0"), delete("$1")])
            .meanwhile("updateContact", notes("c"))
            .now("/contacts/0/notes", json!("c")),
        Case::new("purgeContacts", ids("$0"), ids("$1"), "contactIds").after([contact(), contact()]),
    ]
}

/// Companies, teams and users have the same three mutations.
fn related(kind: &'static str, selection: &'static str) -> [Case; 3] {
    let [create, update, delete] = match kind {
        "Company" => ["createCompany", "updateCompany", "deleteCompany"],
        "Team" => ["createTeam", "updateTeam", "deleteTeam"],
        _ => ["createUser", "updateUser", "deleteUser"],
    };
    let name = match kind {
        "Company" => "/company/name",
        "Team" => "/team/name",
        _ => "/user/name",
    };
    let made = || (create, json!({"name": "Acme"}));
    let renamed = |id: &str, name: &str| json!({"id": id, "name": name});
    [
        Case::new(create, json!({"name": "A"}), json!({"name": "B"}), selection)
            .meanwhile(update, renamed("$made", "Z"))
            .now(name, json!("Z")),
        Case::new(update, renamed("$0", "A"), renamed("$0", "B"), selection)
            .after([made()])
            .meanwhile(update, renamed("$0", "Z"))
            .now(name, json!("Z")),
        Case::new(delete, json!({"id": "$0"}), json!({"id": "$1"}), "deletedId").after([made(), made()]),
    ]
}

fn pipelines() -> [Case; 3] {
    const WHOLE: &str = "pipeline { id name stages { id name } }";
    let stages = json!([{"name": "New"}]);
    let named = |name: &str| json!({"name": name, "stages": stages});
    let renamed = |id: &str, name: &str| json!({"id": id, "name": name});
    let made = || ("createPipeline", named("Sales"));
    [
        Case::new("createPipeline", named("A"), named("B"), WHOLE)
            .meanwhile("updatePipeline", renamed("$made", "Z"))
            .now("/pipeline/name", json!("Z")),
        Case::new("updatePipeline", renamed("$0", "A"), renamed("$0", "B"), WHOLE)
            .after([made()])
            .meanwhile("updatePipeline", renamed("$0", "Z"))
            .now("/pipeline/name", json!("Z")),
        Case::new("deletePipeline", json!({"id": "$1"}), json!({"id": "$2"}), "deletedId").after([
            made(),
            made(),
            made(),
        ]),
    ]
}

fn tags() -> [Case; 2] {
    let renamed = |name: &str, new_name: &str| json!({"name": name, "newName": new_name});
    [
        Case::new("renameTag", renamed("lead", "warm"), renamed("lead", "cold"), "tag { id name }")
            .after([contact()])
            .meanwhile("renameTag", renamed("warm", "hot"))
            .now("/tag/name", json!("hot")),
        Case::new("deleteTag", json!({"name": "lead"}), json!({"name": "LEAD"}), "deletedId")
            .after([contact()])
            .meanwhile("createContact", json!({"firstName": "Joe", "tags": ["lead"]})),
    ]
}

fn settings() -> [Case; 3] {
    let source = |source: &str| json!({"defaultSource": source});
    let key = |name: &str| json!({"name": name, "scopes": ["CONTACTS_READ"]});
    [
        Case::new(
            "updateContactPolicy",
            source("a"),
            source("b"),
            "organization { policy { defaultSource } }",
        )
        .meanwhile("updateContactPolicy", source("c"))
        .now("/organization/policy/defaultSource", json!("c")),
        Case::new("createApiKey", key("a"), key("b"), "apiKey { id name } secret")
            .now("/secret", Value::Null),
        Case::new("revokeApiKey", json!({"id": "$0"}), json!({"id": "$1"}), "apiKey { id revokedAt }").after(
            [
                ("createApiKey", json!({"name": "a", "scopes": ["KEYS_MANAGE", "CONTACTS_READ"]})),
                ("createApiKey", key("b")),
            ],
        ),
    ]
}

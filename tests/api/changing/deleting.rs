//! Deleting, restoring and purging.

use contacts_gateway::access::Scope;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::{faults, mutate, mutate_for, updated};
use crate::support::{App, engine::on_each_engine};

async fn delete(app: &App, id: impl serde::Serialize) -> Value {
    mutate_for(app, "deleteContact", "contactId", json!({"id": id})).await
}

async fn restore(app: &App, ids: Value) -> Value {
    mutate_for(
        app,
        "restoreContacts",
        "contacts { id version deletedAt tags phones { number } }",
        json!({"ids": ids}),
    )
    .await
}

on_each_engine! {
    async fn a_deleted_contact_is_gone_until_it_is_restored(app: App) {
        let id = app.created(json!({"firstName": "A", "tags": ["t"], "phone": "+14165550100"})).await;
        let payload = mutate_for(&app, "deleteContact", "contactId contact { id version firstName deletedAt tags phones { number } }", json!({"id": id})).await;
        let contact = &payload["contact"];
        assert_eq!((&payload["contactId"], &payload["userErrors"]), (&json!(id), &json!([])));
        assert_eq!((&contact["id"], &contact["version"], &contact["firstName"]), (&json!(id), &json!(2), &json!("A")));
        assert!(contact["deletedAt"].is_string() && contact["tags"] == json!(["t"]), "{payload:#}");
        assert_eq!(contact["phones"], json!([{"number": "+14165550100"}]));
        let gone = app.ask_with("query($id: ID!) { contact(id: $id) { id } node(id: $id) { id } contacts { totalCount }
            deleted: contacts(includeDeleted: true) { nodes { id deletedAt updatedAt } } }", json!({"id": id})).await;
        assert_eq!((&gone["data"]["contact"], &gone["data"]["node"]), (&Value::Null, &Value::Null), "{gone:#}");
        assert_eq!(gone["data"]["contacts"]["totalCount"], 0);
        let deleted = &gone["data"]["deleted"]["nodes"][0];
        assert_eq!(deleted["deletedAt"], deleted["updatedAt"]);
        let payload = mutate(&app, "updateContact", json!({"id": id, "set": {"notes": "x"}})).await;
        assert_eq!(faults(&payload), ["CONTACT_NOT_FOUND input.id"]);
        assert_eq!(faults(&delete(&app, id).await), ["CONTACT_NOT_FOUND input.id"]);
        let payload = restore(&app, json!([id])).await;
        assert_eq!(payload["contacts"], json!([{"id": id, "version": 3, "deletedAt": null, "tags": ["t"],
            "phones": [{"number": "+14165550100"}]}]), "{payload:#}");
        assert_eq!(restore(&app, json!([id])).await["contacts"][0]["version"], 3);
    }

    async fn what_a_deleted_contact_held_can_be_taken_and_then_not_restored(app: App) {
        let id = app.created(json!({"firstName": "A", "externalId": "1"})).await;
        delete(&app, id).await;
        let holder = app.created(json!({"firstName": "B", "externalId": "1"})).await;
        let payload = restore(&app, json!([id])).await;
        assert_eq!(faults(&payload), ["EXTERNAL_ID_TAKEN input.ids.0"], "{payload:#}");
        assert_eq!(payload["userErrors"][0]["conflictingContacts"], json!([{"id": holder}]));
        updated(&app, holder, json!({"externalId": null})).await;
        assert_eq!(faults(&restore(&app, json!([id])).await), [""; 0]);
    }

    async fn what_has_become_unique_meanwhile_is_checked_in_a_restoration(app: App) {
        let held = json!({"firstName": "A", "email": "a@x.org", "phone": "+14165550100"});
        let id = app.created(held.clone()).await;
        delete(&app, id).await;
        app.done("updateContactPolicy", json!({"uniqueEmail": true, "uniquePhone": true}), "__typename").await;
        let holder = app.created(json!({"firstName": "B", "email": "A@x.org"})).await;
        let payload = restore(&app, json!([id])).await;
        assert_eq!(faults(&payload), ["EMAIL_TAKEN input.ids.0"], "{payload:#}");
        assert_eq!(payload["userErrors"][0]["conflictingContacts"], json!([{"id": holder}]));
        updated(&app, holder, json!({"email": null, "phone": "+14165550100"})).await;
        let payload = restore(&app, json!([id])).await;
        assert_eq!(faults(&payload), ["PHONE_TAKEN input.ids.0"], "{payload:#}");
        assert_eq!(payload["userErrors"][0]["conflictingContacts"], json!([{"id": holder}]));
    }

    async fn several_are_deleted_or_none(app: App) {
        let a = app.created(json!({"firstName": "A"})).await;
        let b = app.created(json!({"firstName": "B"})).await;
        let input = |ids: Value| json!({"where": {"ids": ids}});
        let payload = mutate_for(&app, "deleteContacts", "affectedCount contactIds", input(json!([a, "x"]))).await;
        assert_eq!(faults(&payload), ["CONTACT_NOT_FOUND input.where.ids.1"]);
        assert_eq!((&payload["affectedCount"], &payload["contactIds"]), (&json!(0), &json!([])));
        let payload = mutate_for(&app, "deleteContacts", "affectedCount contactIds", input(json!([a, b]))).await;
        assert_eq!((&payload["affectedCount"], &payload["contactIds"]), (&json!(2), &json!([a, b])), "{payload:#}");
    }

    async fn a_stale_deletion_is_refused(app: App) {
        let id = app.created(json!({"firstName": "A"})).await;
        let payload = mutate_for(&app, "deleteContact", "contactId", json!({"id": id, "expectedVersion": 7})).await;
        assert_eq!(faults(&payload), ["STALE_VERSION input.expectedVersion"]);
    }

    async fn a_purged_contact_leaves_nothing_but_its_id(app: App) {
        let id = app.created(json!({"firstName": "Secretname", "email": "secretname@x.org", "phone": "+14165550100",
            "notes": "secretname", "metadata": {"secretname": 1}, "externalId": "secretname", "tags": ["t"]})).await;
        let payload = mutate_for(&app, "purgeContacts", "contactIds", json!({"ids": [id]})).await;
        assert_eq!(payload, json!({"contactIds": [id], "userErrors": []}));
        let shown = app.data("{ contacts(includeDeleted: true) { nodes { id firstName email phones { number } tags metadata displayName deletedAt } } }").await;
        let node = &shown["contacts"]["nodes"][0];
        assert_eq!((&node["id"], &node["firstName"], &node["metadata"]), (&json!(id), &Value::Null, &json!({})), "{shown:#}");
        for table in ["contact", "contact_phone", "contact_email", "contact_tag"] {
            let backend = app.raw.get_database_backend();
            let rows = app.raw.query_all_raw(Statement::from_string(backend, format!("SELECT * FROM {table}"))).await.expect("rows");
            assert_eq!(rows.len(), usize::from(table == "contact"), "{table}");
        }
        assert_eq!(faults(&restore(&app, json!([id])).await), ["CONTACT_NOT_FOUND input.ids.0"]);
        let again = mutate_for(&app, "purgeContacts", "contactIds", json!({"ids": [id]})).await;
        assert_eq!(faults(&again), ["CONTACT_NOT_FOUND input.ids.0"]);
    }

    async fn purging_needs_its_own_scope(app: App) {
        let key = app.key_with(&[Scope::ContactsWrite]).await;
        let answer = app.ask_as(&key, "mutation { purgeContacts(input: {ids: []}) { contactIds } }", json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["requiredScope"], "CONTACTS_PURGE", "{answer:#}");
    }
}

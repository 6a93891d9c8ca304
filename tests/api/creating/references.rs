//! Companies, users and teams that a new contact points to.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn a_linked_company_gives_its_name(app: App) {
        let company = app.company("Acme Corporation").await;
        for input in [json!({"firstName": "Jane", "companyId": company}),
            json!({"firstName": "Jane", "companyId": company, "company": "Something else"})] {
            let contact = app.stored(input).await;
            assert_eq!(contact["company"], "Acme Corporation");
            assert_eq!(contact["companyRecord"], json!({"id": company, "name": "Acme Corporation"}));
        }
        let contact = app.stored(json!({"firstName": "Jane", "company": "Free text"})).await;
        assert_eq!((&contact["company"], &contact["companyId"]), (&json!("Free text"), &Value::Null));
    }

    async fn an_unknown_id_a_foreign_one_a_deleted_one_and_no_uuid_are_answered_alike(app: App) {
        let (other, _) = app.organization("Other").await;
        for (field, table, code) in [
            ("companyId", "company", "COMPANY_NOT_FOUND"),
            ("teamId", "team", "TEAM_NOT_FOUND"),
            ("ownerId", "\"user\"", "USER_NOT_FOUND"),
            ("assigneeIds", "\"user\"", "USER_NOT_FOUND"),
        ] {
            let foreign = app.named(table, other, "Theirs").await;
            let deleted = app.named(table, app.org_id, "Gone").await;
            app.delete(table, deleted).await;
            let mut answers = Vec::new();
            for id in [Uuid::now_v7().to_string(), foreign.to_string(), deleted.to_string(), "42".to_owned(),
                String::new(), "x".repeat(10_000), "a\u{0}b".to_owned()] {
                let id = if field == "assigneeIds" { json!([id]) } else { json!(id) };
                let payload = app.create_as(&app.key, json!({"firstName": "Jane", field: id})).await;
                answers.push(payload["userErrors"].clone());
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{answers:#?}");
            assert_eq!(answers[0][0]["code"], code);
        }
        assert_eq!(app.rows().await, 0);
    }

    async fn a_repeated_assignee_counts_once_and_a_fault_names_the_place_in_the_input(app: App) {
        let (ada, ben) = (app.user("Ada").await, app.user("Ben").await);
        let contact = app.stored(json!({"firstName": "Jane", "assigneeIds": [ben, ada, ben]})).await;
        assert_eq!(contact["assignees"], json!([{"id": ben, "name": "Ben"}, {"id": ada, "name": "Ada"}]));

        let unknown = Uuid::now_v7();
        let faults = app.faults(json!({"firstName": "Jane", "assigneeIds": ["me", ada, ada, unknown]})).await;
        assert_eq!(faults, ["assigneeIds.0 USER_NOT_FOUND", "assigneeIds.3 USER_NOT_FOUND"]);
    }

    async fn the_keys_user_creates_owns_and_is_assigned(app: App) {
        let (ada, ben) = (app.user("Ada").await, app.user("Ben").await);
        let key = app.key_of(Some(ada), None).await;
        let by_ada = json!({"id": ada, "name": "Ada"});
        let contact = app.stored_as(&key, json!({"firstName": "Jane"})).await;
        for field in ["createdBy", "updatedBy", "owner"] {
            assert_eq!(contact[field], by_ada, "{field}");
        }
        assert_eq!(contact["assignees"], json!([by_ada]));

        let nulls = json!({"firstName": "Jane", "ownerId": null, "assigneeIds": null});
        let contact = app.stored_as(&key, nulls).await;
        assert_eq!((&contact["owner"], &contact["assignees"]), (&by_ada, &json!([by_ada])));

        let given = json!({"firstName": "Jane", "ownerId": ben, "assigneeIds": []});
        let contact = app.stored_as(&key, given).await;
        assert_eq!(contact["owner"], json!({"id": ben, "name": "Ben"}));
        assert_eq!(contact["assignees"], json!([]));
        assert_eq!(contact["createdBy"], by_ada);
    }

    async fn a_key_without_user_leaves_them_empty(app: App) {
        let contact = app.stored(json!({"firstName": "Jane"})).await;
        for field in ["createdBy", "updatedBy", "owner", "ownerId"] {
            assert_eq!(contact[field], Value::Null, "{field}");
        }
        assert_eq!(contact["assignees"], json!([]));
    }

    async fn a_key_limited_to_teams_puts_contacts_into_those_only(app: App) {
        let (north, south) = (app.team("North").await, app.team("South").await);
        let key = app.key_of(None, Some(&[north])).await;
        let contact = app.stored_as(&key, json!({"firstName": "Jane", "teamId": north})).await;
        assert_eq!(contact["team"], json!({"id": north, "name": "North"}));
        let refused = app.faults_as(&key, json!({"firstName": "Jane", "teamId": south})).await;
        assert_eq!(refused, ["teamId TEAM_ACCESS_DENIED"]);
        let unknown = app.faults_as(&key, json!({"firstName": "Jane", "teamId": Uuid::now_v7()})).await;
        assert_eq!(unknown, ["teamId TEAM_NOT_FOUND"]);
        let without = app.stored_as(&key, json!({"firstName": "Jane"})).await;
        assert_eq!(without["team"], Value::Null);

        let none = app.key_of(None, Some(&[])).await;
        let refused = app.faults_as(&none, json!({"firstName": "Jane", "teamId": north})).await;
        assert_eq!(refused, ["teamId TEAM_ACCESS_DENIED"]);
    }
}

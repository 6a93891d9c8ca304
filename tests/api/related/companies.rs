//! Companies, one at a time.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine};

const WHOLE: &str = "company { id name externalId website industry createdAt updatedAt }";

on_each_engine! {
    async fn a_company_is_created_read_changed_and_deleted(app: App) {
        let input = json!({"name": "  Acme & Söhne ", "website": "acme.example", "industry": "Steel", "externalId": "A1"});
        let made = app.done("createCompany", input, WHOLE).await["company"].take();
        assert_eq!(made["name"], "Acme & Söhne");
        assert_eq!(made["website"], "https://acme.example");
        assert_eq!((&made["industry"], &made["externalId"]), (&json!("Steel"), &json!("A1")));
        let id = made["id"].clone();
        let read = format!("query($id: ID!) {{ {} node(id: $id) {{ __typename id }} }}", WHOLE.replacen("company", "company(id: $id)", 1));
        let data = app.ask_with(&read, json!({"id": id})).await["data"].take();
        assert_eq!(data["company"], made, "{data:#}");
        assert_eq!(data["node"], json!({"__typename": "Company", "id": id}));

        let same = app.done("updateCompany", json!({"id": id, "name": " Acme & Söhne"}), WHOLE).await;
        assert_eq!(same["company"], made, "a change that changes nothing changed something");
        let set = json!({"id": id, "website": null, "industry": " ", "name": "Acme"});
        let changed = app.done("updateCompany", set, WHOLE).await["company"].take();
        assert_eq!((&changed["website"], &changed["industry"]), (&Value::Null, &Value::Null), "{changed:#}");
        assert_eq!((&changed["name"], &changed["externalId"]), (&json!("Acme"), &json!("A1")));
        let cleared = app.done("updateCompany", json!({"id": id, "externalId": null}), WHOLE).await;
        assert_eq!(cleared["company"]["externalId"], Value::Null);

        let gone = app.done("deleteCompany", json!({"id": id}), "deletedId").await;
        assert_eq!(gone["deletedId"], id);
        let data = app.ask_with(&read, json!({"id": id})).await["data"].take();
        assert_eq!(data, json!({"company": null, "node": null}));
        assert_eq!(app.data("{ companies { totalCount } }").await["companies"]["totalCount"], 0);
        assert_eq!(app.refused("deleteCompany", json!({"id": id})).await, ["id COMPANY_NOT_FOUND"]);
        assert_eq!(app.refused("updateCompany", json!({"id": id, "name": "B"})).await, ["id COMPANY_NOT_FOUND"]);
    }

    async fn every_fault_of_a_company_is_told_at_once(app: App) {
        app.done("createCompany", json!({"name": "A", "externalId": "taken"}), "__typename").await;
        let long = |length| "x".repeat(length);
        let faults = app.refused("createCompany", json!({
            "name": " \t", "website": "ftp://a.example", "industry": long(1025), "externalId": "taken"
        })).await;
        assert_eq!(faults, [
            "name NAME_REQUIRED", "website URL_INVALID", "industry TOO_LONG", "externalId EXTERNAL_ID_TAKEN"
        ]);
        let faults = app.refused("createCompany", json!({
            "name": long(257), "industry": "a\u{0}b", "externalId": long(256)
        })).await;
        assert_eq!(faults, ["name TOO_LONG", "externalId TOO_LONG", "industry CHARACTER_INVALID"]);
        assert_eq!(app.refused("createCompany", json!({"name": "a\u{7}b"})).await, ["name CHARACTER_INVALID"]);
        assert_eq!(
            app.refused("createCompany", json!({"name": "B", "externalId": "a\u{0}"})).await,
            ["externalId CHARACTER_INVALID"]
        );

        let other = app.done("createCompany", json!({"name": "A", "externalId": "Taken"}), "company { id }").await;
        let id = &other["company"]["id"];
        assert_eq!(
            app.refused("updateCompany", json!({"id": id, "name": null, "externalId": "taken"})).await,
            ["name NAME_REQUIRED", "externalId EXTERNAL_ID_TAKEN"]
        );
        assert_eq!(app.refused("updateCompany", json!({"id": id, "name": ""})).await, ["name NAME_REQUIRED"]);
        for unknown in [Uuid::now_v7().to_string(), "nothing".to_owned()] {
            assert_eq!(
                app.refused("updateCompany", json!({"id": unknown, "website": "a b"})).await,
                ["website URL_INVALID", "id COMPANY_NOT_FOUND"]
            );
        }
    }

    async fn a_change_says_when_it_was_and_may_name_the_external_id_that_is_there(app: App) {
        let made = app.done("createCompany", json!({"name": "A", "externalId": "A1"}), WHOLE).await["company"].take();
        assert_eq!(made["createdAt"], made["updatedAt"]);
        app.execute("UPDATE company SET created_at = 1, updated_at = 1", []).await;
        let input = json!({"id": made["id"], "externalId": "A1", "industry": "Steel"});
        let changed = app.done("updateCompany", input, WHOLE).await["company"].take();
        assert_eq!((&changed["externalId"], &changed["industry"]), (&json!("A1"), &json!("Steel")), "{changed:#}");
        assert_eq!(changed["createdAt"], "1970-01-01T00:00:00.001Z");
        assert!(changed["updatedAt"].as_str() >= made["updatedAt"].as_str(), "{changed:#}");
    }

    async fn a_deleted_company_gives_its_external_id_back(app: App) {
        let input = json!({"name": "A", "externalId": "A1"});
        let made = app.done("createCompany", input.clone(), "company { id }").await;
        app.done("deleteCompany", json!({"id": made["company"]["id"]}), "deletedId").await;
        app.done("createCompany", input, "company { id }").await;
    }
}

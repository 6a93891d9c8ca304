//! What contacts follow: renames and unlinkings.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine, related::Related};

impl App {
    async fn open_cascades(&self) -> i64 {
        self.number("SELECT count(*) FROM cascade").await
    }
}

on_each_engine! {
    async fn a_companys_new_name_shows_on_every_linked_contact(app: App) {
        let company = app.done("createCompany", json!({"name": "Acme"}), "company { id }").await["company"]["id"].take();
        let linked = app.created(json!({"firstName": "A", "companyId": company})).await;
        let deleted = app.created(json!({"firstName": "B", "companyId": company})).await;
        let text = app.created(json!({"firstName": "C", "company": "Acme"})).await;
        app.done("deleteContact", json!({"id": deleted}), "contactId").await;
        let key = app.key_of(None, None).await;
        let selection = "company { name contacts { totalCount nodes { id company version } } }";
        let payload = app.mutate_as(&key, "updateCompany", json!({"id": company, "name": "Zeta"}), selection).await;
        assert_eq!(payload["company"]["contacts"], json!({"totalCount": 1, "nodes": [{"id": linked, "company": "Zeta", "version": 2}]}));
        let data = app.data("{ contacts(sortKey: COMPANY) { nodes { firstName company } } }").await;
        assert_eq!(data["contacts"]["nodes"], json!([{"firstName": "C", "company": "Acme"}, {"firstName": "A", "company": "Zeta"}]));
        let sql = "SELECT count(*) FROM contact c JOIN api_key k ON c.updated_by_key = k.id JOIN api_key_team t ON t.api_key_id = k.id";
        assert_eq!(app.number(sql).await, 0);
        assert_eq!(app.number("SELECT count(DISTINCT updated_by_key) FROM contact").await, 2, "not the key that did it");
        // It comes back as what it should be now, and is still deleted until then.
        assert_eq!(app.contact(&json!(deleted)).await, Value::Null);
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE operation = 'DELETED' AND version = 3").await, 1);
        app.done("restoreContacts", json!({"ids": [deleted]}), "__typename").await;
        assert_eq!(app.contact(&json!(deleted)).await["company"], "Zeta");
        assert_eq!(app.contact(&json!(text)).await["version"], 1);
        assert_eq!(app.open_cascades().await, 0);
    }

    async fn a_deleted_company_unlinks_and_leaves_its_name(app: App) {
        let company = app.company("Acme").await;
        let id = app.created(json!({"firstName": "A", "companyId": company})).await;
        app.done("deleteCompany", json!({"id": company}), "deletedId").await;
        let after = app.contact(&json!(id)).await;
        assert_eq!((&after["companyId"], &after["company"], &after["version"]), (&Value::Null, &json!("Acme"), &json!(2)));
    }

    async fn a_deleted_team_leaves_its_contacts_without_one(app: App) {
        let team = app.team("North").await;
        let id = app.created(json!({"firstName": "A", "teamId": team})).await;
        let data = app.data("{ teams { contacts { nodes { id } } } }").await;
        assert_eq!(data["teams"][0]["contacts"]["nodes"], json!([{"id": id}]));
        app.done("deleteTeam", json!({"id": team}), "deletedId").await;
        let after = app.contact(&json!(id)).await;
        assert_eq!((&after["teamId"], &after["version"]), (&Value::Null, &json!(2)));
    }

    async fn a_deleted_user_is_neither_owner_nor_assignee_and_no_creator_any_more(app: App) {
        let [ann, bo] = [app.user("Ann").await, app.user("Bo").await];
        let key = app.key_of(Some(ann), None).await;
        let owned = app.stored_as(&key, json!({"firstName": "A", "assigneeIds": [ann, bo]})).await;
        let assigned = app.created(json!({"firstName": "B", "ownerId": bo, "assigneeIds": [bo, ann]})).await;
        assert_eq!((&owned["ownerId"], &owned["createdBy"]["name"]), (&json!(ann), &json!("Ann")));
        app.done("deleteUser", json!({"id": ann}), "deletedId").await;
        let after = app.contact(&owned["id"]).await;
        assert_eq!((&after["ownerId"], &after["createdBy"], &after["version"]), (&Value::Null, &Value::Null, &json!(2)));
        assert_eq!(after["assignees"], json!([{"id": bo, "name": "Bo"}]));
        let after = app.contact(&json!(assigned)).await;
        assert_eq!((&after["ownerId"], &after["version"]), (&json!(bo), &json!(2)));
        assert_eq!(after["assignees"], json!([{"id": bo, "name": "Bo"}]));
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE created_by IS NOT NULL").await, 1);
    }

    async fn a_foreign_thing_is_answered_like_an_unknown_one(app: App) {
        let foreign = Related::insert(&app, app.org_id, "Secret").await;
        app.created(json!({"firstName": "A", "companyId": foreign.companies[0], "tags": ["secret"]})).await;
        let (_, key) = app.organization("Globex").await;
        let kinds = [("Company", foreign.companies[0], "COMPANY"), ("Team", foreign.teams[0], "TEAM"), ("User", foreign.users[0], "USER")];
        for (kind, id, code) in kinds {
            for (verb, input) in [("update", json!({"id": id, "name": "Mine"})), ("delete", json!({"id": id}))] {
                let payload = app.mutate_as(&key, &format!("{verb}{kind}"), input, "__typename").await;
                assert_eq!(payload["userErrors"][0]["code"], format!("{code}_NOT_FOUND"), "{payload:#}");
            }
        }
        let payload = app.mutate_as(&key, "createTeam", json!({"name": "T", "memberIds": foreign.users}), "__typename").await;
        assert_eq!(payload["userErrors"].as_array().map(Vec::len), Some(2), "{payload:#}");
        for (mutation, input) in [("renameTag", json!({"name": "secret", "newName": "mine"})), ("deleteTag", json!({"name": "secret"}))] {
            let payload = app.mutate_as(&key, mutation, input, "__typename").await;
            assert_eq!(payload["userErrors"][0]["code"], "TAG_NOT_FOUND", "{payload:#}");
        }
        let read = "query($c: ID!, $t: ID!, $u: ID!) { company(id: $c) { id } team(id: $t) { id } user(id: $u) { id }
            tag(name: \"secret\") { id } companies { totalCount nodes { id } } teams { id } users { totalCount } tags { totalCount } }";
        let ids = json!({"c": foreign.companies[0], "t": foreign.teams[0], "u": foreign.users[0]});
        let answer = app.ask_as(&key, read, ids).await;
        assert_eq!(answer, json!({"data": {"company": null, "team": null, "user": null, "tag": null,
            "companies": {"totalCount": 0, "nodes": []}, "teams": [], "users": {"totalCount": 0}, "tags": {"totalCount": 0}}}));
        let left = app.number("SELECT count(*) FROM company WHERE name LIKE 'Secret%'").await;
        assert_eq!(left, 2);
    }

    async fn a_page_with_companies_and_their_contacts_takes_a_statement_for_each_relation(app: App) {
        let related = Related::insert(&app, app.org_id, "Acme").await;
        for turn in 0..6 {
            app.created(related.input(turn)).await;
        }
        app.statements();
        app.data("{ teams { name members { name } } companies { totalCount nodes { name } edges { cursor } pageInfo { hasNextPage } } }").await;
        assert_eq!(app.statements().len(), 4);
        let data = app.data("{ companies { nodes { contacts(first: 2) { totalCount nodes { id } } } } }").await;
        // The page, and a list for each company.
        assert_eq!(app.statements().len(), 1 + 2, "{data:#}");
        assert_eq!(data["companies"]["nodes"][0]["contacts"]["totalCount"], 3);
    }

    async fn an_unknown_company_cannot_be_linked_while_it_is_unlinked(app: App) {
        let id: Uuid = app.company("Acme").await;
        app.done("deleteCompany", json!({"id": id}), "deletedId").await;
        assert_eq!(app.faults(json!({"firstName": "A", "companyId": id})).await, ["companyId COMPANY_NOT_FOUND"]);
    }
}

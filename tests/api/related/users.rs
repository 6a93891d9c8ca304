//! Users, one at a time.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine};

const WHOLE: &str = "user { id name externalId email }";

on_each_engine! {
    async fn a_user_is_created_changed_and_deleted(app: App) {
        let input = json!({"name": " Ann ", "email": " Ann@EXAMPLE.org ", "externalId": "u1"});
        let made = app.done("createUser", input, WHOLE).await["user"].take();
        let id = made["id"].clone();
        assert_eq!(made, json!({"id": id, "name": "Ann", "externalId": "u1", "email": "Ann@example.org"}));
        let read = "query($id: ID!) { user(id: $id) { id name } node(id: $id) { __typename } }";
        let data = app.ask_with(read, json!({"id": id})).await["data"].take();
        assert_eq!(data, json!({"user": {"id": id, "name": "Ann"}, "node": {"__typename": "User"}}));
        let changed = app.done("updateUser", json!({"id": id, "name": "Bo", "email": null}), WHOLE).await;
        assert_eq!(changed["user"], json!({"id": id, "name": "Bo", "externalId": "u1", "email": null}));
        assert_eq!(app.done("deleteUser", json!({"id": id}), "deletedId").await["deletedId"], id);
        let data = app.ask_with(read, json!({"id": id})).await["data"].take();
        assert_eq!(data, json!({"user": null, "node": null}));
    }

    async fn every_fault_of_a_user_is_told_at_once(app: App) {
        app.done("createUser", json!({"name": "A", "externalId": "taken"}), WHOLE).await;
        assert_eq!(
            app.refused("createUser", json!({"name": "", "email": "no address", "externalId": "taken"})).await,
            ["name NAME_REQUIRED", "email EMAIL_INVALID", "externalId EXTERNAL_ID_TAKEN"]
        );
        let unknown = Uuid::now_v7();
        assert_eq!(app.refused("updateUser", json!({"id": unknown})).await, ["id USER_NOT_FOUND"]);
        assert_eq!(app.refused("deleteUser", json!({"id": "nobody"})).await, ["id USER_NOT_FOUND"]);
    }

    async fn a_deleted_user_leaves_teams_and_keys(app: App) {
        let user = app.done("createUser", json!({"name": "Ann"}), WHOLE).await["user"]["id"].take();
        let other = app.done("createUser", json!({"name": "Bo"}), WHOLE).await["user"]["id"].take();
        let team = app.done("createTeam", json!({"name": "T", "memberIds": [user, other]}), "team { id members { name } }").await;
        assert_eq!(team["team"]["members"], json!([{"name": "Ann"}, {"name": "Bo"}]));
        let user_id: Uuid = user.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let key = app.key_of(Some(user_id), None).await;
        app.done("deleteUser", json!({"id": user}), "deletedId").await;
        let data = app.data("{ teams { members { name } } users { nodes { name } } }").await;
        assert_eq!(data, json!({"teams": [{"members": [{"name": "Bo"}]}], "users": {"nodes": [{"name": "Bo"}]}}));
        let answer = app.ask_as(&key, "{ viewer { user { id } } }", json!({})).await;
        assert_eq!(answer["data"]["viewer"]["user"], Value::Null);
        assert_eq!(app.stored_as(&key, json!({"firstName": "A"})).await["ownerId"], Value::Null);
        assert_eq!(app.number("SELECT count(*) FROM team_member").await, 1);
        app.done("deleteTeam", json!({"id": team["team"]["id"]}), "deletedId").await;
        assert_eq!(app.number("SELECT count(*) FROM team_member").await, 0);
        assert_eq!(answer.get("errors"), None, "{answer:#}");
    }
}

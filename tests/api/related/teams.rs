//! Teams, one at a time.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    fixtures::paths_and_codes,
    support::{App, engine::on_each_engine},
};

const WHOLE: &str = "team { id name externalId members { name } }";

on_each_engine! {
    async fn a_team_keeps_its_members_in_order(app: App) {
        let [ann, bo] = [app.user("Ann").await, app.user("Bo").await];
        let input = json!({"name": "North", "externalId": "7", "memberIds": [bo, ann, bo]});
        let made = app.done("createTeam", input, WHOLE).await["team"].take();
        assert_eq!(made["members"], json!([{"name": "Bo"}, {"name": "Ann"}]));
        let id = made["id"].clone();
        let before = app.clock().await;
        let same = app.done("updateTeam", json!({"id": id, "memberIds": [bo, ann]}), WHOLE).await;
        assert_eq!(same["team"], made);
        assert_eq!(app.clock().await, before, "a change that changes nothing moved the clock");
        let turned = app.done("updateTeam", json!({"id": id, "memberIds": [ann, bo]}), WHOLE).await;
        assert_eq!(turned["team"]["members"], json!([{"name": "Ann"}, {"name": "Bo"}]));
        let renamed = app.done("updateTeam", json!({"id": id, "name": "South"}), WHOLE).await;
        assert_eq!(renamed["team"]["members"], turned["team"]["members"]);
        let empty = app.done("updateTeam", json!({"id": id, "memberIds": null}), WHOLE).await;
        assert_eq!(empty["team"], json!({"id": id, "name": "South", "externalId": "7", "members": []}));
    }

    async fn every_fault_of_a_team_is_told_at_once(app: App) {
        let user = app.user("Ann").await;
        let gone = app.user("Bo").await;
        app.delete("\"user\"", gone).await;
        app.done("createTeam", json!({"name": "A", "externalId": "taken"}), WHOLE).await;
        let faults = app.refused("createTeam", json!({
            "name": " ", "externalId": "taken", "memberIds": [user, gone, "nobody", Uuid::now_v7()]
        })).await;
        assert_eq!(faults, [
            "name NAME_REQUIRED", "memberIds.1 USER_NOT_FOUND", "memberIds.2 USER_NOT_FOUND",
            "memberIds.3 USER_NOT_FOUND", "externalId EXTERNAL_ID_TAKEN",
        ]);
        let many = vec![user; 501];
        assert_eq!(app.refused("createTeam", json!({"name": "B", "memberIds": many})).await, ["memberIds TOO_MANY"]);
        assert_eq!(app.refused("updateTeam", json!({"id": "none"})).await, ["id TEAM_NOT_FOUND"]);
        assert_eq!(app.refused("deleteTeam", json!({"id": Uuid::now_v7()})).await, ["id TEAM_NOT_FOUND"]);
    }

    async fn a_team_that_limits_a_key_cannot_be_deleted_until_the_key_is_revoked(app: App) {
        let id = app.team("North").await;
        let other = app.team("South").await;
        let key = app.key_of(None, Some(&[id])).await;
        let answer = app.ask_as(&key, "{ teams { name } viewer { teams { name } } }", json!({})).await;
        let own = json!([{"name": "North"}]);
        assert_eq!(answer["data"], json!({"teams": own, "viewer": {"teams": own}}), "{answer:#}");
        let data = app.data("{ teams { name } }").await;
        assert_eq!(data["teams"], json!([{"name": "North"}, {"name": "South"}]));
        assert_eq!(app.refused("deleteTeam", json!({"id": id})).await, ["id IN_USE"]);
        app.done("deleteTeam", json!({"id": other}), "deletedId").await;
        app.execute("UPDATE api_key SET revoked_at = 1 WHERE all_teams = $1", [false.into()]).await;
        app.done("deleteTeam", json!({"id": id}), "deletedId").await;
        assert_eq!(app.data("{ teams { name } }").await["teams"], json!([]));
    }

    async fn what_was_prepared_before_sees_a_new_and_a_deleted_team(app: App) {
        // The settings are now remembered, without the team.
        app.created(json!({"firstName": "Jane"})).await;
        let settings = app.clock().await.2;
        let id = app.done("createTeam", json!({"name": "North"}), WHOLE).await["team"]["id"].take();
        assert_eq!(app.clock().await.2, settings + 1);
        app.created(json!({"firstName": "Jane", "teamId": id})).await;
        app.done("deleteTeam", json!({"id": id}), "deletedId").await;
        let payload = app.create(json!({"firstName": "Jane", "teamId": id})).await;
        assert_eq!(paths_and_codes(&payload), ["teamId TEAM_NOT_FOUND"]);
    }

    async fn a_contact_never_stays_in_a_team_that_is_deleted_at_the_same_time(app: App) {
        for _ in 0..4 {
            let id = app.done("createTeam", json!({"name": "North"}), WHOLE).await["team"]["id"].take();
            let creates = (0..16).map(|_| app.create(json!({"firstName": "Jane", "teamId": id})));
            let delete = app.done("deleteTeam", json!({"id": id}), "deletedId");
            let (_, payloads) = futures_util::join!(delete, futures_util::future::join_all(creates));
            assert!(payloads.iter().all(|payload| payload["contact"] != Value::Null || payload["userErrors"][0]["code"] == "TEAM_NOT_FOUND"));
            assert_eq!(app.number("SELECT count(*) FROM contact WHERE team_id IS NOT NULL").await, 0);
        }
    }
}

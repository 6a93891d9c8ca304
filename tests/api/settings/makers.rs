//! Rights of a key over other keys and over teams: none outlives its maker, none reaches beyond its own teams.

use contacts_gateway::access::{Scope, Scopes, mint};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, IntoActiveModel as _, Statement, TransactionTrait as _,
};
use serde_json::{Value, json};

use super::{change, change_as, faults};
use crate::support::{App, engine::on_each_engine};

const KEY: &str = "secret apiKey { id expiresAt revokedAt }";
const SOON: &str = "2998-01-01T00:00:00.000Z";
const LATER: &str = "2999-01-01T00:00:00.000Z";

/// Makes a key with another one.
async fn made_with(app: &App, key: &str, input: &Value) -> (String, Value) {
    let mut whole = json!({"name": "a", "scopes": ["CONTACTS_READ", "KEYS_MANAGE"]});
    for (field, value) in input.as_object().expect("fields") {
        whole[field] = value.clone();
    }
    let payload = change_as(app, key, "createApiKey", KEY, whole).await;
    assert_eq!(faults(&payload), [""; 0], "{payload:#}");
    (payload["secret"].as_str().expect("a secret").to_owned(), payload["apiKey"].clone())
}

on_each_engine! {
    async fn a_key_expires_no_later_than_its_maker(app: App) {
        let (maker, made) = made_with(&app, &app.key, &json!({"expiresAt": SOON})).await;
        assert_eq!(made["expiresAt"], SOON);
        let (_, omitted) = made_with(&app, &maker, &json!({})).await;
        assert_eq!(omitted["expiresAt"], SOON);
        let (_, same) = made_with(&app, &maker, &json!({"expiresAt": SOON})).await;
        assert_eq!(same["expiresAt"], SOON);
        let input = json!({"name": "a", "scopes": ["CONTACTS_READ"], "expiresAt": LATER});
        let payload = change_as(&app, &maker, "createApiKey", KEY, input.clone()).await;
        assert_eq!(faults(&payload), ["SCOPE_NOT_GRANTABLE input.expiresAt"], "{payload:#}");
        let payload = change(&app, "createApiKey", KEY, input).await;
        assert_eq!(payload["apiKey"]["expiresAt"], LATER, "a key without an expiry grants any");
    }

    async fn a_revoked_key_takes_the_keys_with_it_that_it_has_made(app: App) {
        let (child, child_row) = made_with(&app, &app.key, &json!({})).await;
        let (grandchild, _) = made_with(&app, &child, &json!({})).await;
        let (sibling, _) = made_with(&app, &app.key, &json!({})).await;
        change(&app, "revokeApiKey", "apiKey { id }", json!({"id": child_row["id"]})).await;
        // The key that was used is remembered for some seconds; the one that it made was not.
        for (key, works) in [(&app.key, true), (&sibling, true), (&grandchild, false)] {
            let answer = app.ask_as(key, "{ viewer { id } }", json!({})).await;
            assert_eq!(answer.get("errors").is_none(), works, "{answer:#}");
        }
        assert_eq!(app.number("SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL").await, 2);
    }

    async fn the_command_line_revokes_what_a_key_has_made_too(app: App) {
        let (child, _) = made_with(&app, &app.key, &json!({})).await;
        let (grandchild, _) = made_with(&app, &child, &json!({})).await;
        assert!(app.store.revoke(&child[4..16]).await.expect("a revocation"));
        assert!(!app.store.revoke(&grandchild[4..16]).await.expect("no revocation"), "it was revoked with its maker");
        assert_eq!(app.number("SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL").await, 2);
    }

    async fn a_key_that_is_being_made_while_its_maker_is_revoked_is_revoked_too(app: App) {
        for by_command_line in [false, true] {
            let (maker, made) = made_with(&app, &app.key, &json!({})).await;
            let maker_id: uuid::Uuid = serde_json::from_value(made["id"].clone()).expect("an id");
            // The creation has locked its maker's row, and is not committed yet.
            let creation = app.raw.begin().await.expect("a transaction");
            let lock = "UPDATE api_key SET revoked_at = NULL WHERE id = $1";
            let lock = Statement::from_sql_and_values(app.backend(), lock, [maker_id.into()]);
            creation.execute_raw(lock).await.expect("a lock");
            let (_, mut child) = mint(app.org_id, "child", Scopes::from_bits(1), None);
            child.maker_id = Some(maker_id);
            child.into_active_model().reset_all().insert(&creation).await.expect("a key");
            let revocation = async {
                if by_command_line {
                    assert!(app.store.revoke(&maker[4..16]).await.expect("a revocation"));
                } else {
                    let payload = change(&app, "revokeApiKey", "apiKey { revokedAt }", json!({"id": maker_id})).await;
                    assert_eq!(faults(&payload), [""; 0], "{payload:#}");
                }
            };
            let commit = async {
                for _ in 0..2_000 {
                    tokio::task::yield_now().await;
                }
                creation.commit().await.expect("a commit");
            };
            tokio::join!(revocation, commit);
            let live = "SELECT count(*) FROM api_key WHERE maker_id IS NOT NULL AND revoked_at IS NULL";
            assert_eq!(app.number(live).await, 0, "by the command line: {by_command_line}");
        }
    }

    async fn a_key_that_is_revoked_while_it_is_remembered_makes_none(app: App) {
        let (maker, made) = made_with(&app, &app.key, &json!({})).await;
        // It is remembered for some seconds; only the row says that it has been revoked.
        app.ask_as(&maker, "{ viewer { id } }", json!({})).await;
        app.execute("UPDATE api_key SET revoked_at = 1 WHERE id = $1", [made["id"].as_str().expect("an id").parse::<uuid::Uuid>().expect("a UUID").into()]).await;
        let payload = change_as(&app, &maker, "createApiKey", KEY, json!({"name": "a", "scopes": ["CONTACTS_READ"]})).await;
        assert_eq!(faults(&payload), ["SCOPE_NOT_GRANTABLE "], "{payload:#}");
    }

    async fn a_key_revokes_only_what_it_could_have_made(app: App) {
        let (north, south) = (app.team("North").await, app.team("South").await);
        let manager = app.key_with(&[Scope::KeysManage, Scope::ContactsRead]).await;
        let limited = app.key_of(None, Some(&[north])).await;
        let target = async |scopes: Value, teams: Value| {
            made_with(&app, &app.key, &json!({"scopes": scopes, "teamIds": teams})).await.1["id"].take()
        };
        let read = json!(["CONTACTS_READ"]);
        for (key, id, refused) in [
            (&manager, target(json!(["CONTACTS_WRITE"]), json!(null)).await, true),
            (&manager, target(read.clone(), json!([north])).await, false),
            (&limited, target(read.clone(), json!(null)).await, true),
            (&limited, target(read.clone(), json!([north, south])).await, true),
            (&limited, target(json!(["SETTINGS_WRITE"]), json!([north])).await, false),
        ] {
            let payload = change_as(&app, key, "revokeApiKey", "apiKey { revokedAt }", json!({"id": id})).await;
            let expected = if refused { vec!["SCOPE_NOT_GRANTABLE input.id"] } else { Vec::new() };
            assert_eq!(faults(&payload), expected, "{payload:#}");
            assert_eq!(payload["apiKey"].is_null(), refused, "{payload:#}");
        }
    }

    async fn a_key_limited_to_teams_changes_and_deletes_these_only_and_makes_none(app: App) {
        let (north, south) = (app.team("North").await, app.team("South").await);
        let user = app.user("Ann").await;
        let key = app.key_of(None, Some(&[north])).await;
        let run = async |mutation: &str, input: Value| faults(&change_as(&app, &key, mutation, "__typename", input).await);
        let denied = ["TEAM_ACCESS_DENIED input.id"];
        assert_eq!(run("createTeam", json!({"name": "East"})).await, ["TEAM_ACCESS_DENIED "]);
        assert_eq!(run("updateTeam", json!({"id": south, "name": "S"})).await, denied);
        assert_eq!(run("updateTeam", json!({"id": south, "memberIds": [user]})).await, denied);
        assert_eq!(run("deleteTeam", json!({"id": south})).await, denied);
        assert_eq!(run("updateTeam", json!({"id": uuid::Uuid::now_v7()})).await, ["TEAM_NOT_FOUND input.id"]);
        assert_eq!(run("updateTeam", json!({"id": north, "name": "N", "memberIds": [user]})).await, [""; 0]);
        assert_eq!(run("deleteTeam", json!({"id": north})).await, ["IN_USE input.id"]);
    }

    async fn a_key_limited_to_teams_takes_contacts_out_of_these_only(app: App) {
        let (north, south) = (app.team("North").await, app.team("South").await);
        let key = app.key_of(None, Some(&[north])).await;
        let theirs = app.created(json!({"firstName": "T", "externalId": "t", "email": "t@example.org", "teamId": south})).await;
        let own = app.created(json!({"firstName": "O", "teamId": north})).await;
        let free = app.created(json!({"firstName": "F"})).await;
        let set = async |id, team: Value| {
            let input = json!({"id": id, "set": {"teamId": team}});
            faults(&change_as(&app, &key, "updateContact", "__typename", input).await).join(" ")
        };
        assert!(set(theirs, json!(north)).await.starts_with("TEAM_ACCESS_DENIED"));
        assert!(set(theirs, json!(null)).await.starts_with("TEAM_ACCESS_DENIED"));
        assert_eq!(set(free, json!(north)).await, "");
        assert_eq!(set(own, json!(null)).await, "");
        assert_eq!(set(own, json!(north)).await, "");
        let other = faults(&change_as(&app, &key, "updateContact", "__typename", json!({"id": theirs, "set": {"firstName": "Tim"}})).await);
        assert_eq!(other, [""; 0], "other fields are not the team's");
        for mutation in [
            format!("upsertContact(input: {{match: [EXTERNAL_ID], contact: {{externalId: \"t\", teamId: \"{north}\"}}}}) {{ userErrors {{ code }} }}"),
            format!("createContacts(input: {{contacts: [{{externalId: \"t\", teamId: \"{north}\"}}], onConflict: UPDATE, match: [EXTERNAL_ID]}}) {{ results {{ userErrors {{ code }} }} }}"),
            format!("updateContacts(input: {{where: {{ids: [\"{theirs}\"]}}, set: {{teamId: \"{north}\"}}}}) {{ userErrors {{ code }} }}"),
            "updateContacts(input: {where: {matching: {filter: {externalId: {eq: \"t\"}}, expectedCount: 1}}, set: {teamId: null}}) { userErrors { code } }".to_owned(),
        ] {
            let answer = app.ask_as(&key, &format!("mutation {{ {mutation} }}"), json!({})).await;
            assert!(answer.to_string().contains("TEAM_ACCESS_DENIED"), "{mutation}: {answer:#}");
        }
        let team = app.data(&format!("{{ contact(id: \"{theirs}\") {{ team {{ id }} }} }}")).await;
        assert_eq!(team["contact"]["team"]["id"], json!(south));
    }
}

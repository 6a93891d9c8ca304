//! `createApiKey`, `revokeApiKey` and `apiKeys`.

use contacts_gateway::access::Scope;
use serde_json::{Value, json};

use super::{change, change_as, faults};
use crate::support::{App, engine::on_each_engine};

const KEY: &str = "apiKey { id name prefix scopes allTeams teams { id } expiresAt revokedAt }";

async fn create(app: &App, input: Value) -> Value {
    change(app, "createApiKey", &format!("secret {KEY}"), input).await
}

async fn team(app: &App, name: &str) -> Value {
    change(app, "createTeam", "team { id }", json!({"name": name})).await["team"]["id"].clone()
}

on_each_engine! {
    async fn a_new_key_works_and_is_shown_once(app: App) {
        let payload = create(&app, json!({"name": " web ", "scopes": ["CONTACTS_READ"]})).await;
        let secret = payload["secret"].as_str().expect("a secret");
        let key = &payload["apiKey"];
        assert_eq!((&key["name"], &key["scopes"], &key["allTeams"]), (&json!("web"), &json!(["CONTACTS_READ"]), &json!(true)));
        assert!(secret.starts_with(key["prefix"].as_str().expect("a prefix")), "{payload:#}");
        let answer = app.ask_as(secret, "{ viewer { scopes apiKey { id } } apiKeys { totalCount } }", json!({})).await;
        assert_eq!(answer["data"]["viewer"], json!({"scopes": ["CONTACTS_READ"], "apiKey": {"id": key["id"]}}), "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["requiredScope"], "KEYS_MANAGE", "{answer:#}");
        let listed = app.data("{ apiKeys { nodes { id name } } }").await;
        assert_eq!(listed["apiKeys"]["nodes"].as_array().map(Vec::len), Some(2));
        assert!(!listed.to_string().contains(&secret[16..]));
    }

    async fn a_key_grants_at_most_its_own_scopes(app: App) {
        let key = app.key_with(&[Scope::KeysManage, Scope::ContactsRead]).await;
        let input = json!({"name": "a", "scopes": ["CONTACTS_READ", "CONTACTS_WRITE"]});
        let payload = change_as(&app, &key, "createApiKey", "secret", input).await;
        assert_eq!(faults(&payload), ["SCOPE_NOT_GRANTABLE input.scopes.1"], "{payload:#}");
    }

    async fn a_key_limited_to_teams_puts_contacts_into_those_and_grants_those(app: App) {
        let (a, b) = (team(&app, "A").await, team(&app, "B").await);
        let payload = create(&app, json!({"name": "a", "scopes": ["CONTACTS_WRITE", "KEYS_MANAGE"], "teamIds": [a]})).await;
        assert_eq!(payload["apiKey"]["teams"], json!([{"id": a}]), "{payload:#}");
        let limited = payload["secret"].as_str().expect("a secret");
        let create_in = async |team: &Value| {
            let query = "mutation($team: ID!) { createContact(input: {firstName: \"J\", teamId: $team}) { userErrors { code } } }";
            app.ask_as(limited, query, json!({"team": team})).await["data"]["createContact"]["userErrors"].clone()
        };
        assert_eq!(create_in(&a).await, json!([]));
        assert_eq!(create_in(&b).await, json!([{"code": "TEAM_ACCESS_DENIED"}]));
        assert_eq!(app.ask_as(limited, "{ teams { name } }", json!({})).await["data"]["teams"], json!([{"name": "A"}]));
        let grant = json!({"name": "c", "scopes": ["CONTACTS_WRITE"], "teamIds": [b]});
        let payload = change_as(&app, limited, "createApiKey", "secret", grant).await;
        assert_eq!(faults(&payload), ["SCOPE_NOT_GRANTABLE input.teamIds.0"]);
        let grant = json!({"name": "c", "scopes": ["CONTACTS_WRITE"]});
        let payload = change_as(&app, limited, "createApiKey", "apiKey { allTeams teams { id } }", grant).await;
        assert_eq!(payload["apiKey"], json!({"allTeams": false, "teams": [{"id": a}]}), "{payload:#}");
        let payload = change(&app, "deleteTeam", "deletedId", json!({"id": a})).await;
        assert_eq!(faults(&payload), ["IN_USE input.id"], "{payload:#}");
    }

    async fn what_makes_no_sense_is_refused_all_at_once(app: App) {
        let input = json!({"name": " ", "scopes": [], "teamIds": ["x"], "userId": "x", "expiresAt": "2020-01-01T00:00:00Z"});
        let payload = create(&app, input).await;
        assert_eq!(faults(&payload), ["NAME_REQUIRED input.name", "INVALID input.scopes", "INVALID input.expiresAt",
            "USER_NOT_FOUND input.userId", "TEAM_NOT_FOUND input.teamIds.0"], "{payload:#}");
        assert_eq!((&payload["secret"], &payload["apiKey"]), (&Value::Null, &Value::Null));
    }

    async fn a_key_of_a_user_creates_and_owns_as_they_would_until_it_expires(app: App) {
        let user = app.user("Ann").await;
        let expires_at = "2999-01-01T00:00:00.000Z";
        let input = json!({"name": "a", "scopes": ["CONTACTS_WRITE"], "userId": user, "expiresAt": expires_at});
        let made = create(&app, input).await;
        assert_eq!(made["apiKey"]["expiresAt"], expires_at, "{made:#}");
        let key = made["secret"].as_str().expect("a secret");
        let contact = app.stored_as(key, json!({"firstName": "Jane"})).await;
        let ann = json!({"id": user, "name": "Ann"});
        assert_eq!((&contact["createdBy"], &contact["owner"], &contact["updatedBy"]), (&ann, &ann, &ann));
        assert_eq!(contact["assignees"], json!([ann]));
    }

    async fn a_new_key_s_name_and_teams_have_limits_and_what_is_deleted_is_unknown(app: App) {
        let gone = (app.user("Ann").await, app.team("North").await);
        app.delete("\"user\"", gone.0).await;
        app.delete("team", gone.1).await;
        let longest = "é".repeat(256);
        let sound = create(&app, json!({"name": longest, "scopes": ["CONTACTS_READ"]})).await;
        assert_eq!(sound["apiKey"]["name"], longest, "{sound:#}");
        for (more, fault) in [
            (json!({"name": "é".repeat(257)}), "TOO_LONG input.name"),
            (json!({"name": "a\u{7}b"}), "CHARACTER_INVALID input.name"),
            (json!({"userId": gone.0}), "USER_NOT_FOUND input.userId"),
            (json!({"teamIds": [gone.1]}), "TEAM_NOT_FOUND input.teamIds.0"),
            (json!({"teamIds": vec![gone.1; 201]}), "TOO_MANY input.teamIds"),
        ] {
            let mut input = json!({"name": "a", "scopes": ["CONTACTS_READ"]});
            for (field, value) in more.as_object().expect("fields") {
                input[field] = value.clone();
            }
            assert_eq!(faults(&create(&app, input).await), [fault]);
        }
    }

    async fn a_revoked_key_says_since_when_and_stays_so(app: App) {
        let made = create(&app, json!({"name": "a", "scopes": ["CONTACTS_READ"]})).await;
        let id = &made["apiKey"]["id"];
        let first = change(&app, "revokeApiKey", KEY, json!({"id": id})).await;
        assert_ne!(first["apiKey"]["revokedAt"], Value::Null, "{first:#}");
        assert_eq!(change(&app, "revokeApiKey", KEY, json!({"id": id})).await, first);
        let answer = app.ask_as(made["secret"].as_str().expect("a secret"), "{ viewer { id } }", json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["reason"], "INVALID_KEY", "{answer:#}");
        let payload = change(&app, "revokeApiKey", KEY, json!({"id": "x"})).await;
        assert_eq!(faults(&payload), ["API_KEY_NOT_FOUND input.id"]);
    }

    async fn another_organization_s_key_is_not_found(app: App) {
        let (_, other) = app.organization("Beta").await;
        let made = create(&app, json!({"name": "a", "scopes": ["CONTACTS_READ"]})).await;
        let input = json!({"id": made["apiKey"]["id"]});
        let payload = change_as(&app, &other, "revokeApiKey", KEY, input).await;
        assert_eq!(faults(&payload), ["API_KEY_NOT_FOUND input.id"]);
    }
}

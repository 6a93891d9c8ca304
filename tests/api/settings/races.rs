//! Bounds under concurrency: one more object fits, and many make one at once, over one server and over two.

use std::collections::BTreeSet;

use contacts_gateway::access::{Scopes, mint};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::change;
use crate::support::{
    App, ask,
    engine::{Engine, on_each_engine},
};

/// Number of callers.
const CALLERS: usize = 16;

/// Mutations of many callers at once, over two servers where the store takes two; the codes of each.
async fn all_at_once(app: &App, mutation: &str, input: impl Fn(usize) -> Value) -> Vec<BTreeSet<String>> {
    let routers = match app.engine {
        Engine::Sqlite => vec![app.router()],
        #[cfg(postgres_found)]
        Engine::Postgres => vec![app.router(), app.replica().await],
    };
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let rows = if mutation == "createContacts" { "results { userErrors { code } }" } else { "" };
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {rows} userErrors {{ code }} }} }}"
    );
    let answers = (0..CALLERS).map(|turn| {
        ask(routers[turn % routers.len()].clone(), &app.key, &query, json!({"input": input(turn)}))
    });
    let codes = |answer: Value| {
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        let payload = &answer["data"][mutation];
        let rows = payload["results"].as_array().into_iter().flatten().map(|row| &row["userErrors"]);
        let faults = rows.chain([&payload["userErrors"]]).filter_map(Value::as_array).flatten();
        faults.filter_map(|fault| fault["code"].as_str().map(str::to_owned)).collect()
    };
    join_all(answers).await.into_iter().map(codes).collect()
}

/// One caller has made what was left, and all others were told that it is too many.
fn assert_one_won(mutation: &str, codes: &[BTreeSet<String>]) {
    let won = codes.iter().filter(|codes| codes.is_empty()).count();
    let refused = codes.iter().filter(|codes| codes.iter().eq(["TOO_MANY"])).count();
    assert_eq!((won, refused), (1, CALLERS - 1), "{mutation}: {codes:?}");
}

on_each_engine! {
    async fn of_many_that_make_the_last_team_at_once_one_does(app: App) {
        app.fill_teams(499).await;
        assert_one_won("createTeam", &all_at_once(&app, "createTeam", |turn| json!({"name": turn.to_string()})).await);
        assert_eq!(app.number("SELECT count(*) FROM team WHERE deleted_at IS NULL").await, 500);
    }

    async fn of_many_that_make_the_last_pipeline_at_once_one_does(app: App) {
        app.fill_pipelines(199).await;
        let input = |turn: usize| json!({"name": turn.to_string(), "stages": [{"name": "New"}]});
        assert_one_won("createPipeline", &all_at_once(&app, "createPipeline", input).await);
        assert_eq!(app.number("SELECT count(*) FROM pipeline WHERE deleted_at IS NULL").await, 200);
    }

    async fn of_many_that_make_the_last_key_at_once_one_does_and_the_command_line_makes_none_beside(app: App) {
        app.fill_keys(998).await;
        let by_command_line = join_all((0..4).map(async |_| {
            let (_, row) = mint(app.org_id, "test", Scopes::from_bits(1), None);
            app.store.add(None, row).await.expect("an answer")
        }));
        let input = |turn: usize| json!({"name": turn.to_string(), "scopes": ["CONTACTS_READ"]});
        let (codes, by_command_line) = tokio::join!(all_at_once(&app, "createApiKey", input), by_command_line);
        let won = codes.iter().filter(|codes| codes.is_empty()).count();
        let refused = codes.iter().filter(|codes| codes.iter().eq(["TOO_MANY"])).count();
        assert_eq!(won + refused, CALLERS, "{codes:?}");
        assert_eq!(won + by_command_line.iter().filter(|made| **made).count(), 1, "{codes:?} {by_command_line:?}");
        assert_eq!(app.number("SELECT count(*) FROM api_key").await, 1_000);
    }

    async fn of_many_that_bring_the_last_tag_at_once_one_does(app: App) {
        app.fill_tags(9_999).await;
        let id = app.created(json!({"firstName": "A", "externalId": "x"})).await;
        let codes = all_at_once(&app, "createContact", |turn| json!({"firstName": "B", "tags": [format!("new {turn}")]})).await;
        assert_one_won("createContact", &codes);
        let live = "SELECT count(*) FROM tag WHERE deleted_at IS NULL";
        assert_eq!(app.number(live).await, 10_000);
        for (free, mutation) in (1..).zip(["updateContact", "upsertContact", "createContacts", "updateContacts", "recordContactEnrichment"]) {
            app.done("deleteTag", json!({"name": format!("a{free}")}), "deletedId").await;
            let input = |turn: usize| {
                let tags = json!([format!("{mutation} {turn}")]);
                match mutation {
                    "upsertContact" => json!({"match": ["EXTERNAL_ID"], "contact": {"externalId": "x", "tags": tags}}),
                    "createContacts" => json!({"contacts": [{"firstName": "C", "tags": tags}]}),
                    "updateContacts" => json!({"where": {"ids": [id]}, "set": {"addTags": tags}}),
                    _ => json!({"id": id, "set": {"addTags": tags}}),
                }
            };
            assert_one_won(mutation, &all_at_once(&app, mutation, input).await);
            assert_eq!(app.number(live).await, 10_000, "{mutation}");
        }
    }

    async fn a_restored_contact_and_a_renamed_tag_make_no_tag_beyond_the_bound(app: App) {
        let id = app.created(json!({"firstName": "A", "tags": ["own", "other"]})).await;
        app.done("deleteContact", json!({"id": id}), "contactId").await;
        app.done("deleteTag", json!({"name": "own"}), "deletedId").await;
        app.fill_tags(9_999).await;
        app.done("restoreContacts", json!({"ids": [id]}), "contacts { id }").await;
        let data = app.data(&format!("{{ contact(id: \"{id}\") {{ tags }} }}")).await;
        assert_eq!(data["contact"]["tags"], json!(["other"]), "a deleted tag does not come back");
        app.done("renameTag", json!({"name": "other", "newName": "another"}), "tag { name }").await;
        assert_eq!(app.number("SELECT count(*) FROM tag WHERE deleted_at IS NULL").await, 10_000);
        assert_eq!(app.refused("createContact", json!({"firstName": "B", "tags": ["other"]})).await, ["tags TOO_MANY"]);
    }

    async fn a_policy_that_uses_pipelines_makes_one_only_where_there_is_none(app: App) {
        app.fill_pipelines(200).await;
        change(&app, "updateContactPolicy", "organization { id }", json!({"usesPipelines": true})).await;
        assert_eq!(app.number("SELECT count(*) FROM pipeline").await, 200);
    }

    async fn lists_of_members_and_stages_have_their_maximum_at_creation_and_at_change(app: App) {
        app.fill_users(501).await;
        let users = app.user_ids().await;
        let stages = |count: usize| (0..count).map(|stage| json!({"name": stage.to_string()})).collect::<Vec<_>>();
        for (kind, list, most, least) in [
            ("Team", "memberIds", json!(users[..500]), json!(users[..1])),
            ("Pipeline", "stages", json!(stages(200)), json!(stages(1))),
        ] {
            let (field, create, update) = (kind.to_lowercase(), format!("create{kind}"), format!("update{kind}"));
            let children = if kind == "Team" { "members" } else { "stages" };
            let selection = format!("{field} {{ id {children} {{ id }} }}");
            let more = if kind == "Team" { json!(users) } else { json!(stages(201)) };
            let full = app.done(&create, json!({"name": "full", list: most}), &selection).await;
            assert_eq!(full[&field][children].as_array().map(Vec::len), most.as_array().map(Vec::len), "{kind}");
            assert_eq!(app.refused(&create, json!({"name": "beyond", list: more})).await, [format!("{list} TOO_MANY")]);
            let small = app.done(&create, json!({"name": "small", list: least}), &selection).await;
            let id = &small[&field]["id"];
            assert_eq!(app.refused(&update, json!({"id": id, list: more})).await, [format!("{list} TOO_MANY")]);
            app.done(&update, json!({"id": id, list: most}), &selection).await;
        }
    }
}

//! External ids that pass from one object to another within one batch: the index on them is unique at each moment.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::yields;
use crate::support::{App, engine::on_each_engine};

/// Runs mutations that wait in this order, and share one transaction; each must succeed. They are of one kind, as a
/// batch runs those of a kind together. So many steps of cascades come of them.
async fn in_one_batch(app: &App, mutations: &[(&str, Value)], cascades: usize) {
    app.created(json!({"firstName": "so that the key and the settings are remembered"})).await;
    let held = app.hold_clock().await;
    app.statements();
    let first = app.created(json!({"firstName": "it has the transaction before"}));
    let others = mutations.iter().zip(1..).map(async |((mutation, input), place)| {
        yields(500 * place).await;
        app.done(mutation, input.clone(), "__typename").await;
    });
    let release = async {
        yields(500 * (mutations.len() + 4)).await;
        held.rollback().await.expect("the clock is let go");
    };
    let (_, _, ()) = tokio::join!(first, join_all(others), release);
    // A batch in which a statement fails is run again, job by job.
    assert_eq!(app.clock_statements(), 2 + cascades, "one for the first job, one for those behind it");
}

fn update(id: Uuid, external_id: &Value) -> (&'static str, Value) {
    ("updateContact", json!({"id": id, "set": {"externalId": external_id}}))
}

async fn contact(app: &App, external_id: &str) -> Uuid {
    app.created(
        json!({"firstName": "A", "externalId": external_id, "email": format!("{external_id}@example.com")}),
    )
    .await
}

/// External ids of contacts, deleted ones too.
async fn external_ids(app: &App, ids: &[Uuid]) -> Vec<Value> {
    let data = app.data("{ contacts(first: 200, includeDeleted: true) { nodes { id externalId } } }").await;
    let nodes = data["contacts"]["nodes"].as_array().expect("nodes");
    let of = |id: &Uuid| {
        nodes.iter().find(|node| node["id"] == json!(id)).expect("a contact")["externalId"].clone()
    };
    ids.iter().map(of).collect()
}

on_each_engine! {
    async fn contacts_swap_and_hand_over_external_ids_in_one_batch(app: App) {
        let mut ids = Vec::new();
        for external_id in ["a", "b", "c", "d"] {
            ids.push(contact(&app, external_id).await);
        }
        let new = Uuid::now_v7().to_string();
        in_one_batch(&app, &[
            update(ids[0], &json!("between")), update(ids[1], &json!("a")), update(ids[0], &json!("b")),
            update(ids[3], &json!(null)), update(ids[2], &json!("d")),
            ("createContact", json!({"firstName": new, "externalId": "c"})),
        ], 0).await;
        assert_eq!(external_ids(&app, &ids).await, [json!("b"), json!("a"), json!("d"), json!(null)]);
        let data = app.data(&format!("{{ contacts(filter: {{externalId: {{eq: \"c\"}}, firstName: {{eq: \"{new}\"}}}}) {{ totalCount }} }}")).await;
        assert_eq!(data["contacts"]["totalCount"], 1);
    }

    async fn deleted_contacts_keep_external_ids_that_others_get_in_the_same_batch(app: App) {
        let (early, taker, late) = (contact(&app, "a").await, contact(&app, "b").await, contact(&app, "c").await);
        let created_over = contact(&app, "d").await;
        let delete = |id: Uuid| ("deleteContact", json!({"id": id}));
        // Each pair alone: what others in the batch change decides which columns are written.
        in_one_batch(&app, &[delete(created_over), ("createContact", json!({"firstName": "B", "externalId": "d"}))], 0).await;
        in_one_batch(&app, &[delete(late), update(taker, &json!("c"))], 0).await;
        in_one_batch(&app, &[delete(early), update(taker, &json!("a"))], 0).await;
        let all = [early, taker, late, created_over];
        assert_eq!(external_ids(&app, &all).await, [json!("a"), json!("a"), json!("c"), json!("d")]);
        let restored = app.done("restoreContacts", json!({"ids": [late]}), "contacts { externalId }").await;
        assert_eq!(restored["contacts"], json!([{"externalId": "c"}]));
        assert_eq!(app.refused("restoreContacts", json!({"ids": [created_over]})).await, ["ids.0 EXTERNAL_ID_TAKEN"]);
    }

    async fn a_restored_contact_gets_back_what_another_gives_up_in_the_same_batch(app: App) {
        let gone = contact(&app, "a").await;
        app.done("deleteContact", json!({"id": gone}), "contactId").await;
        let holder = contact(&app, "a").await;
        in_one_batch(&app, &[update(holder, &json!("b")), ("restoreContacts", json!({"ids": [gone]}))], 0).await;
        assert_eq!(external_ids(&app, &[gone, holder]).await, [json!("a"), json!("b")]);
    }

    async fn rows_of_one_mutation_swap_external_ids(app: App) {
        let ids = [contact(&app, "a").await, contact(&app, "b").await];
        let row = |email: &str, external_id: &str| json!({"email": format!("{email}@example.com"), "externalId": external_id});
        let input = json!({"match": ["EMAIL"], "onConflict": "UPDATE", "contacts": [row("a", "c"), row("b", "a"), row("a", "b")]});
        app.statements();
        let payload = app.done("createContacts", input, "results { outcome userErrors { code } }").await;
        assert_eq!(payload["results"], json!(vec![json!({"outcome": "UPDATED", "userErrors": []}); 3]));
        assert_eq!(app.clock_statements(), 1);
        assert_eq!(external_ids(&app, &ids).await, [json!("b"), json!("a")]);
    }

    async fn companies_teams_users_and_pipelines_hand_over_external_ids_in_one_batch(app: App) {
        for (kind, fields) in [
            ("Company", json!({})), ("Team", json!({})), ("User", json!({})),
            ("Pipeline", json!({"stages": [{"name": "New", "externalId": "s"}]})),
        ] {
            let made = |external_id: &str| {
                let mut input = fields.clone();
                input["name"] = json!("A");
                input["externalId"] = json!(external_id);
                input
            };
            let field = kind.to_lowercase();
            let selection = format!("{field} {{ id }}");
            let (create, update) = (format!("create{kind}"), format!("update{kind}"));
            let a = app.done(&create, made("a"), &selection).await[&field]["id"].take();
            let mut b = made("b");
            b.as_object_mut().expect("fields").remove("stages");
            if kind == "Pipeline" {
                b["stages"] = json!([{"name": "New"}]);
            }
            let b = app.done(&create, b, &selection).await[&field]["id"].take();
            in_one_batch(&app, &[
                (&update, json!({"id": a, "externalId": "c"})), (&update, json!({"id": b, "externalId": "a"})),
                (&update, json!({"id": a, "externalId": "b"})),
            ], 0).await;
            let data = app.data(&format!("{{ nodes(ids: [{a}, {b}]) {{ ... on {kind} {{ externalId }} }} }}")).await;
            assert_eq!(data["nodes"], json!([{"externalId": "b"}, {"externalId": "a"}]), "{kind}");
            app.done(&format!("delete{kind}"), json!({"id": b}), "deletedId").await;
            app.done(&update, json!({"id": a, "externalId": "a"}), "__typename").await;
        }
    }

    async fn stages_swap_external_ids_and_tags_swap_names(app: App) {
        let stages = json!([{"name": "One", "externalId": "1"}, {"name": "Two", "externalId": "2"}]);
        let made = app.done("createPipeline", json!({"name": "A", "stages": stages}), "pipeline { id stages { id } }").await;
        let pipeline = &made["pipeline"];
        let (one, two) = (&pipeline["stages"][0]["id"], &pipeline["stages"][1]["id"]);
        let swapped = json!([{"id": one, "name": "Two", "externalId": "2"}, {"id": two, "name": "One", "externalId": "1"},
            {"name": "Three", "externalId": "3"}]);
        let passed = json!([{"id": one, "name": "Two", "externalId": "3"}, {"name": "Four", "externalId": "2"}]);
        let id = app.created(json!({"firstName": "A", "tags": ["x", "y"]})).await;
        let rename = |name: &str, new_name: &str| ("renameTag", json!({"name": name, "newName": new_name}));
        in_one_batch(&app, &[
            ("updatePipeline", json!({"id": pipeline["id"], "stages": swapped})),
            ("updatePipeline", json!({"id": pipeline["id"], "stages": passed})),
            rename("x", "between"), rename("y", "x"), rename("between", "y"),
        ], 5).await;
        let data = app.data(&format!("{{ pipelines {{ stages {{ name externalId }} }} contact(id: \"{id}\") {{ tags }} }}")).await;
        assert_eq!(data["pipelines"][0]["stages"], json!([{"name": "Two", "externalId": "3"}, {"name": "Four", "externalId": "2"}]));
        assert_eq!(data["contact"]["tags"], json!(["y", "x"]));
    }
}

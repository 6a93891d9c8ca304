//! What contacts follow of pipelines: renamed stages, removed ones, and deleted pipelines.

use contacts_gateway::cascades;
use serde_json::{Value, json};
use uuid::Uuid;

use super::pipelines::WHOLE;
use crate::support::{App, engine::on_each_engine, related::Related};

/// Where a contact is, what it shows, and how often it has changed.
async fn place(app: &App, id: Uuid) -> Value {
    let contact = app.contact(&json!(id)).await;
    json!([
        contact["pipelineId"],
        contact["pipelineStageId"],
        contact["status"],
        contact["stage"],
        contact["version"]
    ])
}

/// The policy follows pipelines, and requires nothing.
async fn follow_pipelines(app: &App) {
    app.done("updateContactPolicy", json!({"preset": "PIPELINE", "requiredFields": []}), "__typename").await;
}

on_each_engine! {
    async fn a_stages_new_name_shows_on_its_contacts(app: App) {
        follow_pipelines(&app).await;
        let made = app.pipeline_with("Sales", &["A", "B"]).await;
        let (pipeline, [a, b]) = (&made["id"], [&made["stages"][0]["id"], &made["stages"][1]["id"]]);
        let here = app.created(json!({"firstName": "1", "pipelineStageId": a})).await;
        let there = app.created(json!({"firstName": "2", "pipelineStageId": b})).await;
        let deleted = app.created(json!({"firstName": "3", "pipelineStageId": a})).await;
        app.done("deleteContact", json!({"id": deleted}), "contactId").await;
        let stages = json!([{"id": b, "name": "B"}, {"id": a, "name": "Alpha"}]);
        app.done("updatePipeline", json!({"id": pipeline, "stages": stages}), WHOLE).await;
        assert_eq!(place(&app, here).await, json!([pipeline, a, "Alpha", "Alpha", 2]));
        assert_eq!(place(&app, there).await, json!([pipeline, b, "B", "B", 1]), "another place in the list is no change of contacts");
        app.done("restoreContacts", json!({"ids": [deleted]}), "__typename").await;
        assert_eq!(place(&app, deleted).await, json!([pipeline, a, "Alpha", "Alpha", 4]));
        let data = app.data("{ contacts(filter: {status: {eq: \"alpha\"}}) { totalCount } }").await;
        assert_eq!(data["contacts"]["totalCount"], 2);
    }

    async fn without_pipelines_a_renamed_stage_changes_no_contact(app: App) {
        let made = app.pipeline_with("Sales", &["A"]).await;
        let (pipeline, a) = (&made["id"], &made["stages"][0]["id"]);
        let id = app.created(json!({"firstName": "1", "pipelineStageId": a, "stage": "hot"})).await;
        app.done("updatePipeline", json!({"id": pipeline, "stages": [{"id": a, "name": "Alpha"}]}), WHOLE).await;
        assert_eq!(place(&app, id).await, json!([pipeline, a, "active", "hot", 1]));
    }

    async fn contacts_of_a_removed_stage_move_to_the_one_that_is_named(app: App) {
        follow_pipelines(&app).await;
        let made = app.pipeline_with("Sales", &["A", "B", "C"]).await;
        let stage = |index: usize| made["stages"][index]["id"].clone();
        let id = app.created(json!({"firstName": "1", "pipelineStageId": stage(0)})).await;
        let deleted = app.created(json!({"firstName": "2", "pipelineStageId": stage(1)})).await;
        app.done("deleteContact", json!({"id": deleted}), "contactId").await;
        let rest = json!([{"id": stage(2), "name": "Gamma"}]);
        let input = json!({"id": made["id"], "stages": rest});
        assert_eq!(app.refused("updatePipeline", input).await, ["moveToStageId IN_USE"]);
        let input = json!({"id": made["id"], "stages": rest, "moveToStageId": stage(2)});
        app.done("updatePipeline", input, WHOLE).await;
        assert_eq!(place(&app, id).await, json!([made["id"], stage(2), "Gamma", "Gamma", 2]));
        app.done("restoreContacts", json!({"ids": [deleted]}), "__typename").await;
        assert_eq!(place(&app, deleted).await, json!([made["id"], stage(2), "Gamma", "Gamma", 4]));
    }

    async fn deleted_contacts_stand_in_nobodys_way_and_come_back_to_a_first_stage(app: App) {
        follow_pipelines(&app).await;
        let first = app.pipeline_with("Sales", &["A", "B"]).await;
        let second = app.pipeline_with("Care", &["Open"]).await;
        let in_stage = app.created(json!({"firstName": "1", "pipelineStageId": first["stages"][0]["id"]})).await;
        let in_pipeline = app.created(json!({"firstName": "2", "pipelineId": second["id"]})).await;
        app.done("deleteContacts", json!({"where": {"ids": [in_stage, in_pipeline]}}), "__typename").await;
        let rest = json!([{"id": first["stages"][1]["id"], "name": "B"}]);
        app.done("updatePipeline", json!({"id": first["id"], "stages": rest}), WHOLE).await;
        app.done("deletePipeline", json!({"id": second["id"]}), "deletedId").await;
        app.done("restoreContacts", json!({"ids": [in_stage, in_pipeline]}), "__typename").await;
        assert_eq!(place(&app, in_stage).await, json!([first["id"], first["stages"][1]["id"], "B", "B", 4]));
        let data = app.data("{ pipelines { id isDefault stages { id name } } }").await;
        let default = data["pipelines"].as_array().and_then(|all| all.iter().find(|one| one["isDefault"] == true));
        let default = default.expect("the policy has made one");
        assert_eq!(place(&app, in_pipeline).await, json!([default["id"], default["stages"][0]["id"], "New Lead", "New Lead", 4]));
    }

    async fn a_restored_contact_comes_back_to_a_stage_of_its_old_ones_name_or_to_the_policys(app: App) {
        follow_pipelines(&app).await;
        let made = app.pipeline_with("Sales", &["A", "B", "C"]).await;
        let stage = |index: usize| made["stages"][index]["id"].clone();
        let same_name = app.created(json!({"firstName": "1", "pipelineStageId": stage(0)})).await;
        let gone = app.created(json!({"firstName": "2", "pipelineStageId": stage(1)})).await;
        app.done("deleteContacts", json!({"where": {"ids": [same_name, gone]}}), "__typename").await;
        let stages = json!([{"name": "New"}, {"name": "a"}, {"id": stage(2), "name": "C"}]);
        let changed = app.done("updatePipeline", json!({"id": made["id"], "stages": stages}), WHOLE).await;
        let now = |index: usize| changed["pipeline"]["stages"][index]["id"].clone();
        app.done("updateContactPolicy", json!({"defaultStage": "C"}), "__typename").await;
        app.done("restoreContacts", json!({"ids": [same_name, gone]}), "__typename").await;
        assert_eq!(place(&app, same_name).await, json!([made["id"], now(1), "a", "a", 4]));
        assert_eq!(place(&app, gone).await, json!([made["id"], now(2), "C", "C", 4]));
    }

    async fn without_pipelines_a_restored_contact_keeps_its_words_and_loses_what_is_gone(app: App) {
        let made = app.pipeline_with("Sales", &["A", "B"]).await;
        let input = json!({"firstName": "1", "pipelineStageId": made["stages"][0]["id"], "status": "hot", "stage": "A"});
        let id = app.created(input).await;
        app.done("deleteContact", json!({"id": id}), "contactId").await;
        let rest = json!([{"id": made["stages"][1]["id"], "name": "B"}]);
        app.done("updatePipeline", json!({"id": made["id"], "stages": rest}), WHOLE).await;
        app.done("restoreContacts", json!({"ids": [id]}), "__typename").await;
        assert_eq!(place(&app, id).await, json!([made["id"], null, "hot", "A", 4]));
    }

    async fn an_interrupted_move_ends_in_the_stage_that_took_over_from_its_target(app: App) {
        follow_pipelines(&app).await;
        let first = app.pipeline_with("Sales", &["A", "B"]).await;
        let second = app.pipeline_with("Care", &["Open"]).await;
        let (a, b, open) = (&first["stages"][0]["id"], &first["stages"][1]["id"], &second["stages"][0]["id"]);
        let id = app.created(json!({"firstName": "1", "pipelineStageId": a})).await;
        app.done("updatePipeline", json!({"id": second["id"], "isDefault": true}), WHOLE).await;
        let input = json!({"id": first["id"], "stages": [{"id": b, "name": "B"}], "moveToStageId": b});
        app.done("updatePipeline", input, WHOLE).await;
        app.done("deletePipeline", json!({"id": first["id"], "moveToStageId": open}), "deletedId").await;
        assert_eq!(place(&app, id).await, json!([second["id"], open, "Open", "Open", 3]));
        // As if the server had stopped before the contact followed the first of the two.
        let uuid = |id: &Value| id.as_str().and_then(|id| id.parse::<Uuid>().ok()).expect("an id");
        let back = "UPDATE contact SET pipeline_id = $1, pipeline_stage_id = $2, status = 'A', stage = 'A'";
        app.execute(back, [uuid(&first["id"]).into(), uuid(a).into()]).await;
        app.left("STAGE", uuid(a)).await;
        cascades::resume(&app.database).await;
        assert_eq!(place(&app, id).await, json!([second["id"], open, "Open", "Open", 4]));
        assert_eq!(app.number("SELECT count(*) FROM cascade").await, 0);
    }

    async fn a_foreign_pipeline_is_answered_like_an_unknown_one(app: App) {
        let foreign = Related::insert(&app, app.org_id, "Secret").await;
        let (_, key) = app.organization("Globex").await;
        let mine = json!({"name": "Mine", "stages": [{"name": "A"}]});
        let mine = app.mutate_as(&key, "createPipeline", mine, WHOLE).await["pipeline"].take();
        let code = async |mutation: &str, input: Value| {
            let payload = app.mutate_as(&key, mutation, input, "__typename").await;
            assert!(!payload.to_string().contains("Secret"), "{payload:#}");
            payload["userErrors"][0]["code"].clone()
        };
        let (pipeline, stage) = (foreign.pipelines[1], foreign.stages[0]);
        assert_eq!(code("updatePipeline", json!({"id": pipeline, "name": "Mine"})).await, "PIPELINE_NOT_FOUND");
        assert_eq!(code("deletePipeline", json!({"id": pipeline})).await, "PIPELINE_NOT_FOUND");
        let stages = json!([{"id": stage, "name": "A"}, {"id": mine["stages"][0]["id"], "name": "B"}]);
        assert_eq!(code("updatePipeline", json!({"id": mine["id"], "stages": stages})).await, "STAGE_NOT_FOUND");
        assert_eq!(code("updatePipeline", json!({"id": mine["id"], "moveToStageId": stage})).await, "STAGE_NOT_FOUND");
        let read = "query($p: ID!) { pipeline(id: $p) { id } pipelines { name } }";
        let answer = app.ask_as(&key, read, json!({"p": pipeline})).await;
        assert_eq!(answer, json!({"data": {"pipeline": null, "pipelines": [{"name": "Mine"}]}}));
    }
}

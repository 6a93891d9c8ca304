//! Pipelines and their stages, one pipeline at a time.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine};

pub(super) const WHOLE: &str =
    "pipeline { id name externalId isDefault stages { id name externalId position } }";

/// Names and positions of a pipeline's stages.
fn stages(pipeline: &Value) -> Vec<(String, i64)> {
    let stages = pipeline["stages"].as_array().expect("stages");
    let stage = |stage: &Value| {
        (stage["name"].as_str().expect("a name").to_owned(), stage["position"].as_i64().expect("a position"))
    };
    stages.iter().map(stage).collect()
}

impl App {
    /// Makes a pipeline with stages of these names.
    pub(crate) async fn pipeline_with(&self, name: &str, stages: &[&str]) -> Value {
        let stages: Vec<_> = stages.iter().map(|name| json!({"name": name})).collect();
        self.done("createPipeline", json!({"name": name, "stages": stages}), WHOLE).await["pipeline"].take()
    }
}

on_each_engine! {
    async fn the_first_pipeline_is_the_default_and_another_one_can_become_it(app: App) {
        let input = json!({"name": " Sales ", "externalId": "p-1", "isDefault": false,
            "stages": [{"name": " New "}, {"name": "Won", "externalId": "s-2"}]});
        let sales = app.done("createPipeline", input, WHOLE).await["pipeline"].take();
        assert_eq!((&sales["name"], &sales["externalId"], &sales["isDefault"]), (&json!("Sales"), &json!("p-1"), &json!(true)));
        assert_eq!(stages(&sales), [("New".to_owned(), 0), ("Won".to_owned(), 1)]);
        assert_eq!(sales["stages"][1]["externalId"], "s-2");
        let care = app.pipeline_with("Care", &["Open"]).await;
        assert_eq!(care["isDefault"], false);
        assert_eq!(app.refused("updatePipeline", json!({"id": sales["id"], "isDefault": false})).await, ["isDefault IN_USE"]);
        let care = app.done("updatePipeline", json!({"id": care["id"], "isDefault": true}), WHOLE).await["pipeline"].take();
        assert_eq!(care["isDefault"], true);
        let data = app.data("{ pipelines { name isDefault } }").await;
        assert_eq!(data["pipelines"], json!([{"name": "Care", "isDefault": true}, {"name": "Sales", "isDefault": false}]));
        let data = app.ask_with("query($id: ID!) { pipeline(id: $id) { name } none: pipeline(id: \"1\") { id } }", json!({"id": sales["id"]})).await;
        assert_eq!(data["data"], json!({"pipeline": {"name": "Sales"}, "none": null}));
        let third = app.done("createPipeline", json!({"name": "C", "isDefault": true, "stages": [{"name": "A"}]}), WHOLE).await;
        assert_eq!(third["pipeline"]["isDefault"], true);
        assert_eq!(app.number("SELECT count(*) FROM pipeline WHERE is_default AND deleted_at IS NULL").await, 1);
    }

    async fn a_list_of_stages_replaces_the_one_before(app: App) {
        let made = app.pipeline_with("Sales", &["A", "B", "C"]).await;
        let id = |index: usize| made["stages"][index]["id"].clone();
        let list = json!([{"name": "New"}, {"id": id(2), "name": "C", "externalId": "c"}, {"id": id(0), "name": "A2"}]);
        let changed = app.done("updatePipeline", json!({"id": made["id"], "stages": list}), WHOLE).await["pipeline"].take();
        assert_eq!(stages(&changed), [("New".to_owned(), 0), ("C".to_owned(), 1), ("A2".to_owned(), 2)]);
        assert_eq!((&changed["stages"][1]["id"], &changed["stages"][2]["id"]), (&id(2), &id(0)));
        let before = app.clock().await;
        let same: Vec<_> = changed["stages"].as_array().expect("stages").iter()
            .map(|stage| json!({"id": stage["id"], "name": stage["name"]})).collect();
        let input = json!({"id": made["id"], "stages": same, "externalId": null, "name": "Sales", "isDefault": true});
        let again = app.done("updatePipeline", input, WHOLE).await["pipeline"].take();
        assert_eq!(again, changed, "an omitted external id stays");
        assert_eq!(app.clock().await, before, "a change that changes nothing moved the clock");
        let kept = app.done("updatePipeline", json!({"id": made["id"], "stages": null, "name": "S"}), WHOLE).await;
        assert_eq!(kept["pipeline"]["stages"], changed["stages"]);
    }

    async fn stages_can_pass_external_ids_on_to_one_another(app: App) {
        let input = json!({"name": "Sales", "stages": [{"name": "A", "externalId": "1"}, {"name": "B", "externalId": "2"}, {"name": "C", "externalId": "3"}]});
        let made = app.done("createPipeline", input, WHOLE).await["pipeline"].take();
        let list = json!([{"id": made["stages"][0]["id"], "name": "A", "externalId": "2"},
            {"id": made["stages"][1]["id"], "name": "B", "externalId": "1"}, {"name": "D", "externalId": "3"}]);
        let changed = app.done("updatePipeline", json!({"id": made["id"], "stages": list}), WHOLE).await["pipeline"].take();
        let ids: Vec<_> = changed["stages"].as_array().expect("stages").iter().map(|stage| &stage["externalId"]).collect();
        assert_eq!(ids, [&json!("2"), &json!("1"), &json!("3")]);
        let list = json!([{"id": changed["stages"][0]["id"], "name": "A"}, {"id": changed["stages"][1]["id"], "name": "B", "externalId": "2"}]);
        let faults = app.refused("updatePipeline", json!({"id": made["id"], "stages": list})).await;
        assert_eq!(faults, ["stages.1.externalId EXTERNAL_ID_TAKEN"], "what is omitted stays, and is taken");
    }

    async fn every_fault_of_a_pipeline_is_told_at_once(app: App) {
        let other = app.done("createPipeline", json!({"name": "Other", "externalId": "p", "stages": [{"name": "O", "externalId": "o"}]}), WHOLE).await;
        let other = &other["pipeline"]["stages"][0]["id"];
        let faults = app.refused("createPipeline", json!({"name": " ", "externalId": "p", "stages": [
            {"name": "A", "externalId": "x"}, {"name": " a ", "externalId": "x"}, {"name": " "},
            {"name": "D".repeat(257)}, {"name": "E", "externalId": "o"}, {"id": other, "name": "F"}, {"id": "none", "name": "G"},
            {"id": Uuid::now_v7(), "name": "H"}, {"name": "I\u{0}"},
        ]})).await;
        assert_eq!(faults, [
            "name NAME_REQUIRED", "stages.1.name NAME_TAKEN", "stages.1.externalId EXTERNAL_ID_TAKEN", "stages.2.name NAME_REQUIRED",
            "stages.3.name TOO_LONG", "stages.8.name CHARACTER_INVALID", "stages.5.id STAGE_NOT_IN_PIPELINE", "stages.6.id STAGE_NOT_FOUND",
            "stages.7.id STAGE_NOT_FOUND", "stages.4.externalId EXTERNAL_ID_TAKEN", "externalId EXTERNAL_ID_TAKEN",
        ]);
        assert_eq!(app.refused("createPipeline", json!({"name": "A", "stages": []})).await, ["stages INVALID"]);
        let many: Vec<_> = (0..201).map(|n| json!({"name": n.to_string()})).collect();
        assert_eq!(app.refused("createPipeline", json!({"name": "A", "stages": many})).await, ["stages TOO_MANY"]);
        app.done("createPipeline", json!({"name": "A", "stages": many[1..]}), WHOLE).await;
        assert_eq!(app.refused("updatePipeline", json!({"id": "none"})).await, ["id PIPELINE_NOT_FOUND"]);
        assert_eq!(app.refused("deletePipeline", json!({"id": Uuid::now_v7()})).await, ["id PIPELINE_NOT_FOUND"]);
        let made = app.pipeline_with("Sales", &["A", "B"]).await;
        let [a, b] = [&made["stages"][0]["id"], &made["stages"][1]["id"]];
        let twice = json!([{"id": a, "name": "A"}, {"id": a, "name": "B"}]);
        assert_eq!(app.refused("updatePipeline", json!({"id": made["id"], "stages": twice})).await, ["stages.1.id INVALID"]);
        let one = json!([{"id": a, "name": "A"}]);
        for target in [b, &json!("none"), &json!(Uuid::now_v7())] {
            let input = json!({"id": made["id"], "stages": one, "moveToStageId": target});
            assert_eq!(app.refused("updatePipeline", input).await, ["moveToStageId STAGE_NOT_FOUND"]);
        }
    }

    async fn a_default_pipeline_cannot_be_deleted_and_another_only_when_its_contacts_can_go_somewhere(app: App) {
        let first = app.pipeline_with("Sales", &["A"]).await;
        let second = app.pipeline_with("Care", &["Open"]).await;
        assert_eq!(app.refused("deletePipeline", json!({"id": first["id"]})).await, ["id IN_USE"]);
        let contact = app.created(json!({"firstName": "Jane", "pipelineId": second["id"]})).await;
        let (id, own, target) = (&second["id"], &second["stages"][0]["id"], &first["stages"][0]["id"]);
        assert_eq!(app.refused("deletePipeline", json!({"id": id})).await, ["moveToStageId IN_USE"]);
        assert_eq!(app.refused("deletePipeline", json!({"id": id, "moveToStageId": own})).await, ["moveToStageId STAGE_NOT_FOUND"]);
        app.done("deletePipeline", json!({"id": id, "moveToStageId": target}), "deletedId").await;
        let after = app.contact(&json!(contact)).await;
        assert_eq!((&after["pipelineId"], &after["pipelineStageId"], &after["status"]), (&first["id"], target, &json!("active")), "status is free text");
        let data = app.ask_with("query($p: ID!, $s: ID!) { pipeline(id: $p) { id } node(id: $s) { id } pipelines { id } }", json!({"p": id, "s": own})).await;
        assert_eq!(data["data"], json!({"pipeline": null, "node": null, "pipelines": [{"id": first["id"]}]}));
        assert_eq!(app.refused("deletePipeline", json!({"id": id})).await, ["id PIPELINE_NOT_FOUND"]);
        assert_eq!(app.faults(json!({"firstName": "A", "pipelineId": id})).await, ["pipelineId PIPELINE_NOT_FOUND"]);
        assert_eq!(app.faults(json!({"firstName": "A", "pipelineStageId": own})).await, ["pipelineStageId STAGE_NOT_FOUND"]);
    }

    async fn a_stage_lists_and_counts_its_contacts(app: App) {
        let made = app.pipeline_with("Sales", &["A", "B"]).await;
        let stage = &made["stages"][0]["id"];
        let first = app.created(json!({"firstName": "1", "pipelineStageId": stage})).await;
        let second = app.created(json!({"firstName": "2", "pipelineStageId": stage})).await;
        app.created(json!({"firstName": "3", "pipelineStageId": made["stages"][1]["id"]})).await;
        let gone = app.created(json!({"firstName": "4", "pipelineStageId": stage})).await;
        app.done("deleteContact", json!({"id": gone}), "contactId").await;
        app.statements();
        let data = app.data("{ pipelines { stages { contactsCount pipeline { name } contacts(first: 1, order: ASC) {
            totalCount nodes { id } pageInfo { hasNextPage } } } } }").await;
        let stages = &data["pipelines"][0]["stages"];
        assert_eq!(stages[0], json!({"contactsCount": 2, "pipeline": {"name": "Sales"},
            "contacts": {"totalCount": 2, "nodes": [{"id": first}], "pageInfo": {"hasNextPage": true}}}), "{second}");
        assert_eq!((&stages[1]["contactsCount"], &stages[1]["contacts"]["totalCount"]), (&json!(1), &json!(1)));
        // Pipelines, their stages, the counts, and a list for each stage; the stages' pipeline is known.
        assert_eq!(app.statements().len(), 3 + 2);
    }

    async fn what_was_prepared_before_sees_new_stages_and_removed_ones(app: App) {
        app.done("updateContactPolicy", json!({"preset": "PIPELINE", "requiredFields": []}), "__typename").await;
        let made = app.data("{ pipelines { id name stages { id name } } }").await["pipelines"][0].take();
        assert_eq!((&made["name"], &made["stages"][0]["name"]), (&json!("Default"), &json!("New Lead")));
        // The settings are now remembered, with the stage that the policy has made.
        assert_eq!(app.faults(json!({"status": "Won"})).await, ["status STAGE_NOT_FOUND"]);
        let settings = app.clock().await.2;
        let list = json!([{"id": made["stages"][0]["id"], "name": "Lead"}, {"name": "Won"}]);
        let changed = app.done("updatePipeline", json!({"id": made["id"], "stages": list}), WHOLE).await["pipeline"].take();
        assert_eq!(app.clock().await.2, settings + 1);
        assert_eq!(app.stored(json!({"firstName": "A"})).await["status"], "Lead");
        let won = app.stored(json!({"status": "won"})).await;
        assert_eq!((&won["status"], &won["pipelineStageId"]), (&json!("Won"), &changed["stages"][1]["id"]));
        let other = app.pipeline_with("Care", &["Open"]).await;
        assert_eq!(app.stored(json!({"pipelineId": other["id"]})).await["status"], "Open");
        app.done("updatePipeline", json!({"id": other["id"], "isDefault": true}), WHOLE).await;
        assert_eq!(app.stored(json!({"firstName": "A"})).await["status"], "Open");
    }

    async fn a_contact_never_stays_in_a_stage_that_is_removed_at_the_same_time(app: App) {
        app.done("updateContactPolicy", json!({"preset": "PIPELINE", "requiredFields": []}), "__typename").await;
        let made = app.pipeline_with("Sales", &["Won"]).await;
        let won = json!({"id": made["stages"][0]["id"], "name": "Won"});
        for _ in 0..4 {
            let input = json!({"id": made["id"], "stages": [won, {"name": "Lost"}]});
            let lost = app.done("updatePipeline", input, WHOLE).await["pipeline"]["stages"][1]["id"].take();
            let creates = (0..16).map(|_| app.create(json!({"firstName": "Jane", "pipelineStageId": lost})));
            let input = json!({"id": made["id"], "stages": [won], "moveToStageId": won["id"]});
            let remove = app.done("updatePipeline", input, WHOLE);
            let (_, payloads) = futures_util::join!(remove, futures_util::future::join_all(creates));
            assert!(payloads.iter().all(|payload| payload["contact"] != Value::Null || payload["userErrors"][0]["code"] == "STAGE_NOT_FOUND"));
            assert_eq!(app.number("SELECT count(*) FROM contact c JOIN pipeline_stage s ON s.id = c.pipeline_stage_id WHERE s.deleted_at IS NOT NULL OR c.status <> s.name").await, 0);
        }
    }
}

//! Status, stage and pipeline: free text, or following the pipeline.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine};

struct Pipelines {
    app: App,
    sales: Uuid,
    /// New, Talking, Won.
    sales_stages: Vec<Uuid>,
    hiring: Uuid,
    /// Applied, Won.
    hiring_stages: Vec<Uuid>,
}

/// Two pipelines, of which Sales is the default, and a policy that follows them.
async fn pipelines(app: App) -> Pipelines {
    let (hiring, hiring_stages) = app.pipeline("Hiring", false, &["Applied", "Won"]).await;
    let (sales, sales_stages) = app.pipeline("Sales", true, &["New", "Talking", "Won"]).await;
    app.set_policy(&[("uses_pipelines", "TRUE"), ("default_status", "NULL"), ("required_fields", "'[]'")])
        .await;
    Pipelines { app, sales, sales_stages, hiring, hiring_stages }
}

impl Pipelines {
    /// Creates a contact, and expects it at this stage, which status and stage both name.
    async fn lands(&self, input: Value, pipeline: Uuid, stage: Uuid, name: &str) {
        let contact = self.app.stored(input.clone()).await;
        let place = ["pipelineId", "pipelineStageId", "status", "stage"].map(|field| contact[field].clone());
        assert_eq!(place, [json!(pipeline), json!(stage), json!(name), json!(name)], "{input}");
    }
}

on_each_engine! {
    async fn without_pipelines_status_and_stage_are_free_text_and_ids_only_link(app: App) {
        let (sales, stages) = app.pipeline("Sales", true, &["New", "Won"]).await;
        let (hiring, _) = app.pipeline("Hiring", false, &["Applied"]).await;
        let place = async |input: Value| {
            let contact = app.stored(input).await;
            ["status", "stage", "pipelineId", "pipelineStageId"].map(|field| contact[field].clone())
        };
        let free = json!({"firstName": "A", "status": "anything", "stage": "Won"});
        assert_eq!(place(free).await, [json!("anything"), json!("Won"), Value::Null, Value::Null]);
        let linked = json!({"firstName": "A", "pipelineId": sales, "pipelineStageId": stages[1]});
        assert_eq!(place(linked).await, [json!("active"), Value::Null, json!(sales), json!(stages[1])]);
        let pipeline_only = json!({"firstName": "A", "pipelineId": hiring});
        assert_eq!(place(pipeline_only).await, [json!("active"), Value::Null, json!(hiring), Value::Null]);
        let blank = json!({"firstName": "A", "status": " "});
        assert_eq!(place(blank).await[0], "active");

        let other = json!({"firstName": "A", "pipelineId": hiring, "pipelineStageId": stages[1]});
        assert_eq!(app.faults(other).await, ["pipelineStageId STAGE_NOT_IN_PIPELINE"]);
    }

    async fn the_stage_comes_from_the_id_then_the_label_then_the_status_then_the_first_stage(app: App) {
        let p = pipelines(app).await;
        let (sales, hiring) = (&p.sales_stages, &p.hiring_stages);
        p.lands(json!({}), p.sales, sales[0], "New").await;
        p.lands(json!({"pipelineStageId": sales[2]}), p.sales, sales[2], "Won").await;
        p.lands(json!({"pipelineStageId": hiring[1]}), p.hiring, hiring[1], "Won").await;
        p.lands(json!({"stage": " talking "}), p.sales, sales[1], "Talking").await;
        p.lands(json!({"status": "WON"}), p.sales, sales[2], "Won").await;
        p.lands(json!({"stage": "won", "status": "Won"}), p.sales, sales[2], "Won").await;
        p.lands(json!({"pipelineId": p.hiring}), p.hiring, hiring[0], "Applied").await;
        p.lands(json!({"pipelineId": p.hiring, "status": "won"}), p.hiring, hiring[1], "Won").await;
        p.lands(json!({"pipelineId": p.hiring, "stage": "won"}), p.hiring, hiring[1], "Won").await;
        p.lands(json!({"pipelineId": p.hiring, "pipelineStageId": hiring[1], "stage": "Won", "status": "won"}),
            p.hiring, hiring[1], "Won").await;
        p.lands(json!({"status": " ", "stage": ""}), p.sales, sales[0], "New").await;
    }

    async fn two_that_disagree_are_a_mismatch(app: App) {
        let p = pipelines(app).await;
        let won = p.sales_stages[2];
        for input in [
            json!({"stage": "New", "status": "Won"}),
            json!({"pipelineStageId": won, "stage": "New"}),
            json!({"pipelineStageId": won, "status": "New"}),
            json!({"pipelineStageId": won, "stage": "Won", "status": "New"}),
        ] {
            let faults = p.app.faults(input.clone()).await;
            assert_eq!(faults, ["status STATUS_STAGE_MISMATCH"], "{input}");
        }
    }

    async fn a_stage_of_another_pipeline_is_refused(app: App) {
        let p = pipelines(app).await;
        let other = json!({"pipelineId": p.sales, "pipelineStageId": p.hiring_stages[0]});
        assert_eq!(p.app.faults(other).await, ["pipelineStageId STAGE_NOT_IN_PIPELINE"]);
    }

    async fn an_unknown_name_or_id_is_refused(app: App) {
        let p = pipelines(app).await;
        let nowhere = Uuid::now_v7();
        for (input, fault) in [
            (json!({"stage": "Lost"}), "stage STAGE_NOT_FOUND"),
            (json!({"status": "Applied"}), "status STAGE_NOT_FOUND"),
            (json!({"pipelineId": p.hiring, "stage": "Talking"}), "stage STAGE_NOT_FOUND"),
            (json!({"pipelineStageId": nowhere}), "pipelineStageId STAGE_NOT_FOUND"),
            (json!({"pipelineStageId": "first"}), "pipelineStageId STAGE_NOT_FOUND"),
            (json!({"pipelineId": nowhere}), "pipelineId PIPELINE_NOT_FOUND"),
            (json!({"pipelineId": ""}), "pipelineId PIPELINE_NOT_FOUND"),
        ] {
            assert_eq!(p.app.faults(input.clone()).await, [fault], "{input}");
        }
        p.app.delete("pipeline_stage", p.sales_stages[2]).await;
        assert_eq!(p.app.faults(json!({"stage": "Won"})).await, ["stage STAGE_NOT_FOUND"]);
        p.app.delete("pipeline", p.hiring).await;
        assert_eq!(p.app.faults(json!({"pipelineId": p.hiring})).await, ["pipelineId PIPELINE_NOT_FOUND"]);
    }

    async fn an_unknown_pipeline_is_the_only_fault_whatever_the_names_beside_it(app: App) {
        let p = pipelines(app).await;
        let input = json!({"pipelineId": Uuid::now_v7(), "stage": "Applied", "status": "Applied"});
        assert_eq!(p.app.faults(input).await, ["pipelineId PIPELINE_NOT_FOUND"]);
    }

    async fn only_allowed_statuses_are_taken_whatever_their_case(app: App) {
        app.set_policy(&[("allowed_statuses", r#"'["active","Paused"]'"#)]).await;
        for (status, kept) in [(json!("active"), "active"), (Value::Null, "active"), (json!("Paused"), "Paused")] {
            assert_eq!(app.stored(json!({"firstName": "A", "status": status})).await["status"], kept);
        }
        assert_eq!(app.faults(json!({"firstName": "A", "status": "other"})).await, ["status STATUS_NOT_ALLOWED"]);
        for (status, kept) in [("ACTIVE", "active"), ("paused", "Paused"), (" PAUSED ", "Paused")] {
            assert_eq!(app.stored(json!({"firstName": "A", "status": status})).await["status"], kept, "the policy's spelling");
        }
        let id = app.created(json!({"firstName": "A"})).await;
        assert_eq!(crate::changing::updated(&app, id, json!({"status": "PAUSED"})).await["status"], "Paused");
        app.set_policy(&[("default_status", "'PAUSED'")]).await;
        assert_eq!(app.stored(json!({"firstName": "A"})).await["status"], "Paused");
    }
}

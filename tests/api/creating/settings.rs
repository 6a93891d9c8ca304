//! Settings that change between the preparation of a contact and its writing: the new ones hold.

use serde_json::json;

use crate::{
    fixtures::DIALER,
    support::{App, engine::on_each_engine},
};

on_each_engine! {
    async fn a_stricter_policy_holds_at_once(app: App) {
        // The gateway remembers the policy from here on.
        app.created(json!({"firstName": "A", "email": "a@example.com"})).await;
        app.set_policy(&[("required_fields", r#"'["FIRST_NAME","COMPANY"]'"#), ("unique_email", "TRUE"),
            ("allowed_statuses", r#"'["paused"]'"#), ("phone_format", "'E164_REQUIRED'")]).await;
        let faults = app.faults(json!({"firstName": "B", "email": "a@example.com", "phone": "12"})).await;
        assert_eq!(faults, ["phone PHONE_INVALID", "status STATUS_NOT_ALLOWED", "company COMPANY_REQUIRED",
            "email EMAIL_TAKEN"]);
    }

    async fn a_more_lenient_policy_holds_at_once(app: App) {
        app.set_policy(&[("required_fields", r#"'["FIRST_NAME","COMPANY"]'"#), ("unique_email", "TRUE")]).await;
        app.created(json!({"firstName": "A", "email": "a@example.com", "company": "Acme"})).await;
        app.set_policy(&[("required_fields", "'[]'"), ("unique_email", "FALSE")]).await;
        app.stored(json!({"email": "a@example.com"})).await;
    }

    async fn new_defaults_hold_at_once(app: App) {
        app.created(json!({"firstName": "A"})).await;
        app.set_policy(DIALER).await;
        let contact = app.stored(json!({"firstName": "B", "phone": "(416) 555-0100"})).await;
        let filled = ["status", "stage", "country", "phone"].map(|field| contact[field].clone());
        assert_eq!(filled, ["not_contacted", "lead", "US", "+14165550100"].map(serde_json::Value::from));
    }

    async fn new_teams_and_pipelines_are_known_at_once_and_old_ones_gone(app: App) {
        app.created(json!({"firstName": "A"})).await;
        let team = app.team("North").await;
        let (pipeline, stages) = app.pipeline("Sales", true, &["New"]).await;
        let input = json!({"firstName": "B", "teamId": team, "pipelineId": pipeline, "pipelineStageId": stages[0]});
        app.stored(input.clone()).await;
        app.delete("team", team).await;
        app.delete("pipeline", pipeline).await;
        let mut faults = app.faults(input).await;
        faults.sort();
        assert_eq!(faults, ["pipelineId PIPELINE_NOT_FOUND", "pipelineStageId STAGE_NOT_FOUND", "teamId TEAM_NOT_FOUND"]);
    }

    async fn settings_that_did_not_change_are_not_read_again(app: App) {
        app.created(json!({"firstName": "A"})).await;
        app.statements();
        app.created(json!({"firstName": "B"})).await;
        let read = app.statements().into_iter().filter(|statement| statement.sql.contains("\"organization\"")).count();
        assert_eq!(read, 0);
        app.set_policy(&[("default_source", "'crm'")]).await;
        app.statements();
        app.created(json!({"firstName": "C"})).await;
        let read = app.statements().into_iter().filter(|statement| statement.sql.contains("\"organization\"")).count();
        assert_eq!(read, 1, "the cache serves all who come after");
    }
}

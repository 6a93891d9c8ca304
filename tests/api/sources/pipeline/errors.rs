//! What was an error there, and how it is told here.

use serde_json::json;
use uuid::Uuid;

use super::pipeline_crm;
use crate::{
    sources::assert_common_errors,
    support::{App, engine::on_each_engine},
};

on_each_engine! {
    async fn a_phone_is_required(app: App) {
        let crm = pipeline_crm(app).await;
        for input in [json!({}), json!({"phones": []}), json!({"phones": null}), json!({"firstName": "Jane", "phone": " "}),
            json!({"whatsappNumber": "+14165550100"})] {
            assert_eq!(crm.newcomer.faults(input.clone()).await, ["phone PHONE_REQUIRED"], "{input}");
        }
    }

    async fn a_phone_must_be_e164(app: App) {
        let crm = pipeline_crm(app).await;
        for given in ["416 555 0100", "(416) 555-0100", "12", "reception", "+1", ""] {
            let phones = json!([{"number": "+14165550101"}, {"number": given}]);
            assert_eq!(crm.newcomer.faults(json!({"phones": phones})).await, ["phones.1.number PHONE_INVALID"], "{given}");
        }
    }

    async fn the_first_phone_is_primary_unless_one_is_flagged_and_two_may_not_be(app: App) {
        let crm = pipeline_crm(app).await;
        let phones = json!([{"number": "+14165550100"}, {"number": "+14165550101"}]);
        assert_eq!(crm.newcomer.stored(json!({"phones": phones})).await["phone"], "+14165550100");
        let phones = json!([{"number": "+14165550102", "isPrimary": true}, {"number": "+14165550103", "isPrimary": true}]);
        assert_eq!(crm.newcomer.faults(json!({"phones": phones})).await, ["phones MULTIPLE_PRIMARY"]);
    }

    async fn a_status_or_stage_that_does_not_exist_or_belong_is_refused(app: App) {
        let crm = pipeline_crm(app).await;
        let (sales, hiring) = (&crm.sales, &crm.hiring);
        for (mut input, fault) in [
            (json!({"status": "Lost"}), "status STAGE_NOT_FOUND"),
            (json!({"status": "Applied"}), "status STAGE_NOT_FOUND"),
            (json!({"pipelineStageId": Uuid::now_v7()}), "pipelineStageId STAGE_NOT_FOUND"),
            (json!({"pipelineStageId": super::STAGES[0]}), "pipelineStageId STAGE_NOT_FOUND"),
            (json!({"pipelineId": super::SALES}), "pipelineId PIPELINE_NOT_FOUND"),
            (json!({"pipelineId": sales.id, "pipelineStageId": hiring.stages[0]}), "pipelineStageId STAGE_NOT_IN_PIPELINE"),
            (json!({"pipelineStageId": sales.stages[2], "status": "Talking"}), "status STATUS_STAGE_MISMATCH"),
        ] {
            input["phone"] = json!("+14165550100");
            assert_eq!(crm.newcomer.faults(input.clone()).await, [fault], "{input}");
        }
    }

    async fn a_validation_error_is_one_entry_for_each_fault(app: App) {
        let crm = pipeline_crm(app).await;
        let mut faults = crm.newcomer.faults(json!({
            "emails": [{"address": "jane@example.com"}, {"address": "nobody"}], "process": "x".repeat(256), "status": "Lost",
        })).await;
        faults.sort();
        assert_eq!(faults, ["emails.1.address EMAIL_INVALID", "phone PHONE_REQUIRED", "process TOO_LONG",
            "status STAGE_NOT_FOUND"]);
    }

    async fn bodies_keys_scopes_and_our_own_faults_have_their_codes(app: App) {
        assert_common_errors(&pipeline_crm(app).await.newcomer).await;
    }
}

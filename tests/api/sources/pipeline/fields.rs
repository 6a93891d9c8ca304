//! What a create takes, fills in and returns, and where ids went.

use serde_json::{Value, json};

use super::{PipelineCrm, SALES, STAGES, pipeline_crm};
use crate::{
    sources::{FieldRow, KeyHeader, Newcomer, ReturnedRow, assert_documented, assert_returned},
    support::{App, engine::on_each_engine},
};

/// The heading in docs/migrating.md.
const SYSTEM: &str = "A pipeline CRM";

/// The second number is primary, so that the order alone does not decide.
fn phone_numbers() -> Value {
    json!([{"number": "+14165550100", "isPrimary": false}, {"number": "+14165550101", "isPrimary": true}])
}

fn stored_phone(number: &str, is_primary: bool) -> Value {
    json!({"number": number, "type": "OTHER", "label": null, "isPrimary": is_primary, "isWhatsapp": false,
        "doNotCall": false})
}

fn fields(crm: &PipelineCrm) -> Vec<FieldRow> {
    let stored = json!([stored_phone("+14165550100", false), stored_phone("+14165550101", true)]);
    let won = &crm.sales.stages[2];
    vec![
        ("phoneNumber", phone_numbers(), "phones", stored),
        ("firstName", json!("Jane"), "firstName", json!("Jane")),
        ("lastName", json!("Doe"), "lastName", json!("Doe")),
        ("email", json!("jane@example.com"), "email", json!("jane@example.com")),
        ("process", json!("outbound"), "process", json!("outbound")),
        ("status", json!("Won"), "status", json!("Won")),
        ("pipelineStage", won.clone(), "pipelineStageId", won.clone()),
        ("pipelineId", crm.sales.id.clone(), "pipelineId", crm.sales.id.clone()),
    ]
}

/// What a contact has of which only a number was given.
fn defaults(crm: &PipelineCrm) -> Vec<ReturnedRow> {
    vec![
        ("firstName", "firstName", Value::Null),
        ("lastName", "lastName", Value::Null),
        ("email", "email", Value::Null),
        ("process", "process", Value::Null),
        ("status", "status", json!("New Lead")),
        ("pipelineStage", "pipelineStageId", crm.sales.stages[0].clone()),
        ("pipelineId", "pipelineId", crm.sales.id.clone()),
        ("organizationId", "orgId", json!(crm.newcomer.app.org_id)),
        ("userId", "ownerId", Value::Null),
        ("createdBy", "createdBy", Value::Null),
        ("assignees", "assignees", json!([])),
    ]
}

/// Where a contact stands.
fn place(contact: &Value) -> [&Value; 4] {
    ["status", "stage", "pipelineId", "pipelineStageId"].map(|field| &contact[field])
}

on_each_engine! {
    async fn every_field_of_a_create_comes_back(app: App) {
        let crm = pipeline_crm(app).await;
        let rows = fields(&crm);
        crm.newcomer.every_field_comes_back(&json!({"phones": phone_numbers()}), &rows).await;
        assert_documented(SYSTEM, rows.iter().map(|(theirs, _, ours, _)| (*theirs, *ours)));
        assert_documented(SYSTEM, [("value", "number"), ("isPrimary", "isPrimary"), ("email", "emails")]);
    }

    async fn one_email_or_several_are_taken(app: App) {
        let crm = pipeline_crm(app).await;
        let several = json!([{"address": "jane@home.example"}, {"address": "jane@work.example"}]);
        let contact = crm.newcomer.stored(json!({"phone": "+14165550100", "emails": several})).await;
        assert_eq!(contact["email"], "jane@home.example");
        assert_eq!(contact["emails"], json!([
            {"address": "jane@home.example", "label": null, "isPrimary": true},
            {"address": "jane@work.example", "label": null, "isPrimary": false},
        ]));
        let one = crm.newcomer.stored(json!({"phone": "+14165550101", "email": "joe@example.com"})).await;
        assert_eq!(one["emails"], json!([{"address": "joe@example.com", "label": null, "isPrimary": true}]));
    }

    async fn what_is_omitted_or_null_is_filled_in(app: App) {
        let crm = pipeline_crm(app).await;
        let contact = crm.newcomer.stored(json!({"phones": [{"number": "+14165550100"}]})).await;
        assert_returned(&contact, &defaults(&crm));
        let input = json!({"phones": [{"number": "+14165550101"}], "firstName": null, "lastName": null, "email": null,
            "process": null, "status": null, "stage": null, "pipelineStageId": null, "pipelineId": null});
        assert_returned(&crm.newcomer.stored(input).await, &defaults(&crm));
    }

    async fn the_status_is_the_name_of_a_stage_and_a_stage_or_a_pipeline_gives_it(app: App) {
        let crm = pipeline_crm(app).await;
        let (sales, hiring) = (&crm.sales, &crm.hiring);
        for (at, (given, pipeline, stage, name)) in [
            (json!({"status": "talking"}), sales, &sales.stages[1], "Talking"),
            (json!({"pipelineStageId": sales.stages[2]}), sales, &sales.stages[2], "Won"),
            (json!({"pipelineStageId": hiring.stages[0]}), hiring, &hiring.stages[0], "Applied"),
            (json!({"pipelineId": hiring.id}), hiring, &hiring.stages[0], "Applied"),
            (json!({"pipelineId": sales.id, "status": "Won"}), sales, &sales.stages[2], "Won"),
        ].into_iter().enumerate() {
            let mut input = given;
            input["phone"] = json!(format!("+1416555010{at}"));
            let contact = crm.newcomer.stored(input).await;
            assert_eq!(place(&contact), [&json!(name), &json!(name), &pipeline.id, stage]);
        }
    }

    async fn a_pipeline_that_comes_after_the_preset_can_take_the_place_of_the_one_it_made(app: App) {
        let newcomer = Newcomer::new(app, "PIPELINE", KeyHeader::Bearer).await;
        let first = newcomer.stored(json!({"phone": "+14165550100"})).await;
        assert_eq!((&first["status"], &first["pipeline"]["name"]), (&json!("New Lead"), &json!("Default")));
        let input = json!({"name": "Sales", "isDefault": true, "stages": [{"name": "Fresh"}]});
        let sales = newcomer.made("createPipeline", "pipeline", input).await;
        let second = newcomer.stored(json!({"phone": "+14165550101"})).await;
        assert_eq!((&second["status"], &second["pipelineId"]), (&json!("Fresh"), &sales));
    }

    async fn what_is_returned_besides_is_there(app: App) {
        let crm = pipeline_crm(app).await;
        let user_id = crm.newcomer.made("createUser", "user", json!({"name": "Ada"})).await;
        let key = json!({"name": "Ada's", "scopes": ["CONTACTS_WRITE"], "userId": user_id});
        let key = crm.newcomer.key(key).await;
        let contact = crm.newcomer.stored_as(&key, json!({"phones": phone_numbers()})).await;
        let ada = json!({"id": user_id, "name": "Ada"});
        let returned = [
            ("organizationId", "orgId", json!(crm.newcomer.app.org_id)),
            ("userId", "ownerId", user_id.clone()),
            ("createdBy", "createdBy", ada.clone()),
            ("assignees", "assignees", json!([ada])),
        ];
        assert_returned(&contact, &returned);
        assert_documented(SYSTEM, returned.iter().map(|(theirs, ours, _)| (*theirs, *ours)));
        // `secondaryPhoneNumber`: the numbers that are not primary.
        assert_eq!(contact["phone"], "+14165550101");
        let phones = contact["phones"].as_array().expect("phones");
        let secondary: Vec<_> = phones.iter().filter(|phone| phone["isPrimary"] == false).collect();
        assert_eq!(secondary, [&stored_phone("+14165550100", false)]);
        assert_documented(SYSTEM, [("secondaryPhoneNumber", "phones")]);
    }

    async fn ids_of_24_digits_are_external_ids(app: App) {
        let crm = pipeline_crm(app).await;
        let id = "65f0c1d2e3a4b5c6d7e8f9aa";
        let input = json!({"phone": "+14165550100", "externalId": id});
        let contact = crm.newcomer.stored(input).await;
        assert_eq!(contact["externalId"], id);
        let query = "query($id: String!) { contactByIdentifier(identifier: {externalId: $id}) { id } }";
        let data = crm.newcomer.data(query, json!({"id": id})).await;
        assert_eq!(data["contactByIdentifier"]["id"], contact["id"]);
        let taken = json!({"phone": "+14165550101", "externalId": id});
        assert_eq!(crm.newcomer.faults(taken).await, ["externalId EXTERNAL_ID_TAKEN"]);

        for (mutation, object) in [("createCompany", "company"), ("createTeam", "team"), ("createUser", "user")] {
            let selection = format!("{object} {{ externalId }}");
            let made = crm.newcomer.done(mutation, json!({"name": "Acme", "externalId": id}), &selection).await;
            assert_eq!(made[object]["externalId"], id, "{mutation}");
        }
        let data = crm.newcomer.data("{ pipelines { id externalId stages { id externalId } } }", json!({})).await;
        let sales = data["pipelines"].as_array().expect("pipelines").iter().find(|pipeline| pipeline["externalId"] == SALES);
        let pairs = STAGES.iter().zip(&crm.sales.stages);
        let stages: Vec<_> = pairs.map(|(external_id, id)| json!({"id": id, "externalId": external_id})).collect();
        assert_eq!(sales, Some(&json!({"id": crm.sales.id, "externalId": SALES, "stages": stages})));
    }
}

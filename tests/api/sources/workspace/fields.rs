//! What a create takes, fills in and returns.

use serde_json::{Value, json};

use super::{SYSTEM, workspace};
use crate::{
    sources::{FieldRow, KeyHeader, Newcomer, ReturnedRow, assert_documented, assert_returned},
    support::{App, engine::on_each_engine},
};

fn fields(company_id: &Value) -> Vec<FieldRow> {
    vec![
        ("first_name", json!("Jane"), "firstName", json!("Jane")),
        ("last_name", json!("Doe"), "lastName", json!("Doe")),
        ("email", json!("jane@example.com"), "email", json!("jane@example.com")),
        ("phone", json!("+1 (416) 555-0100"), "phone", json!("+14165550100")),
        ("company", json!("Acme Inc"), "company", json!("Acme Inc")),
        ("company_id", company_id.clone(), "companyId", company_id.clone()),
        ("job_title", json!("Head of Growth"), "jobTitle", json!("Head of Growth")),
        ("industry", json!("Software"), "industry", json!("Software")),
        ("address_line1", json!("1 Main Street"), "addressLine1", json!("1 Main Street")),
        ("address_line2", json!("Floor 2"), "addressLine2", json!("Floor 2")),
        ("city", json!("Toronto"), "city", json!("Toronto")),
        ("state", json!("ON"), "state", json!("ON")),
        ("zip", json!("M5V 2T6"), "zip", json!("M5V 2T6")),
        ("country", json!("Canada"), "country", json!("CA")),
        ("tags", json!(["lead", "vip"]), "tags", json!(["lead", "vip"])),
        ("status", json!("qualified"), "status", json!("qualified")),
        ("stage", json!("demo booked"), "stage", json!("demo booked")),
        ("source", json!("landing page"), "source", json!("landing page")),
        ("notes", json!("Met in May.\nCall back."), "notes", json!("Met in May.\nCall back.")),
        (
            "linkedin_url",
            json!("https://www.linkedin.com/in/jane"),
            "linkedinUrl",
            json!("https://www.linkedin.com/in/jane"),
        ),
    ]
}

/// What a contact has of which only the first name was given.
fn defaults() -> Vec<ReturnedRow> {
    let filled = [
        ("last_name", "lastName", json!("")),
        ("tags", "tags", json!([])),
        ("status", "status", json!("active")),
        ("source", "source", json!("api")),
    ];
    let empty = [
        ("email", "email"),
        ("phone", "phone"),
        ("company", "company"),
        ("company_id", "companyId"),
        ("job_title", "jobTitle"),
        ("industry", "industry"),
        ("address_line1", "addressLine1"),
        ("address_line2", "addressLine2"),
        ("city", "city"),
        ("state", "state"),
        ("zip", "zip"),
        ("country", "country"),
        ("stage", "stage"),
        ("notes", "notes"),
        ("linkedin_url", "linkedinUrl"),
    ];
    filled.into_iter().chain(empty.map(|(theirs, ours)| (theirs, ours, Value::Null))).collect()
}

/// What is returned besides what was given; the key belongs to nobody and nothing was enriched.
fn returned(contact: &Value, org_id: &Value) -> Vec<ReturnedRow> {
    vec![
        ("id", "id", contact["id"].clone()),
        ("org_id", "orgId", org_id.clone()),
        ("score", "score", Value::Null),
        ("enriched_at", "enrichedAt", Value::Null),
        ("enrichment_status", "enrichmentStatus", Value::Null),
        ("email_subscribed", "emailSubscribed", json!(true)),
        ("created_at", "createdAt", contact["updatedAt"].clone()),
        ("updated_at", "updatedAt", contact["createdAt"].clone()),
        ("created_by", "createdBy", Value::Null),
    ]
}

on_each_engine! {
    async fn every_field_of_a_create_comes_back(app: App) {
        let newcomer = workspace(app).await;
        let company_id = newcomer.made("createCompany", "company", json!({"name": "Acme Inc"})).await;
        let fields = fields(&company_id);
        newcomer.every_field_comes_back(&json!({"firstName": "Jane"}), &fields).await;
        assert_documented(SYSTEM, fields.iter().map(|(theirs, _, ours, _)| (*theirs, *ours)));
    }

    async fn what_is_omitted_or_null_is_filled_in(app: App) {
        let newcomer = workspace(app).await;
        let contact = newcomer.stored(json!({"firstName": "Jane"})).await;
        assert_returned(&contact, &defaults());
        let nulls = defaults().into_iter().map(|(_, ours, _)| (ours.to_owned(), Value::Null));
        let mut input: Value = nulls.collect();
        input["firstName"] = json!("Jane");
        assert_returned(&newcomer.stored(input).await, &defaults());
    }

    async fn a_linked_company_gives_its_name(app: App) {
        let newcomer = workspace(app).await;
        let company_id = newcomer.made("createCompany", "company", json!({"name": "Acme Inc"})).await;
        let contact = newcomer.stored(json!({"firstName": "Jane", "companyId": company_id})).await;
        assert_eq!(contact["company"], "Acme Inc");
        assert_eq!(contact["companyRecord"], json!({"id": company_id, "name": "Acme Inc"}));
    }

    async fn what_is_returned_besides_is_there(app: App) {
        let newcomer = workspace(app).await;
        let contact = newcomer.stored(json!({"firstName": "Jane"})).await;
        let returned = returned(&contact, &json!(newcomer.app.org_id));
        assert_returned(&contact, &returned);
        for field in ["id", "createdAt", "updatedAt"] {
            assert!(contact[field].is_string(), "{field} of {contact:#}");
        }
        assert_documented(SYSTEM, returned.iter().map(|(theirs, ours, _)| (*theirs, *ours)));
    }

    async fn an_enrichment_run_fills_in_score_status_and_time(app: App) {
        let newcomer = workspace(app).await;
        let id = newcomer.stored(json!({"firstName": "Jane"})).await["id"].take();
        newcomer.done("recordContactEnrichment", json!({"id": id, "score": 87}), "contact { id }").await;
        let contact = newcomer.contact(&id).await;
        assert_returned(&contact, &[
            ("score", "score", json!(87)),
            ("enrichment_status", "enrichmentStatus", json!("complete")),
            ("enriched_at", "enrichedAt", contact["updatedAt"].clone()),
        ]);
        assert!(contact["enrichedAt"].is_string(), "{contact:#}");
    }

    async fn created_by_is_the_keys_user(app: App) {
        let newcomer = workspace(app).await;
        let user_id = newcomer.made("createUser", "user", json!({"name": "Ada"})).await;
        let key = newcomer.key(json!({"name": "Ada's", "scopes": ["CONTACTS_WRITE"], "userId": user_id})).await;
        let contact = newcomer.stored_as(&key, json!({"firstName": "Jane"})).await;
        assert_eq!(contact["createdBy"], json!({"id": user_id, "name": "Ada"}));
    }

    async fn the_key_is_taken_from_x_api_key_too(app: App) {
        let newcomer = Newcomer::new(app, "STANDARD", KeyHeader::ApiKey).await;
        assert_eq!(newcomer.stored(json!({"firstName": "Jane"})).await["firstName"], "Jane");
    }
}

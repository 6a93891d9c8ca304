//! What was an error there, and how it is told here.

use serde_json::{Value, json};
use uuid::Uuid;

use super::workspace;
use crate::{
    sources::{assert_common_errors, refusal},
    support::{App, engine::on_each_engine},
};

on_each_engine! {
    async fn a_missing_null_or_blank_first_name_is_told_by_its_field(app: App) {
        let newcomer = workspace(app).await;
        for input in [json!({"lastName": "Doe"}), json!({"firstName": null}), json!({"firstName": " "})] {
            assert_eq!(newcomer.faults(input.clone()).await, ["firstName FIRST_NAME_REQUIRED"], "{input}");
        }
        let payload = newcomer.mutate_as(&newcomer.app.key, "createContact", json!({}), "contact { id }").await;
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", "firstName"]));
        assert_eq!(payload["userErrors"][0]["code"], "FIRST_NAME_REQUIRED");
    }

    async fn a_validation_error_is_one_entry_for_each_fault(app: App) {
        let newcomer = workspace(app).await;
        let mut faults = newcomer.faults(json!({
            "email": "nobody", "companyId": Uuid::now_v7(), "country": "Atlantis", "linkedinUrl": "ftp://jane",
            "tags": [" "], "jobTitle": "x".repeat(1_025), "status": "x".repeat(256),
        })).await;
        faults.sort();
        assert_eq!(faults, [
            "companyId COMPANY_NOT_FOUND",
            "country COUNTRY_INVALID",
            "email EMAIL_INVALID",
            "firstName FIRST_NAME_REQUIRED",
            "jobTitle TOO_LONG",
            "linkedinUrl URL_INVALID",
            "status TOO_LONG",
            "tags.0 TAG_INVALID",
        ]);
    }

    async fn a_wrong_type_and_an_unknown_field_refuse_the_request(app: App) {
        let newcomer = workspace(app).await;
        let query = "mutation($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }";
        for input in [json!({"firstName": 4711}), json!({"firstName": "Jane", "tags": [1]}),
            json!({"firstName": "Jane", "first_name": "Jane"}), json!({"firstName": "Jane", "favourite": "tea"})] {
            let answer = newcomer.ask_as(&newcomer.app.key, query, json!({"input": input})).await;
            assert_eq!(refusal(&answer), json!({"code": "BAD_USER_INPUT"}), "{input}");
            assert_eq!(answer.get("data"), None, "{input}");
        }
        let document = "mutation { createContact(input: {first_name: \"Jane\"}) { contact { id } } }";
        let answer = newcomer.ask_as(&newcomer.app.key, document, json!({})).await;
        assert_eq!(refusal(&answer), json!({"code": "GRAPHQL_VALIDATION_FAILED"}));
        assert_eq!(newcomer.app.rows().await, 0);
    }

    async fn a_phone_that_cannot_be_parsed_is_kept_as_given(app: App) {
        let newcomer = workspace(app).await;
        let contact = newcomer.stored(json!({"firstName": "Jane", "phone": "555-0100 ask for Jane"})).await;
        assert_eq!(contact["phone"], "555-0100 ask for Jane");
        assert_eq!(contact["phones"][0]["isPrimary"], Value::Bool(true));
    }

    async fn two_contacts_may_share_a_phone_and_an_email(app: App) {
        let newcomer = workspace(app).await;
        let input = json!({"firstName": "Jane", "phone": "+14165550100", "email": "jane@example.com"});
        let [one, two] = [newcomer.stored(input.clone()).await, newcomer.stored(input).await];
        assert_ne!(one["id"], two["id"]);
    }

    async fn bodies_keys_scopes_and_our_own_faults_have_their_codes(app: App) {
        assert_common_errors(&workspace(app).await).await;
    }
}

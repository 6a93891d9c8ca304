//! One contact for each phone: a create for a known one was answered "Contact updated
//! successfully" there, and is an upsert here.

use serde_json::{Value, json};

use super::{PipelineCrm, pipeline_crm};
use crate::{
    fixtures::paths_and_codes,
    support::{App, engine::on_each_engine},
};

/// What their create did: by the phone alone.
async fn upsert(crm: &PipelineCrm, contact: Value) -> Value {
    let input = json!({"match": ["PHONE"], "contact": contact});
    crm.newcomer.mutate_as(&crm.newcomer.app.key, "upsertContact", input, "created contact { id }").await
}

fn numbers(contact: &Value) -> Vec<&str> {
    let phones = contact["phones"].as_array().expect("phones");
    phones.iter().filter_map(|phone| phone["number"].as_str()).collect()
}

on_each_engine! {
    async fn created_tells_a_new_contact_from_one_that_was_updated(app: App) {
        let crm = pipeline_crm(app).await;
        let first = upsert(&crm, json!({"phones": [{"number": "+14165550100"}], "firstName": "Jane", "status": "Won"})).await;
        assert_eq!((&first["created"], &first["userErrors"]), (&json!(true), &json!([])), "{first:#}");
        let second = upsert(&crm, json!({"phones": [{"number": "+1 (416) 555-0100"}], "lastName": "Doe"})).await;
        assert_eq!(second["created"], false, "{second:#}");
        assert_eq!(second["contact"], first["contact"]);
        let contact = crm.newcomer.contact(&first["contact"]["id"]).await;
        for (field, value) in [("firstName", "Jane"), ("lastName", "Doe"), ("status", "Won"), ("phone", "+14165550100")] {
            assert_eq!(contact[field], value, "{field}");
        }
    }

    async fn any_of_its_phones_finds_a_contact_and_new_ones_are_added(app: App) {
        let crm = pipeline_crm(app).await;
        let first = upsert(&crm, json!({"phones": [{"number": "+14165550100"}, {"number": "+14165550101"}]})).await;
        let second = upsert(&crm, json!({"phones": [{"number": "+14165550101"}, {"number": "+14165550102"}]})).await;
        assert_eq!((&second["created"], &second["contact"]), (&json!(false), &first["contact"]), "{second:#}");
        let contact = crm.newcomer.contact(&first["contact"]["id"]).await;
        assert_eq!(numbers(&contact), ["+14165550100", "+14165550101", "+14165550102"]);
        assert_eq!(contact["phone"], "+14165550100");
    }

    async fn phones_of_two_contacts_are_ambiguous(app: App) {
        let crm = pipeline_crm(app).await;
        for number in ["+14165550100", "+14165550101"] {
            upsert(&crm, json!({"phone": number})).await;
        }
        let both = json!({"phones": [{"number": "+14165550100"}, {"number": "+14165550101"}]});
        let payload = upsert(&crm, both).await;
        assert_eq!(payload["userErrors"][0]["code"], "AMBIGUOUS_MATCH", "{payload:#}");
        assert_eq!((&payload["created"], &payload["contact"]), (&Value::Null, &Value::Null));
    }

    async fn a_plain_create_for_a_known_phone_is_refused_and_names_the_contact(app: App) {
        let crm = pipeline_crm(app).await;
        let phones = json!([{"number": "+14165550100"}, {"number": "+14165550101"}]);
        let known = crm.newcomer.stored(json!({"phones": phones})).await;
        for (input, fault) in [
            (json!({"phone": "+1 416 555 0100"}), "phone PHONE_TAKEN"),
            (json!({"phones": [{"number": "+14165550102"}, {"number": "+14165550101"}]}), "phones.1.number PHONE_TAKEN"),
        ] {
            let payload = crm.newcomer.mutate_as(&crm.newcomer.app.key, "createContact", input, "contact { id }").await;
            assert_eq!(paths_and_codes(&payload), [fault]);
            assert_eq!(payload["userErrors"][0]["conflictingContacts"], json!([{"id": known["id"]}]));
        }
    }

    async fn two_contacts_may_share_an_email(app: App) {
        let crm = pipeline_crm(app).await;
        for number in ["+14165550100", "+14165550101"] {
            let first = upsert(&crm, json!({"phone": number, "email": "jane@example.com"})).await;
            assert_eq!(first["created"], true, "{first:#}");
        }
    }

    async fn another_organization_may_know_the_same_phone(app: App) {
        let crm = pipeline_crm(app).await;
        crm.newcomer.stored(json!({"phone": "+14165550100"})).await;
        let (_, key) = crm.newcomer.app.organization("Beta").await;
        crm.newcomer.mutate_as(&key, "updateContactPolicy", json!({"preset": "PIPELINE"}), "__typename").await;
        let payload = crm.newcomer.mutate_as(&key, "createContact", json!({"phone": "+14165550100"}), "contact { id }").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    }

    async fn many_come_over_at_once(app: App) {
        let crm = pipeline_crm(app).await;
        crm.newcomer.stored(json!({"phone": "+14165550100"})).await;
        let input = json!({"onConflict": "UPDATE", "match": ["PHONE"], "contacts": [
            {"phone": "+14165550100", "firstName": "Jane", "externalId": "65f0c1d2e3a4b5c6d7e8f9aa"},
            {"phone": "+14165550101", "firstName": "Joe", "externalId": "65f0c1d2e3a4b5c6d7e8f9ab"},
        ]});
        let payload = crm.newcomer.done("createContacts", input, "results { outcome contact { firstName phone } }").await;
        assert_eq!(payload["results"], json!([
            {"outcome": "UPDATED", "contact": {"firstName": "Jane", "phone": "+14165550100"}},
            {"outcome": "CREATED", "contact": {"firstName": "Joe", "phone": "+14165550101"}},
        ]));
    }
}

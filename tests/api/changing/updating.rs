//! `updateContact` and `recordContactEnrichment`.

use serde_json::{Value, json};

use super::{faults, mutate, updated};
use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn omitted_fields_stay_and_null_clears(app: App) {
        let id = app
            .created(json!({"firstName": "Jane", "lastName": "Doe", "notes": "a", "score": 3, "tags": ["x"],
                "metadata": {"a": 1, "b": 2}, "status": "won", "source": "form", "isActive": false}))
            .await;
        let contact = updated(&app, id, json!({"firstName": "Janet"})).await;
        for (field, value) in [("firstName", json!("Janet")), ("lastName", json!("Doe")), ("notes", json!("a")),
            ("score", json!(3)), ("tags", json!(["x"])), ("metadata", json!({"a": 1, "b": 2})),
            ("status", json!("won")), ("version", json!(2))] {
            assert_eq!(contact[field], value, "{field}: {contact:#}");
        }
        let contact = updated(&app, id, json!({"lastName": null, "notes": null, "score": null, "tags": null,
            "metadata": null, "status": null, "source": null, "isActive": null})).await;
        for (field, value) in [("lastName", Value::Null), ("notes", Value::Null), ("score", Value::Null),
            ("tags", json!([])), ("metadata", json!({})), ("status", json!("active")), ("source", json!("api")),
            ("isActive", json!(true)), ("version", json!(3))] {
            assert_eq!(contact[field], value, "{field}: {contact:#}");
        }
    }

    async fn a_variable_that_is_omitted_changes_nothing(app: App) {
        let id = app.created(json!({"firstName": "Jane", "notes": "kept"})).await;
        let query = "mutation($id: ID!, $notes: String, $name: String) {
            updateContact(input: {id: $id, set: {notes: $notes, firstName: $name}}) { contact { notes firstName } } }";
        let answer = app.ask_with(query, json!({"id": id, "name": "Janet"})).await;
        let contact = &answer["data"]["updateContact"]["contact"];
        assert_eq!(*contact, json!({"notes": "kept", "firstName": "Janet"}), "{answer:#}");
    }

    async fn a_change_that_changes_nothing_is_no_change(app: App) {
        let id = app.created(json!({"firstName": "Jane", "tags": ["x"], "phone": "+14165550100"})).await;
        let before = app.data("{ contacts { nodes { version updatedAt } } }").await;
        let contact = updated(&app, id, json!({"firstName": "Jane", "addTags": ["X"], "phone": "+1 416 555 0100"})).await;
        assert_eq!(contact["version"], 1, "{contact:#}");
        assert_eq!(contact["updatedAt"], before["contacts"]["nodes"][0]["updatedAt"]);
        assert_eq!(app.data("{ contacts(event: UPDATED) { totalCount } }").await["contacts"]["totalCount"], 0);
    }

    async fn a_required_field_cannot_be_emptied_and_others_are_not_asked_for(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        for blank in [json!(null), json!(" ")] {
            let payload = mutate(&app, "updateContact", json!({"id": id, "set": {"firstName": blank}})).await;
            assert_eq!(faults(&payload), ["FIRST_NAME_REQUIRED input.set.firstName"], "{payload:#}");
        }
        updated(&app, id, json!({"lastName": "Doe"})).await;
    }

    async fn a_stale_version_is_refused_and_shows_the_contact(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        updated(&app, id, json!({"firstName": "Janet"})).await;
        let input = json!({"id": id, "expectedVersion": 1, "set": {"firstName": "June"}});
        let payload = mutate(&app, "updateContact", input).await;
        assert_eq!(faults(&payload), ["STALE_VERSION input.expectedVersion"], "{payload:#}");
        assert_eq!(payload["userErrors"][0]["conflictingContacts"], json!([{"id": id}]));
        let input = json!({"id": id, "expectedVersion": 2, "set": {"firstName": "June"}});
        assert_eq!(mutate(&app, "updateContact", input).await["contact"]["version"], 3);
    }

    async fn an_id_of_nothing_is_not_found(app: App) {
        let (_, other) = app.organization("Beta").await;
        let foreign = app.ask_as(&other, "mutation { createContact(input: {firstName: \"B\"}) { contact { id } } }", json!({})).await;
        let foreign = foreign["data"]["createContact"]["contact"]["id"].clone();
        for id in [json!("x"), json!("00000000-0000-7000-8000-000000000000"), foreign] {
            let payload = mutate(&app, "updateContact", json!({"id": id, "set": {"notes": "x"}})).await;
            assert_eq!(faults(&payload), ["CONTACT_NOT_FOUND input.id"], "{payload:#}");
        }
    }

    async fn phone_and_email_make_primary_and_keep_the_others(app: App) {
        let id = app.created(json!({"firstName": "Jane", "phones": [{"number": "+14165550100", "label": "a"},
            {"number": "+14165550101"}], "email": "a@x.org"})).await;
        let contact = updated(&app, id, json!({"phone": "+14165550102", "email": "b@x.org"})).await;
        assert_eq!((&contact["phone"], &contact["email"]), (&json!("+14165550102"), &json!("b@x.org")));
        assert_eq!(contact["phones"].as_array().map(Vec::len), Some(3), "{contact:#}");
        let contact = updated(&app, id, json!({"phone": null, "email": null})).await;
        assert_eq!((&contact["phone"], &contact["email"]), (&json!("+14165550100"), &json!("a@x.org")), "{contact:#}");
        let contact = updated(&app, id, json!({"phones": [{"number": "+14165550101", "doNotCall": true}], "emails": []})).await;
        assert_eq!(contact["phones"], json!([{"number": "+14165550101", "isPrimary": true, "isWhatsapp": false,
            "doNotCall": true, "label": null}]));
        assert_eq!((&contact["emails"], &contact["email"]), (&json!([]), &Value::Null));
    }

    async fn the_whatsapp_number_moves_its_flag_and_is_never_made_primary(app: App) {
        let id = app.created(json!({"firstName": "Jane", "phone": "+14165550100"})).await;
        let contact = updated(&app, id, json!({"whatsappNumber": "+14165550109"})).await;
        assert_eq!((&contact["phone"], &contact["whatsappNumber"]), (&json!("+14165550100"), &json!("+14165550109")));
        let contact = updated(&app, id, json!({"whatsappNumber": "+14165550100"})).await;
        assert_eq!(contact["phones"].as_array().map(Vec::len), Some(1), "{contact:#}");
        assert_eq!(contact["phones"][0]["isWhatsapp"], true);
        let contact = updated(&app, id, json!({"whatsappNumber": null})).await;
        assert_eq!((&contact["phone"], &contact["whatsappNumber"]), (&json!("+14165550100"), &Value::Null));
    }

    async fn tags_are_replaced_added_and_removed(app: App) {
        let id = app.created(json!({"firstName": "Jane", "tags": ["a", "b"]})).await;
        let first = updated(&app, id, json!({"addTags": ["B", "c"]})).await;
        assert_eq!(first["tags"], json!(["a", "b", "c"]));
        let second = updated(&app, id, json!({"removeTags": ["A", "unknown"]})).await;
        assert_eq!((&second["tags"], &second["tagAddedAt"]), (&json!(["b", "c"]), &first["tagAddedAt"]));
        assert_eq!(updated(&app, id, json!({"tags": ["z", "c"]})).await["tags"], json!(["z", "c"]));
        let payload = mutate(&app, "updateContact", json!({"id": id, "set": {"tags": [], "addTags": ["x"]}})).await;
        assert_eq!(faults(&payload), ["FIELDS_CONFLICT input.set.tags"], "{payload:#}");
    }

    async fn metadata_merges_by_key_and_null_removes_one(app: App) {
        let id = app.created(json!({"firstName": "Jane", "metadata": {"a": 1, "b": {"c": 2}}})).await;
        let contact = updated(&app, id, json!({"metadata": {"a": null, "b": {"d": 3}, "e": []}})).await;
        assert_eq!(contact["metadata"], json!({"b": {"d": 3}, "e": []}));
    }

    async fn an_enrichment_sets_its_time_and_is_listed(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        let input = json!({"id": id, "score": 87, "set": {"country": "Canada"}});
        let payload = mutate(&app, "recordContactEnrichment", input).await;
        let contact = &payload["contact"];
        assert_eq!((&contact["score"], &contact["country"], &contact["enrichmentStatus"]),
            (&json!(87), &json!("CA"), &json!("complete")), "{payload:#}");
        assert_eq!(contact["enrichedAt"], contact["updatedAt"]);
        let listed = app.data("{ contacts(event: ENRICHED) { nodes { id } } }").await;
        assert_eq!(listed["contacts"]["nodes"], json!([{"id": id}]));
        let again = mutate(&app, "recordContactEnrichment", json!({"id": id, "status": "stale"})).await;
        assert_eq!((&again["contact"]["version"], &again["contact"]["enrichmentStatus"]), (&json!(3), &json!("stale")));
        let blank = mutate(&app, "recordContactEnrichment", json!({"id": id, "status": "\u{200b}"})).await;
        assert_eq!(blank["contact"]["enrichmentStatus"], "complete");
        let payload = mutate(&app, "recordContactEnrichment", json!({"id": id, "set": {"country": "nowhere"}})).await;
        assert_eq!(faults(&payload), ["COUNTRY_INVALID input.set.country"], "{payload:#}");
        let long = "x".repeat(1_025);
        let input = json!({"id": id, "status": long, "set": {"jobTitle": long}});
        let mut faults = faults(&mutate(&app, "recordContactEnrichment", input).await);
        faults.sort_unstable();
        assert_eq!(faults, ["TOO_LONG input.set.jobTitle", "TOO_LONG input.status"]);
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE enriched_seq = change_seq AND enriched_at = updated_at").await, 1);
    }

    async fn a_change_is_its_key_s_user_s_or_nobody_s(app: App) {
        let ann = app.user("Ann").await;
        let key = app.key_of(Some(ann), None).await;
        let id = app.created(json!({"firstName": "A"})).await;
        let set = json!({"id": id, "set": {"notes": "called"}});
        let selection = "contact { createdBy { id } updatedBy { id } }";
        let changed = app.mutate_as(&key, "updateContact", set, selection).await;
        assert_eq!(changed["contact"], json!({"createdBy": null, "updatedBy": {"id": ann}}));
        let set = json!({"id": id, "set": {"notes": "called again"}});
        let changed = app.mutate("updateContact", set, selection).await;
        assert_eq!(changed["contact"], json!({"createdBy": null, "updatedBy": null}));
    }

    async fn a_company_s_name_alone_unlinks(app: App) {
        let company = app.company("Acme").await;
        let id = app.created(json!({"firstName": "A", "companyId": company})).await;
        let contact = updated(&app, id, json!({"company": "Zeta"})).await;
        assert_eq!((&contact["company"], &contact["companyId"]), (&json!("Zeta"), &Value::Null));
        let contact = updated(&app, id, json!({"company": "Zeta", "companyId": company})).await;
        assert_eq!((&contact["company"], &contact["companyId"]), (&json!("Acme"), &json!(company)));
        let contact = updated(&app, id, json!({"companyId": null})).await;
        assert_eq!((&contact["company"], &contact["companyId"]), (&json!("Acme"), &Value::Null));
    }
}

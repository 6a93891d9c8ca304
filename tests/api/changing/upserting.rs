//! `upsertContact`.

use serde_json::{Value, json};

use super::{CONTACT, faults, mutate_for};
use crate::support::{App, engine::on_each_engine};

async fn upsert(app: &App, contact: Value) -> Value {
    mutate_for(app, "upsertContact", &format!("created contact {{ {CONTACT} }}"), json!({"contact": contact}))
        .await
}

on_each_engine! {
    async fn what_is_not_there_is_created_and_then_updated(app: App) {
        let first = upsert(&app, json!({"externalId": "7", "firstName": "Jane", "status": "won", "tags": ["a"]})).await;
        assert_eq!((&first["created"], &first["contact"]["version"]), (&json!(true), &json!(1)), "{first:#}");
        let second = upsert(&app, json!({"externalId": "7", "lastName": "Doe", "tags": ["b"], "phones": [{"number": "+14165550100"}]})).await;
        assert_eq!(second["created"], false, "{second:#}");
        let contact = &second["contact"];
        for (field, value) in [("id", first["contact"]["id"].clone()), ("firstName", json!("Jane")), ("lastName", json!("Doe")),
            ("status", json!("won")), ("tags", json!(["a", "b"])), ("phone", json!("+14165550100"))] {
            assert_eq!(contact[field], value, "{field}: {contact:#}");
        }
    }

    async fn null_is_as_omitted_in_one_that_is_created(app: App) {
        let ann = app.user("Ann").await;
        let key = app.key_of(Some(ann), None).await;
        let nulls = json!({"firstName": "A", "ownerId": null, "assigneeIds": null, "status": null, "phones": null, "isActive": null});
        let selection = "contact { ownerId status isActive assignees { id } }";
        let made = app.mutate_as(&key, "upsertContact", json!({"contact": nulls}), selection).await;
        assert_eq!(made["contact"], json!({"ownerId": ann, "status": "active", "isActive": true, "assignees": [{"id": ann}]}), "{made:#}");
    }

    async fn null_and_blank_are_as_omitted_in_one_that_is_there(app: App) {
        let ann = app.user("Ann").await;
        let full = json!({"externalId": "7", "firstName": "Jane", "lastName": "Doe", "email": "jane@example.com", "phone": "+14165550100",
            "whatsappNumber": "+14165550101", "company": "Acme", "jobTitle": "Boss", "industry": "Steel", "website": "https://acme.example",
            "linkedinUrl": "https://linkedin.example/jane", "addressLine1": "1", "addressLine2": "2", "city": "C", "state": "S", "zip": "Z",
            "country": "CA", "timezone": "Europe/Berlin", "language": "de", "tags": ["a"], "status": "won", "stage": "late", "process": "p",
            "source": "fair", "score": 3, "notes": "n", "isActive": false, "emailSubscribed": false, "metadata": {"a": 1, "b": null},
            "industryContext": {"c": 2}, "ownerId": ann, "assigneeIds": [ann], "sourceCreatedAt": "2020-01-01T00:00:00.000Z"});
        let id = app.created(full.clone()).await;
        let before = app.contact(&json!(id)).await;
        let fields: Vec<&String> = full.as_object().expect("fields").keys().collect();
        let mut nulls = json!({"phones": null, "emails": null, "companyId": null, "pipelineId": null, "pipelineStageId": null, "teamId": null});
        let mut blanks = json!({"companyId": "", "pipelineId": " ", "pipelineStageId": "", "teamId": "", "assigneeIds": ["", " "], "tags": [" "],
            "metadata": {"a": null}, "industryContext": {}, "emails": [{"address": " "}], "phones": [{"number": "", "label": ""}]});
        for field in fields.into_iter().filter(|field| *field != "externalId") {
            nulls[field] = Value::Null;
            let is_list = ["phone", "email"].contains(&field.as_str());
            if full[field].is_string() && field != "sourceCreatedAt" && !is_list {
                blanks[field] = json!(" ");
            }
        }
        let shortcuts = json!({"phone": "", "email": "\n", "whatsappNumber": " ", "assigneeIds": []});
        for mut given in [nulls, blanks, shortcuts] {
            let upserts = |contact: &Value| [
                ("upsertContact", json!({"contact": contact})),
                ("upsertContact", json!({"contact": contact, "match": ["EXTERNAL_ID"]})),
                ("createContacts", json!({"contacts": [contact], "onConflict": "UPDATE"})),
            ];
            given["externalId"] = json!("7");
            for (mutation, input) in upserts(&given) {
                let payload = mutate_for(&app, mutation, "__typename", input).await;
                assert_eq!(payload["userErrors"], json!([]), "{given:#}");
                assert_eq!(app.contact(&json!(id)).await, before, "{mutation} {given:#}");
            }
        }
        let by_phone = json!({"contact": {"phone": "+14165550100", "externalId": "", "email": null}, "match": ["PHONE"]});
        mutate_for(&app, "upsertContact", "created", by_phone).await;
        assert_eq!(app.contact(&json!(id)).await, before);
    }

    async fn a_label_and_a_type_that_are_not_said_stay(app: App) {
        let phones = json!([{"number": "+14165550100", "type": "WORK", "label": "Desk", "doNotCall": true}]);
        let emails = json!([{"address": "a@example.com", "label": "Billing"}]);
        let id = app.created(json!({"firstName": "Jane", "externalId": "7", "phones": phones, "emails": emails})).await;
        let before = app.contact(&json!(id)).await;
        let again = json!({"externalId": "7", "phones": [{"number": "+14165550100", "label": "", "type": null, "doNotCall": null}],
            "emails": [{"address": "a@example.com", "label": " "}]});
        upsert(&app, again).await;
        assert_eq!(app.contact(&json!(id)).await, before);
    }

    async fn a_blank_never_matches(app: App) {
        let blank = json!({"firstName": "A", "externalId": "", "email": " ", "phone": ""});
        for mutation in ["upsertContact", "upsertContact"] {
            let payload = mutate_for(&app, mutation, &format!("created contact {{ {CONTACT} }}"), json!({"contact": blank})).await;
            assert_eq!(payload["created"], true, "{payload:#}");
            assert_eq!(payload["contact"]["externalId"], Value::Null);
        }
        for on_conflict in ["UPDATE", "SKIP", "FAIL"] {
            let input = json!({"contacts": [blank, blank], "onConflict": on_conflict, "match": ["EXTERNAL_ID", "EMAIL", "PHONE"]});
            let payload = mutate_for(&app, "createContacts", "results { outcome }", input).await;
            assert_eq!(payload["results"], json!([{"outcome": "CREATED"}, {"outcome": "CREATED"}]), "{payload:#}");
        }
        for set in [json!({"externalId": ""}), json!({"externalId": " "})] {
            let id = app.created(json!({"firstName": "A", "externalId": "x"})).await;
            assert_eq!(crate::changing::updated(&app, id, set).await["externalId"], Value::Null);
        }
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE external_id IS NOT NULL").await, 0);
    }

    async fn any_of_its_emails_and_phones_finds_a_contact(app: App) {
        let id = app.created(json!({"firstName": "Jane", "emails": [{"address": "a@x.org"}, {"address": "b@x.org"}],
            "phones": [{"number": "+14165550100"}, {"number": "+14165550101"}]})).await;
        for contact in [json!({"email": "B@X.org"}), json!({"phone": "+1 416 555 0101"})] {
            let payload = upsert(&app, contact).await;
            assert_eq!((&payload["created"], &payload["contact"]["id"]), (&json!(false), &json!(id)), "{payload:#}");
            assert_eq!(payload["contact"]["emails"].as_array().map(Vec::len), Some(2));
            assert_eq!(payload["contact"]["phones"].as_array().map(Vec::len), Some(2));
        }
    }

    async fn two_matches_are_ambiguous_and_write_nothing(app: App) {
        let a = app.created(json!({"firstName": "A", "email": "a@x.org"})).await;
        let b = app.created(json!({"firstName": "B", "phone": "+14165550100"})).await;
        let payload = upsert(&app, json!({"firstName": "C", "email": "a@x.org", "phone": "+14165550100"})).await;
        assert_eq!((&payload["created"], &payload["contact"]), (&Value::Null, &Value::Null));
        assert_eq!(faults(&payload), ["AMBIGUOUS_MATCH "], "{payload:#}");
        assert_eq!(payload["userErrors"][0]["field"], Value::Null);
        let mut ids = payload["userErrors"][0]["conflictingContacts"].as_array().expect("contacts").clone();
        ids.sort_by_key(ToString::to_string);
        assert_eq!(ids, [json!({"id": a}), json!({"id": b})]);
        assert_eq!(app.data("{ contacts { totalCount } }").await["contacts"]["totalCount"], 2);
    }

    async fn only_the_named_keys_are_looked_up(app: App) {
        app.created(json!({"firstName": "A", "email": "a@x.org"})).await;
        let input = json!({"match": ["EXTERNAL_ID"], "contact": {"firstName": "B", "email": "a@x.org", "externalId": "1"}});
        let payload = mutate_for(&app, "upsertContact", "created", input).await;
        assert_eq!(payload["created"], true, "{payload:#}");
    }

    async fn a_deleted_contact_is_not_found(app: App) {
        let id = app.created(json!({"firstName": "A", "externalId": "1"})).await;
        mutate_for(&app, "deleteContact", "contactId", json!({"id": id})).await;
        assert_eq!(upsert(&app, json!({"firstName": "B", "externalId": "1"})).await["created"], true);
    }

    async fn a_text_of_few_digits_in_the_place_of_a_number_is_nobodys(app: App) {
        for text in ["keine", "-?-", "n/a", "unknown", "-", "ext 1234", "\u{661}\u{662}"] {
            let contact = json!({"firstName": text, "phone": text});
            for _ in 0..2 {
                let payload = mutate_for(&app, "upsertContact", "created", json!({"contact": contact, "match": ["PHONE"]})).await;
                assert_eq!((&payload["created"], &payload["userErrors"]), (&json!(true), &json!([])), "{text}: {payload:#}");
            }
            for on_conflict in ["UPDATE", "SKIP", "FAIL"] {
                let input = json!({"contacts": [contact, contact], "onConflict": on_conflict, "match": ["PHONE"]});
                let payload = mutate_for(&app, "createContacts", "results { outcome }", input).await;
                assert_eq!(payload["results"], json!([{"outcome": "CREATED"}, {"outcome": "CREATED"}]), "{text}: {payload:#}");
            }
            let query = "query($p: String!) { contactByIdentifier(identifier: {phone: $p}) { id } contacts(filter: {phone: {eq: $p}}) { totalCount } }";
            let found = app.ask_with(query, json!({"p": text})).await;
            let expected = json!({"contactByIdentifier": null, "contacts": {"totalCount": 8}});
            assert_eq!((found.get("errors"), &found["data"]), (None, &expected), "{text}: {found:#}");
        }
        for created in [true, false] {
            assert_eq!(upsert(&app, json!({"firstName": "A", "phone": "desk 12345"})).await["created"], created);
        }
        let unique = json!({"uniquePhone": true});
        mutate_for(&app, "updateContactPolicy", "__typename", unique).await;
        let id = app.created(json!({"firstName": "A", "phone": "keine"})).await;
        mutate_for(&app, "deleteContact", "contactId", json!({"id": id})).await;
        let restored = mutate_for(&app, "restoreContacts", "__typename", json!({"ids": [id]})).await;
        assert_eq!(restored["userErrors"], json!([]), "{restored:#}");
        assert_eq!(app.faults(json!({"firstName": "A", "phone": "desk 12345"})).await, ["phone PHONE_TAKEN"]);
    }

    async fn an_email_that_is_found_keeps_its_spelling(app: App) {
        let id = app.created(json!({"firstName": "Jane", "email": "Jane@Example.com"})).await;
        for given in [json!({"email": "JANE@example.com"}), json!({"emails": [{"address": "jANE@example.com", "label": "Work"}]})] {
            let payload = upsert(&app, given.clone()).await;
            assert_eq!((&payload["created"], &payload["contact"]["id"]), (&json!(false), &json!(id)), "{payload:#}");
            let input = json!({"contacts": [given], "onConflict": "UPDATE"});
            mutate_for(&app, "createContacts", "__typename", input).await;
            assert_eq!(app.contact(&json!(id)).await["email"], "Jane@example.com", "{given}");
        }
        let emails = app.contact(&json!(id)).await["emails"].take();
        assert_eq!(emails.as_array().map(Vec::len), Some(1), "{emails:#}");
        assert_eq!((&emails[0]["address"], &emails[0]["label"]), (&json!("Jane@example.com"), &json!("Work")));
        assert_eq!(crate::changing::updated(&app, id, json!({"email": "JANE@example.com"})).await["email"], "JANE@example.com");
    }
}

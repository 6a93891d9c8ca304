//! Every field of the input, all faults at once, and the contract's own examples.

use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

/// A value for every field of `CreateContactInput`, and what is read back.
async fn every_field(app: &App) -> (Value, Value) {
    let (company, team) = (app.company("Acme Corporation").await, app.team("North").await);
    let (ada, ben) = (app.user("Ada").await, app.user("Ben").await);
    let (pipeline, stages) = app.pipeline("Sales", true, &["New", "Won"]).await;
    let input = json!({
        "firstName": "Jane", "lastName": "Doe", "externalId": "crm-4711",
        "emails": [
            {"address": "jane@home.example", "label": "Home"},
            {"address": "Jane.Doe@ACME.example", "label": null, "isPrimary": true},
        ],
        "phones": [
            {"number": "+1 416 555 0100", "type": "MOBILE", "label": "Mine", "doNotCall": true},
            {"number": "+442079460958", "type": "WORK", "isPrimary": true},
            {"number": "+4930901820", "type": "FAX", "isWhatsapp": true, "isPrimary": false},
        ],
        "company": "Acme", "companyId": company, "jobTitle": "Head of Growth", "industry": "Tools",
        "website": "acme.example/about", "linkedinUrl": "https://linkedin.example/in/jane",
        "addressLine1": "1 Main Street", "addressLine2": "Floor 2", "city": "Toronto", "state": "ON",
        "zip": "M5V 2T6", "country": "canada", "timezone": "america/toronto", "language": "fr_CA",
        "tags": ["lead", "VIP"], "status": "qualified", "stage": "talking", "pipelineId": pipeline,
        "pipelineStageId": stages[1], "process": "outbound", "source": "import", "score": -7,
        "notes": "First line\n\tsecond line", "isActive": false, "emailSubscribed": false,
        "metadata": {"b": 1, "a": [true, null, 1.5, {"x": "y"}], "c": "text"},
        "industryContext": {"licence": "A-1"},
        "teamId": team, "ownerId": ada, "assigneeIds": [ben, ada],
        "sourceCreatedAt": "2020-02-29T12:30:00.1239+02:00",
    });
    let expected = json!({
        "orgId": app.org_id, "externalId": "crm-4711", "firstName": "Jane", "lastName": "Doe",
        "displayName": "Jane Doe", "email": "Jane.Doe@acme.example", "phone": "+442079460958",
        "whatsappNumber": "+4930901820", "company": "Acme Corporation", "companyId": company,
        "jobTitle": "Head of Growth", "industry": "Tools", "website": "https://acme.example/about",
        "linkedinUrl": "https://linkedin.example/in/jane", "addressLine1": "1 Main Street",
        "addressLine2": "Floor 2", "city": "Toronto", "state": "ON", "zip": "M5V 2T6", "country": "CA",
        "timezone": "America/Toronto", "language": "fr-CA", "tags": ["lead", "VIP"], "status": "qualified",
        "stage": "talking", "pipelineId": pipeline, "pipelineStageId": stages[1], "process": "outbound",
        "source": "import", "score": -7, "notes": "First line\n\tsecond line", "isActive": false,
        "emailSubscribed": false,
        "metadata": {"b": 1, "a": [true, null, 1.5, {"x": "y"}], "c": "text"},
        "industryContext": {"licence": "A-1"}, "teamId": team, "ownerId": ada,
        "sourceCreatedAt": "2020-02-29T10:30:00.123Z", "enrichedAt": null, "enrichmentStatus": null,
        "deletedAt": null, "version": 1,
        "emails": [
            {"address": "jane@home.example", "label": "Home", "isPrimary": false},
            {"address": "Jane.Doe@acme.example", "label": null, "isPrimary": true},
        ],
        "phones": [
            {"number": "+14165550100", "type": "MOBILE", "label": "Mine", "isPrimary": false,
                "isWhatsapp": false, "doNotCall": true},
            {"number": "+442079460958", "type": "WORK", "label": null, "isPrimary": true,
                "isWhatsapp": false, "doNotCall": false},
            {"number": "+4930901820", "type": "FAX", "label": null, "isPrimary": false,
                "isWhatsapp": true, "doNotCall": false},
        ],
        "companyRecord": {"id": company, "name": "Acme Corporation"},
        "pipeline": {"id": pipeline, "name": "Sales"}, "pipelineStage": {"id": stages[1], "name": "Won"},
        "team": {"id": team, "name": "North"}, "owner": {"id": ada, "name": "Ada"},
        "assignees": [{"id": ben, "name": "Ben"}, {"id": ada, "name": "Ada"}],
        "createdBy": null, "updatedBy": null,
    });
    (input, expected)
}

/// The names of a type's input fields, as the schema tells them.
async fn input_fields(app: &App, name: &str) -> Vec<String> {
    let data = app.data(&format!("{{ __type(name: \"{name}\") {{ inputFields {{ name }} }} }}")).await;
    let fields = data["__type"]["inputFields"].as_array().expect("an input type");
    fields.iter().map(|field| field["name"].as_str().expect("a name").to_owned()).collect()
}

/// Takes out what only the store knows.
fn stamps(contact: &mut Value) -> [Value; 4] {
    let contact = contact.as_object_mut().expect("a contact");
    ["id", "createdAt", "updatedAt", "tagAddedAt"].map(|name| contact.remove(name).expect("selected"))
}

on_each_engine! {
    async fn every_field_of_the_input_comes_back(app: App) {
        let (input, expected) = every_field(&app).await;
        let mut contact = app.stored(input.clone()).await;
        let [_, created, updated, tagged] = stamps(&mut contact);
        assert_eq!(created, updated);
        assert_eq!(created, tagged);
        assert_eq!(contact, expected);

        // A field that is added to the input is added here: only the shortcuts are left out above.
        let shortcuts = ["email", "phone", "whatsappNumber"];
        for field in input_fields(&app, "CreateContactInput").await {
            assert!(input.get(&field).is_some() || shortcuts.contains(&field.as_str()), "{field}");
        }
    }

    async fn null_is_as_omitted_for_every_field(app: App) {
        let nulls = |names: Vec<String>| names.into_iter().map(|name| (name, Value::Null)).collect::<serde_json::Map<_, _>>();
        let mut all_null = nulls(input_fields(&app, "CreateContactInput").await);
        all_null.insert("firstName".to_owned(), json!("Jane"));
        let mut with_nulls = app.stored(Value::Object(all_null)).await;
        let mut without = app.stored(json!({"firstName": "Jane"})).await;
        stamps(&mut with_nulls);
        stamps(&mut without);
        assert_eq!(with_nulls, without);

        // Nor does a null beside its plural conflict with it.
        let contact = app.stored(json!({
            "firstName": "Jane", "email": null, "phone": null, "whatsappNumber": null,
            "emails": [{"address": "jane@example.com", "id": null, "label": null, "isPrimary": null}],
            "phones": [{"number": "+14165550100", "id": null, "type": null, "label": null, "isPrimary": null,
                "isWhatsapp": null, "doNotCall": null}],
        })).await;
        assert_eq!(contact["email"], "jane@example.com");
        assert_eq!(contact["phones"], json!([{"number": "+14165550100", "type": "OTHER", "label": null,
            "isPrimary": true, "isWhatsapp": false, "doNotCall": false}]));
        app.stored(json!({"firstName": "Jane", "phone": "+14165550100", "phones": null,
            "email": "jane@example.com", "emails": null})).await;
    }

    async fn all_faults_are_told_at_once_with_their_paths(app: App) {
        app.set_policy(&[("required_fields", r#"'["FIRST_NAME","LAST_NAME","EMAIL","PHONE","COMPANY"]'"#),
            ("phone_format", "'E164_REQUIRED'"), ("allowed_statuses", r#"'["active"]'"#)]).await;
        let nowhere = uuid::Uuid::now_v7();
        let mut faults = app.faults(json!({
            "firstName": " ", "emails": [{"address": "a@example.com"}, {"address": "nobody"}],
            "phones": [{"number": "+14165550100", "isPrimary": true}, {"number": "12"},
                {"number": "+14165550101", "isPrimary": true}],
            "whatsappNumber": "call me", "companyId": nowhere, "jobTitle": "a\u{7}", "website": "ftp://a",
            "country": "Atlantis", "timezone": "Mars", "language": "not a language", "tags": ["ok", " "],
            "status": "other", "externalId": "x".repeat(256), "metadata": [1], "industryContext": "text",
            "teamId": nowhere, "ownerId": "me", "assigneeIds": ["you", nowhere], "pipelineId": nowhere,
            "pipelineStageId": "first",
        })).await;
        faults.sort();
        assert_eq!(faults, [
            "assigneeIds.0 USER_NOT_FOUND",
            "assigneeIds.1 USER_NOT_FOUND",
            "companyId COMPANY_NOT_FOUND",
            "country COUNTRY_INVALID",
            "emails.1.address EMAIL_INVALID",
            "externalId TOO_LONG",
            "firstName FIRST_NAME_REQUIRED",
            "industryContext METADATA_INVALID",
            "jobTitle CHARACTER_INVALID",
            "language LANGUAGE_INVALID",
            "lastName LAST_NAME_REQUIRED",
            "metadata METADATA_INVALID",
            "ownerId USER_NOT_FOUND",
            "phones MULTIPLE_PRIMARY",
            "phones.1.number PHONE_INVALID",
            "pipelineId PIPELINE_NOT_FOUND",
            "pipelineStageId STAGE_NOT_FOUND",
            "status STATUS_NOT_ALLOWED",
            "tags.1 TAG_INVALID",
            "teamId TEAM_NOT_FOUND",
            "timezone TIMEZONE_INVALID",
            "website URL_INVALID",
            "whatsappNumber PHONE_INVALID",
        ]);
    }

    async fn the_contracts_example_comes_back_with_the_defaults_it_states(app: App) {
        let mut contact = app.stored(json!({
            "firstName": "Jane", "lastName": "Doe", "email": "jane@example.com", "company": "Acme Inc",
            "jobTitle": "Head of Growth", "tags": ["lead"],
        })).await;
        let [id, created, updated, _] = stamps(&mut contact);
        let expected = json!({
            "orgId": app.org_id, "firstName": "Jane", "lastName": "Doe", "email": "jane@example.com",
            "phone": null, "company": "Acme Inc", "companyId": null, "jobTitle": "Head of Growth",
            "industry": null, "addressLine1": null, "addressLine2": null, "city": null, "state": null,
            "zip": null, "country": null, "tags": ["lead"], "status": "active", "stage": null, "source": "api",
            "notes": null, "linkedinUrl": null, "score": null, "enrichedAt": null, "enrichmentStatus": null,
            "emailSubscribed": true, "createdBy": null,
        });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&contact[name], value, "{name} of {contact:#}");
        }

        let without_last_name = app.stored(json!({"firstName": "Joe"})).await;
        assert_eq!(without_last_name["lastName"], "");
        assert_eq!(without_last_name["tags"], json!([]));

        let data = app.data("{ contacts(first: 50, updatedSince: \"2026-01-01T00:00:00Z\") { totalCount nodes {
            id firstName tags status source createdAt updatedAt } } }").await;
        assert_eq!(data["contacts"]["totalCount"], 2);
        assert_eq!(data["contacts"]["nodes"][0]["id"], without_last_name["id"]);
        assert_eq!(data["contacts"]["nodes"][1], json!({"id": id, "firstName": "Jane", "tags": ["lead"],
            "status": "active", "source": "api", "createdAt": created, "updatedAt": updated}));
    }
}

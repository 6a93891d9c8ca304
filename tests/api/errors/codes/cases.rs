//! A request for each code.

use serde_json::{Value, json};

use super::Case;

/// No object has this id.
const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

/// One for each code, by the kinds of code.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = required();
    cases.extend(invalid());
    cases.extend(not_found());
    cases.extend(taken());
    cases.extend(refused());
    cases
}

/// A request to create a contact that has a first name.
fn contact(code: &'static str, field: &'static str, mut input: Value) -> Case {
    input["firstName"] = json!("Jane");
    Case::new(code, field, "createContact", input)
}

fn policy(change: Value) -> (&'static str, Value) {
    ("updateContactPolicy", change)
}

fn created(contact: Value) -> (&'static str, Value) {
    ("createContact", contact)
}

fn required() -> Vec<Case> {
    let requires = |field: &str| [policy(json!({"requiredFields": [field], "defaultLastName": null}))];
    vec![
        Case::new("FIRST_NAME_REQUIRED", "firstName", "createContact", json!({})),
        contact("LAST_NAME_REQUIRED", "lastName", json!({})).after(requires("LAST_NAME")),
        contact("EMAIL_REQUIRED", "email", json!({})).after(requires("EMAIL")),
        contact("PHONE_REQUIRED", "phone", json!({})).after(requires("PHONE")),
        contact("COMPANY_REQUIRED", "company", json!({})).after(requires("COMPANY")),
        Case::new("NAME_REQUIRED", "name", "createCompany", json!({"name": " "})),
    ]
}

fn invalid() -> Vec<Case> {
    let phones: Vec<_> = (0..21).map(|number| json!({"number": format!("+141655501{number:02}")})).collect();
    let two =
        |flag: &str| json!([{"number": "+14165550100", flag: true}, {"number": "+14165550101", flag: true}]);
    vec![
        contact("EMAIL_INVALID", "emails.0.address", json!({"emails": [{"address": "jane"}]})),
        contact("PHONE_INVALID", "phones.0.number", json!({"phones": [{"number": "none"}]}))
            .after([policy(json!({"phoneFormat": "E164_REQUIRED"}))]),
        contact("COUNTRY_INVALID", "country", json!({"country": "Nowhere"})),
        contact("TIMEZONE_INVALID", "timezone", json!({"timezone": "Europe/Nowhere"})),
        contact("LANGUAGE_INVALID", "language", json!({"language": "?"})),
        contact("URL_INVALID", "website", json!({"website": "ftp://example.com"})),
        contact("TAG_INVALID", "tags.1", json!({"tags": ["lead", " "]})),
        contact("METADATA_INVALID", "metadata", json!({"metadata": ["a"]})),
        contact("CHARACTER_INVALID", "city", json!({"city": "a\u{7}"})),
        Case::new("INVALID", "defaultSource", "updateContactPolicy", json!({"defaultSource": " "})),
        contact("TOO_LONG", "lastName", json!({"lastName": "x".repeat(257)})),
        contact("TOO_MANY", "phones", json!({"phones": phones})),
        contact("FIELDS_CONFLICT", "phone", json!({"phone": "+14165550100", "phones": []})),
        contact("MULTIPLE_PRIMARY", "phones", json!({"phones": two("isPrimary")})),
        contact("MULTIPLE_WHATSAPP", "phones", json!({"phones": two("isWhatsapp")})),
    ]
}

fn not_found() -> Vec<Case> {
    vec![
        Case::new("CONTACT_NOT_FOUND", "id", "updateContact", json!({"id": NOTHING, "set": {}})),
        contact("COMPANY_NOT_FOUND", "companyId", json!({"companyId": NOTHING})),
        contact("TEAM_NOT_FOUND", "teamId", json!({"teamId": NOTHING})),
        contact("USER_NOT_FOUND", "assigneeIds.0", json!({"assigneeIds": [NOTHING]})),
        contact("PIPELINE_NOT_FOUND", "pipelineId", json!({"pipelineId": NOTHING})),
        contact("STAGE_NOT_FOUND", "pipelineStageId", json!({"pipelineStageId": NOTHING})),
        Case::new("TAG_NOT_FOUND", "name", "deleteTag", json!({"name": "none"})),
        Case::new("API_KEY_NOT_FOUND", "id", "revokeApiKey", json!({"id": NOTHING})),
    ]
}

fn taken() -> Vec<Case> {
    let (email, phone) = (
        json!({"firstName": "A", "email": "a@example.com"}),
        json!({"firstName": "A", "phone": "+14165550100"}),
    );
    vec![
        contact("EMAIL_TAKEN", "email", json!({"email": "A@example.com"}))
            .after([policy(json!({"uniqueEmail": true})), created(email.clone())])
            .conflicting(&["$1"]),
        contact("PHONE_TAKEN", "phone", json!({"phone": "+1 416 555 0100"}))
            .after([policy(json!({"uniquePhone": true})), created(phone.clone())])
            .conflicting(&["$1"]),
        contact("EXTERNAL_ID_TAKEN", "externalId", json!({"externalId": "7"}))
            .after([created(json!({"firstName": "A", "externalId": "7"}))])
            .conflicting(&["$0"]),
        Case::new("NAME_TAKEN", "newName", "renameTag", json!({"name": "lead", "newName": "VIP"}))
            .after([created(json!({"firstName": "A", "tags": ["lead", "vip"]}))]),
        Case::new(
            "STALE_VERSION",
            "expectedVersion",
            "updateContact",
            json!({"id": "$0", "expectedVersion": 2, "set": {"notes": "called"}}),
        )
        .after([created(json!({"firstName": "A"}))])
        .conflicting(&["$0"]),
        Case::new(
            "AMBIGUOUS_MATCH",
            "",
            "upsertContact",
            json!({"contact": {"email": "a@example.com", "phone": "+14165550100"}}),
        )
        .nowhere()
        .after([created(email), created(phone.clone())])
        .conflicting(&["$0", "$1"]),
        Case::new("DUPLICATES_EXIST", "uniquePhone", "updateContactPolicy", json!({"uniquePhone": true}))
            .after([created(phone.clone()), created(phone)]),
    ]
}

fn refused() -> Vec<Case> {
    let team = |name: &str| ("createTeam", json!({"name": name}));
    let key = |input: Value| ("createApiKey", input);
    vec![
        contact("TEAM_ACCESS_DENIED", "teamId", json!({"teamId": "$1"})).after([
            team("North"),
            team("South"),
            key(json!({"name": "north", "scopes": ["CONTACTS_WRITE"], "teamIds": ["$0"]})),
        ]),
        contact(
            "STAGE_NOT_IN_PIPELINE",
            "pipelineStageId",
            json!({"pipelineId": "$hiring", "pipelineStageId": "$won"}),
        ),
        contact("STATUS_NOT_ALLOWED", "status", json!({"status": "lost"}))
            .after([policy(json!({"allowedStatuses": ["active"]}))]),
        contact("STATUS_STAGE_MISMATCH", "status", json!({"pipelineStageId": "$won", "status": "New"}))
            .after([policy(json!({"usesPipelines": true, "defaultStatus": null}))]),
        Case::new(
            "COUNT_MISMATCH",
            "where.matching.expectedCount",
            "deleteContacts",
            json!({"where": {"matching": {"expectedCount": 2}}}),
        )
        .after([created(json!({"firstName": "A"}))]),
        Case::new("IN_USE", "id", "deleteTeam", json!({"id": "$0"})).after([
            team("North"),
            key(json!({"name": "north", "scopes": ["SETTINGS_WRITE"], "teamIds": ["$0"]})),
        ]),
        Case::new(
            "SCOPE_NOT_GRANTABLE",
            "scopes.1",
            "createApiKey",
            json!({"name": "b", "scopes": ["KEYS_MANAGE", "CONTACTS_READ"]}),
        )
        .after([key(json!({"name": "a", "scopes": ["KEYS_MANAGE"]}))]),
    ]
}

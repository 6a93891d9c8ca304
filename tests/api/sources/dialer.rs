//! C. The dialer CRM: policy DIALER, numbers with a type and a do-not-call mark, integer team ids.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    FieldRow, KeyHeader, Newcomer, ReturnedRow, assert_common_errors, assert_documented, assert_returned,
    refusal,
};
use crate::support::{App, engine::on_each_engine};

/// The heading in docs/migrating.md.
const SYSTEM: &str = "A dialer CRM";

async fn dialer(app: App) -> Newcomer {
    Newcomer::new(app, "DIALER", KeyHeader::Bearer).await
}

fn fields(team_id: &Value) -> Vec<FieldRow> {
    vec![
        ("first_name", json!("Jane"), "firstName", json!("Jane")),
        ("last_name", json!("Doe"), "lastName", json!("Doe")),
        ("email", json!("jane@example.com"), "email", json!("jane@example.com")),
        ("company", json!("Acme Inc"), "company", json!("Acme Inc")),
        ("website", json!("acme.example"), "website", json!("https://acme.example")),
        ("address", json!("1 Main Street"), "addressLine1", json!("1 Main Street")),
        ("city", json!("Springfield"), "city", json!("Springfield")),
        ("state", json!("IL"), "state", json!("IL")),
        ("zip_code", json!("62701"), "zip", json!("62701")),
        ("country", json!("CA"), "country", json!("CA")),
        ("status", json!("callback"), "status", json!("callback")),
        ("stage", json!("negotiation"), "stage", json!("negotiation")),
        ("team_id", team_id.clone(), "teamId", team_id.clone()),
        ("tags", json!(["solar", "q4"]), "tags", json!(["solar", "q4"])),
        (
            "phone_numbers",
            json!([
                {"number": "(217) 555-0100", "type": "MOBILE", "isPrimary": false, "doNotCall": true},
                {"number": "+12175550101", "type": "WORK", "isPrimary": true},
            ]),
            "phones",
            json!([
                {"number": "+12175550100", "type": "MOBILE", "label": null, "isPrimary": false,
                    "isWhatsapp": false, "doNotCall": true},
                {"number": "+12175550101", "type": "WORK", "label": null, "isPrimary": true,
                    "isWhatsapp": false, "doNotCall": false},
            ]),
        ),
        (
            "custom_context",
            json!({"roof": "tile", "bill": 140.5}),
            "metadata",
            json!({"roof": "tile", "bill": 140.5}),
        ),
        ("industry_context", json!({"utility": "Ameren"}), "industryContext", json!({"utility": "Ameren"})),
    ]
}

/// The members of a number.
const PHONE: [(&str, &str); 4] = [
    ("phone_number", "number"),
    ("phone_type", "type"),
    ("primary", "isPrimary"),
    ("do_not_call", "doNotCall"),
];

/// What a contact has of which only the first name was given.
fn defaults() -> Vec<ReturnedRow> {
    vec![
        ("last_name", "lastName", Value::Null),
        ("email", "email", Value::Null),
        ("company", "company", Value::Null),
        ("website", "website", Value::Null),
        ("address", "addressLine1", Value::Null),
        ("city", "city", Value::Null),
        ("state", "state", Value::Null),
        ("zip_code", "zip", Value::Null),
        ("country", "country", json!("US")),
        ("status", "status", json!("not_contacted")),
        ("stage", "stage", json!("lead")),
        ("team_id", "teamId", Value::Null),
        ("tags", "tags", json!([])),
        ("phone_numbers", "phones", json!([])),
        ("custom_context", "metadata", json!({})),
        ("industry_context", "industryContext", json!({})),
    ]
}

/// A contact's numbers as `number TYPE label`, the primary one with a star.
fn numbers(contact: &Value) -> Vec<String> {
    let phones = contact["phones"].as_array().expect("phones");
    let line = |phone: &Value| {
        let text = |name: &str| phone[name].as_str().unwrap_or("-").to_owned();
        let star = if phone["isPrimary"] == true { "*" } else { "" };
        format!("{star}{} {} {}", text("number"), text("type"), text("label"))
    };
    phones.iter().map(line).collect()
}

on_each_engine! {
    async fn every_field_of_a_create_comes_back(app: App) {
        let newcomer = dialer(app).await;
        let team_id = newcomer.made("createTeam", "team", json!({"name": "North", "externalId": "42"})).await;
        let fields = fields(&team_id);
        newcomer.every_field_comes_back(&json!({"firstName": "Jane"}), &fields).await;
        assert_documented(SYSTEM, fields.iter().map(|(theirs, _, ours, _)| (*theirs, *ours)));
        assert_documented(SYSTEM, PHONE);
    }

    async fn what_is_omitted_or_null_is_filled_in(app: App) {
        let newcomer = dialer(app).await;
        assert_returned(&newcomer.stored(json!({"firstName": "Jane"})).await, &defaults());
        let nulls = defaults().into_iter().map(|(_, ours, _)| (ours.to_owned(), Value::Null));
        let mut input: Value = nulls.collect();
        input["firstName"] = json!("Jane");
        assert_returned(&newcomer.stored(input).await, &defaults());
    }

    async fn the_first_number_is_made_primary_when_none_is_flagged(app: App) {
        let newcomer = dialer(app).await;
        for unflagged in [Value::Null, json!(false)] {
            let phones = json!([
                {"number": "+12175550100", "isPrimary": unflagged}, {"number": "+12175550101", "isPrimary": unflagged},
            ]);
            let contact = newcomer.stored(json!({"firstName": "Jane", "phones": phones})).await;
            assert_eq!(numbers(&contact), ["*+12175550100 OTHER -", "+12175550101 OTHER -"]);
            assert_eq!(contact["phone"], "+12175550100");
        }
        let two = json!([{"number": "+12175550100", "isPrimary": true}, {"number": "+12175550101", "isPrimary": true}]);
        assert_eq!(newcomer.faults(json!({"firstName": "Jane", "phones": two})).await, ["phones MULTIPLE_PRIMARY"]);
    }

    async fn a_type_without_a_word_of_ours_is_other_with_a_label(app: App) {
        let newcomer = dialer(app).await;
        let ours = ["MOBILE", "WORK", "HOME", "MAIN", "FAX", "OTHER"];
        let number = |(at, kind): (usize, &&str)| json!({"number": format!("+1217555010{at}"), "type": kind});
        let mut phones: Vec<Value> = ours.iter().enumerate().map(number).collect();
        phones.push(json!({"number": "+12175550109", "type": "OTHER", "label": "direct"}));
        let contact = newcomer.stored(json!({"firstName": "Jane", "phones": phones})).await;
        assert_eq!(numbers(&contact), ["*+12175550100 MOBILE -", "+12175550101 WORK -", "+12175550102 HOME -",
            "+12175550103 MAIN -", "+12175550104 FAX -", "+12175550105 OTHER -", "+12175550109 OTHER direct"]);

        let query = "mutation($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }";
        for unknown in ["direct", "DIRECT", "mobile"] {
            let input = json!({"firstName": "Jane", "phones": [{"number": "+12175550100", "type": unknown}]});
            let answer = newcomer.ask_as(&newcomer.app.key, query, json!({"input": input})).await;
            assert_eq!(refusal(&answer), json!({"code": "BAD_USER_INPUT"}), "{unknown}");
        }
    }

    async fn numbers_are_kept_in_e164_national_ones_as_american_and_others_are_refused(app: App) {
        let newcomer = dialer(app).await;
        for given in ["2175550100", "(217) 555-0100", "217.555.0100", "1-217-555-0100", "+1 217 555 0100"] {
            let contact = newcomer.stored(json!({"firstName": "Jane", "phones": [{"number": given}]})).await;
            assert_eq!(numbers(&contact), ["*+12175550100 OTHER -"], "{given}");
        }
        for given in ["", "12", "reception", "call +1 217 555 0100"] {
            let input = json!({"firstName": "Jane", "phones": [{"number": "+12175550101"}, {"number": given}]});
            assert_eq!(newcomer.faults(input).await, ["phones.1.number PHONE_INVALID"], "{given}");
        }
    }

    async fn those_who_may_not_be_called_are_found(app: App) {
        let newcomer = dialer(app).await;
        for (name, marked) in [("Jane", true), ("Joe", false)] {
            newcomer.stored(json!({"firstName": name, "phones": [{"number": "+12175550100", "doNotCall": marked}]})).await;
        }
        for (marked, expected) in [(true, "Jane"), (false, "Joe")] {
            let query = "query($marked: Boolean) { contacts(filter: {doNotCall: $marked}) { nodes { firstName } } }";
            let data = newcomer.data(query, json!({"marked": marked})).await;
            assert_eq!(data["contacts"]["nodes"], json!([{"firstName": expected}]), "{marked}");
        }
    }

    async fn an_integer_team_id_is_the_external_id_of_a_team(app: App) {
        let newcomer = dialer(app).await;
        newcomer.made("createTeam", "team", json!({"name": "North", "externalId": "42"})).await;
        let data = newcomer.data("{ teams { id externalId } }", json!({})).await;
        assert_eq!(data["teams"][0]["externalId"], "42");
        let team_id = &data["teams"][0]["id"];
        let contact = newcomer.stored(json!({"firstName": "Jane", "teamId": team_id})).await;
        assert_eq!(contact["team"], json!({"id": team_id, "name": "North"}));
        for theirs in [json!(42), json!("42"), json!(Uuid::now_v7())] {
            let input = json!({"firstName": "Jane", "teamId": theirs});
            assert_eq!(newcomer.faults(input).await, ["teamId TEAM_NOT_FOUND"], "{theirs}");
        }
        let again = json!({"name": "South", "externalId": "42"});
        let payload = newcomer.mutate_as(&newcomer.app.key, "createTeam", again, "team { id }").await;
        assert_eq!(crate::fixtures::paths_and_codes(&payload), ["externalId EXTERNAL_ID_TAKEN"]);
    }

    async fn a_key_of_other_teams_is_denied_the_team(app: App) {
        let newcomer = dialer(app).await;
        let north = newcomer.made("createTeam", "team", json!({"name": "North", "externalId": "42"})).await;
        let south = newcomer.made("createTeam", "team", json!({"name": "South", "externalId": "43"})).await;
        let key = newcomer.key(json!({"name": "campaign", "scopes": ["CONTACTS_WRITE"], "teamIds": [north]})).await;
        let contact = newcomer.stored_as(&key, json!({"firstName": "Jane", "teamId": north})).await;
        assert_eq!(contact["teamId"], north);
        let input = json!({"firstName": "Jane", "teamId": south});
        assert_eq!(newcomer.faults_as(&key, input).await, ["teamId TEAM_ACCESS_DENIED"]);
    }

    async fn a_missing_first_name_and_other_faults_are_told_at_once(app: App) {
        let newcomer = dialer(app).await;
        let mut faults = newcomer.faults(json!({"email": "nobody", "website": "ftp://acme.example", "country": "Atlantis",
            "phones": [{"number": "12"}], "metadata": ["roof"], "industryContext": "solar"})).await;
        faults.sort();
        assert_eq!(faults, [
            "country COUNTRY_INVALID",
            "email EMAIL_INVALID",
            "firstName FIRST_NAME_REQUIRED",
            "industryContext METADATA_INVALID",
            "metadata METADATA_INVALID",
            "phones.0.number PHONE_INVALID",
            "website URL_INVALID",
        ]);
    }

    async fn bodies_keys_scopes_and_our_own_faults_have_their_codes(app: App) {
        assert_common_errors(&dialer(app).await).await;
    }
}

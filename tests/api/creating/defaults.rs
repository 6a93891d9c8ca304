//! What a policy fills in: the contract's table, preset by preset.

use serde_json::{Value, json};

use crate::{
    fixtures::{DIALER, MESSAGING, PIPELINE},
    support::{App, engine::on_each_engine},
};

fn filled_in(contact: &Value) -> Value {
    let names = [
        "lastName",
        "status",
        "stage",
        "country",
        "source",
        "isActive",
        "emailSubscribed",
        "metadata",
        "industryContext",
        "tags",
        "score",
        "timezone",
        "language",
    ];
    names.map(|name| (name.to_owned(), contact[name].clone())).into_iter().collect()
}

fn expected(last_name: &Value, status: &str, stage: &Value, country: &Value) -> Value {
    json!({"lastName": last_name, "status": status, "stage": stage, "country": country, "source": "api",
        "isActive": true, "emailSubscribed": true, "metadata": {}, "industryContext": {}, "tags": [],
        "score": null, "timezone": null, "language": null})
}

on_each_engine! {
    async fn standard_fills_in_an_empty_last_name_and_the_status_active(app: App) {
        let contact = app.stored(json!({"firstName": "Jane"})).await;
        assert_eq!(filled_in(&contact), expected(&json!(""), "active", &Value::Null, &Value::Null));
        assert_eq!(app.faults(json!({})).await, ["firstName FIRST_NAME_REQUIRED"]);
    }

    async fn pipeline_fills_in_the_first_stage_of_the_default_pipeline(app: App) {
        app.pipeline("Another", false, &["Elsewhere"]).await;
        let (pipeline, stages) = app.pipeline("Sales", true, &["New Lead", "Won"]).await;
        app.set_policy(PIPELINE).await;
        let contact = app.stored(json!({"phone": "+14165550100"})).await;
        assert_eq!(filled_in(&contact), expected(&Value::Null, "New Lead", &json!("New Lead"), &Value::Null));
        assert_eq!(contact["pipelineId"], json!(pipeline));
        assert_eq!(contact["pipelineStageId"], json!(stages[0]));
        assert_eq!(app.faults(json!({})).await, ["phone PHONE_REQUIRED"]);
        assert_eq!(app.faults(json!({"phone": "+14165550100"})).await, ["phone PHONE_TAKEN"]);
        assert_eq!(app.faults(json!({"phone": "416 555 0101"})).await, ["phone PHONE_INVALID"]);
    }

    async fn dialer_fills_in_country_status_and_stage_and_reads_national_numbers(app: App) {
        app.set_policy(DIALER).await;
        let contact = app.stored(json!({"firstName": "Jane", "phone": "(416) 555-0100"})).await;
        assert_eq!(filled_in(&contact), expected(&Value::Null, "not_contacted", &json!("lead"), &json!("US")));
        assert_eq!(contact["phone"], "+14165550100");
        assert_eq!(app.faults(json!({"phone": "12"})).await, ["phone PHONE_INVALID", "firstName FIRST_NAME_REQUIRED"]);
    }

    async fn messaging_requires_nothing(app: App) {
        app.set_policy(MESSAGING).await;
        let contact = app.stored(json!({})).await;
        assert_eq!(filled_in(&contact), expected(&Value::Null, "active", &Value::Null, &Value::Null));
        let contact = app.stored(json!({"phone": "extension 12"})).await;
        assert_eq!(contact["phone"], "extension 12");
    }

    async fn given_values_win_over_defaults(app: App) {
        app.set_policy(DIALER).await;
        let given = json!({"firstName": "Jane", "lastName": "Doe", "country": "DE", "status": "busy",
            "stage": "won", "source": "form"});
        let contact = app.stored(given.clone()).await;
        for (name, value) in given.as_object().expect("an object") {
            assert_eq!(&contact[name], value, "{name}");
        }
    }

    async fn a_policy_changed_by_hand_fills_in_its_own_defaults(app: App) {
        app.set_policy(&[("preset", "'CUSTOM'"), ("default_last_name", "'Unknown'"),
            ("default_status", "'fresh'"), ("default_stage", "'top'"), ("default_country", "'FR'"),
            ("default_source", "'crm'"), ("default_phone_region", "'FR'")]).await;
        let contact = app.stored(json!({"firstName": "Jane", "phone": "01 23 45 67 89"})).await;
        let names = ["lastName", "status", "stage", "country", "source", "phone"];
        let values = names.map(|name| contact[name].clone());
        assert_eq!(values, ["Unknown", "fresh", "top", "FR", "crm", "+33123456789"].map(Value::from));
    }
}

//! What a policy requires. Blank is missing; given but refused is not also missing.

use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn each_field_that_can_be_required_is_missed_when_omitted_null_or_blank(app: App) {
        for (constant, field) in [
            ("FIRST_NAME", "firstName"),
            ("LAST_NAME", "lastName"),
            ("EMAIL", "email"),
            ("PHONE", "phone"),
            ("COMPANY", "company"),
        ] {
            app.set_policy(&[("required_fields", &format!("'[\"{constant}\"]'"))]).await;
            let missed = [format!("{field} {constant}_REQUIRED")];
            assert_eq!(app.faults(json!({})).await, missed);
            for missing in [Value::Null, json!(""), json!(" \u{a0}\u{2003}")] {
                assert_eq!(app.faults(json!({field: missing})).await, missed, "{missing}");
            }
            let sound = match field {
                "email" => "jane@example.com",
                "phone" => "+14165550100",
                _ => "x",
            };
            assert_eq!(app.faults(json!({field: sound})).await, [""; 0], "{field}");
        }
    }

    async fn lists_and_links_satisfy_what_is_required(app: App) {
        app.set_policy(&[("required_fields", r#"'["EMAIL","PHONE","COMPANY"]'"#)]).await;
        let company = app.company("Acme").await;
        let sound = json!({"emails": [{"address": "a@example.com"}], "phones": [{"number": "+14165550100"}],
            "companyId": company});
        assert_eq!(app.faults(sound).await, [""; 0]);
        let empty = json!({"emails": [], "phones": [], "company": "Acme"});
        assert_eq!(app.faults(empty).await, ["email EMAIL_REQUIRED", "phone PHONE_REQUIRED"]);
    }

    async fn a_refused_email_or_phone_is_not_also_missed(app: App) {
        app.set_policy(&[("required_fields", r#"'["EMAIL","PHONE"]'"#), ("phone_format", "'E164_REQUIRED'")]).await;
        assert_eq!(
            app.faults(json!({"email": "nobody", "phone": "12"})).await,
            ["email EMAIL_INVALID", "phone PHONE_INVALID"]
        );
        assert_eq!(
            app.faults(json!({"emails": [{"address": "nobody"}], "phones": [{"number": "12"}]})).await,
            ["emails.0.address EMAIL_INVALID", "phones.0.number PHONE_INVALID"]
        );
    }

    async fn a_whatsapp_number_does_not_satisfy_phone(app: App) {
        app.set_policy(&[("required_fields", r#"'["PHONE"]'"#)]).await;
        assert_eq!(app.faults(json!({"whatsappNumber": "+14165550100"})).await, ["phone PHONE_REQUIRED"]);
        assert_eq!(app.faults(json!({"whatsappNumber": "+14165550100", "phone": "+14165550100"})).await, [""; 0]);
    }
}

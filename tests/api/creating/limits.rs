//! Lengths, in Unicode scalar values: each limit at the limit and one above.

use serde_json::{Value, json};

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

/// The free texts and how long each may be.
const TEXTS: [(&str, usize); 15] = [
    ("firstName", 256),
    ("lastName", 256),
    ("externalId", 255),
    ("status", 255),
    ("stage", 255),
    ("source", 255),
    ("process", 255),
    ("company", 1_024),
    ("jobTitle", 1_024),
    ("industry", 1_024),
    ("addressLine1", 1_024),
    ("addressLine2", 1_024),
    ("city", 1_024),
    ("state", 1_024),
    ("zip", 1_024),
];

/// Four bytes in UTF-8, two code units in UTF-16, one scalar value.
const WIDE: &str = "\u{1f600}";

on_each_engine! {
    async fn every_text_is_taken_up_to_its_limit(app: App) {
        app.set_policy(LENIENT).await;
        let texts = TEXTS.into_iter().chain([("notes", 65_536)]);
        let most: serde_json::Map<String, Value> =
            texts.map(|(field, limit)| (field.to_owned(), json!(WIDE.repeat(limit)))).collect();
        let contact = app.stored(Value::Object(most.clone())).await;
        for (field, value) in &most {
            assert_eq!(&contact[field], value, "{field}");
        }
        for (field, limit) in TEXTS.into_iter().chain([("notes", 65_536)]) {
            let more = json!({field: "a".repeat(limit + 1)});
            assert_eq!(app.faults(more).await, [format!("{field} TOO_LONG")]);
        }
    }

    async fn labels_and_addresses_have_limits_too(app: App) {
        app.set_policy(LENIENT).await;
        let label = "é".repeat(1_024);
        let contact = app.stored(json!({"phones": [{"number": "+14165550100", "label": label}],
            "emails": [{"address": "a@example.com", "label": label}]})).await;
        assert_eq!(contact["phones"][0]["label"], json!(label));
        assert_eq!(contact["emails"][0]["label"], json!(label));
        let longer = "é".repeat(1_025);
        let faults = app.faults(json!({"phones": [{"number": "+14165550100", "label": longer}],
            "emails": [{"address": "a@example.com", "label": longer}]})).await;
        assert_eq!(faults, ["emails.0.label TOO_LONG", "phones.0.label TOO_LONG"]);
    }

    async fn a_phone_takes_64_characters_and_an_email_320(app: App) {
        app.set_policy(LENIENT).await;
        let phone = "☎".repeat(64);
        assert_eq!(app.stored(json!({"phone": phone})).await["phone"], json!(phone));
        assert_eq!(app.faults(json!({"phone": "☎".repeat(65)})).await, ["phone TOO_LONG"]);
        assert_eq!(app.faults(json!({"whatsappNumber": "1".repeat(65)})).await, ["whatsappNumber TOO_LONG"]);
        let listed = json!({"phones": [{"number": "1".repeat(65)}]});
        assert_eq!(app.faults(listed).await, ["phones.0.number TOO_LONG"]);

        let domain = format!("{}.{}.{}.example", "a".repeat(61), "b".repeat(61), "c".repeat(61));
        let email = format!("{}@{domain}", "u".repeat(64));
        assert_eq!(app.stored(json!({"email": email})).await["email"], json!(email));
        assert_eq!(app.faults(json!({"email": format!("{}@example.com", "u".repeat(309))})).await, ["email TOO_LONG"]);
    }

    async fn web_addresses_have_a_limit_too(app: App) {
        app.set_policy(LENIENT).await;
        let address = |length: usize| format!("https://acme.example/{}", "x".repeat(length - 21));
        assert_eq!(app.stored(json!({"website": address(1_024)})).await["website"], json!(address(1_024)));
        assert_eq!(app.faults(json!({"website": address(1_025)})).await, ["website TOO_LONG"]);
    }

    async fn twenty_phones_and_emails_and_fifty_assignees_are_taken_and_no_more(app: App) {
        app.set_policy(LENIENT).await;
        let phones = |count: usize| (0..count).map(|n| json!({"number": format!("+141655501{n:02}")})).collect::<Vec<_>>();
        let emails = |count: usize| (0..count).map(|n| json!({"address": format!("a{n}@example.com")})).collect::<Vec<_>>();
        let mut users = Vec::new();
        for number in 0..51 {
            users.push(app.user(&format!("User {number}")).await);
        }
        let contact = app.stored(json!({"phones": phones(20), "emails": emails(20), "assigneeIds": users[..50]})).await;
        for (list, count) in [("phones", 20), ("emails", 20), ("assignees", 50)] {
            assert_eq!(contact[list].as_array().map(Vec::len), Some(count), "{list}");
        }
        let faults = app.faults(json!({"phones": phones(21), "emails": emails(21), "assigneeIds": users})).await;
        assert_eq!(faults, ["emails TOO_MANY", "phones TOO_MANY", "assigneeIds TOO_MANY"]);
    }

    async fn control_characters_are_refused_everywhere_but_lines_in_notes(app: App) {
        app.set_policy(LENIENT).await;
        for character in ["\u{0}", "\u{7}", "\u{1b}", "\u{7f}", "\u{85}", "\t", "\n", "\r"] {
            for (field, _) in TEXTS {
                let given = json!({field: format!("a{character}b")});
                assert_eq!(app.faults(given).await, [format!("{field} CHARACTER_INVALID")], "{character:?}");
            }
        }
        for field in ["website", "country", "timezone", "language", "phone", "whatsappNumber", "email"] {
            let faults = app.faults(json!({field: "a\u{0}b"})).await;
            assert_eq!(faults, [format!("{field} CHARACTER_INVALID")]);
        }
        assert_eq!(app.faults(json!({"tags": ["a\u{0}b"]})).await, ["tags.0 CHARACTER_INVALID"]);
        assert_eq!(app.faults(json!({"notes": "a\u{0}b"})).await, ["notes CHARACTER_INVALID"]);
        assert_eq!(app.stored(json!({"notes": "a\t\r\nb"})).await["notes"], "a\t\r\nb");
        let label = json!({"phones": [{"number": "+14165550100", "label": "a\nb"}]});
        assert_eq!(app.faults(label).await, ["phones.0.label CHARACTER_INVALID"]);
    }

    async fn a_score_is_any_32_bit_integer(app: App) {
        app.set_policy(LENIENT).await;
        for score in [i32::MIN, -1, 0, i32::MAX] {
            assert_eq!(app.stored(json!({"score": score})).await["score"], score);
        }
    }
}

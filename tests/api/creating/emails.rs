//! Email addresses: their form, and the shortcut `email`.

use serde_json::{Value, json};

use crate::{
    changing::mutate_for,
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

/// Each stored address, with ` primary` behind the primary one.
async fn addresses(app: &App, input: Value) -> Vec<String> {
    let contact = app.stored(input).await;
    let emails = contact["emails"].as_array().expect("a list");
    let primary = emails.iter().find(|email| email["isPrimary"] == true);
    assert_eq!(
        contact["email"],
        primary.map_or(Value::Null, |email| email["address"].clone()),
        "{contact:#}"
    );
    let word = |email: &Value| if email["isPrimary"] == true { " primary" } else { "" };
    emails
        .iter()
        .map(|email| format!("{}{}", email["address"].as_str().expect("text"), word(email)))
        .collect()
}

on_each_engine! {
    async fn an_address_is_trimmed_and_its_domain_lowered(app: App) {
        app.set_policy(LENIENT).await;
        for (given, kept) in [
            ("  Jane.Doe@EXAMPLE.Com ", "Jane.Doe@example.com"),
            ("o'neil+tag@sub.example.co.uk", "o'neil+tag@sub.example.co.uk"),
            ("a@BÜCHER.example", "a@bücher.example"),
            ("a@xn--bcher-kva.example", "a@bücher.example"),
            ("a@bücher\u{3002}example", "a@bücher.example"),
            ("jane@example.com\n", "jane@example.com"),
            ("\u{a0}jane@example.com\t\r\n", "jane@example.com"),
            ("Jo\u{308}rg@example.com", "Jörg@example.com"),
            ("用户@例子.广告", "用户@例子.广告"),
        ] {
            assert_eq!(addresses(&app, json!({"email": given})).await, [format!("{kept} primary")]);
        }
        assert_eq!(addresses(&app, json!({"email": " "})).await, [""; 0]);
    }

    async fn what_is_no_address_is_refused(app: App) {
        app.set_policy(LENIENT).await;
        let long = format!("a@{}.com", ["x".repeat(60).as_str(); 5].join("."));
        for given in ["jane", "jane@", "@example.com", "a b@example.com", "a@b@example.com", "Jane <jane@example.com>",
            "a@example.com, b@example.com", "a@[::1]", "a@[IPv6:::1]", "a@[127.0.0.1]", &long, "a@x..com", "a@x.com."] {
            assert_eq!(app.faults(json!({"email": given})).await, ["email EMAIL_INVALID"], "{given}");
            let listed = json!({"emails": [{"address": "a@example.com"}, {"address": given}]});
            assert_eq!(app.faults(listed).await, ["emails.1.address EMAIL_INVALID"], "{given}");
        }
        assert_eq!(app.faults(json!({"emails": [{"address": " "}]})).await, ["emails.0.address EMAIL_INVALID"]);
    }

    async fn none_flagged_makes_the_first_primary_and_two_are_refused(app: App) {
        app.set_policy(LENIENT).await;
        let list = |first: Value, second: Value| json!({"emails": [
            {"address": "a@example.com", "isPrimary": first}, {"address": "b@example.com", "isPrimary": second}]});
        assert_eq!(addresses(&app, list(Value::Null, json!(false))).await, ["a@example.com primary", "b@example.com"]);
        assert_eq!(addresses(&app, list(json!(false), json!(true))).await, ["a@example.com", "b@example.com primary"]);
        assert_eq!(app.faults(list(json!(true), json!(true))).await, ["emails MULTIPLE_PRIMARY"]);
    }

    async fn the_shortcut_and_the_list_together_are_refused(app: App) {
        app.set_policy(LENIENT).await;
        let both = json!({"email": "a@example.com", "emails": [{"address": "a@example.com"}]});
        assert_eq!(app.faults(both).await, ["email FIELDS_CONFLICT"]);
    }

    async fn an_address_given_twice_is_kept_once_whatever_its_case(app: App) {
        app.set_policy(LENIENT).await;
        let twice = json!({"emails": [{"address": "Jane@example.com"}, {"address": "b@example.com"},
            {"address": "jane@EXAMPLE.com", "isPrimary": true}]});
        assert_eq!(addresses(&app, twice).await, ["Jane@example.com primary", "b@example.com"]);
    }

    async fn invisible_characters_are_refused_and_never_kept(app: App) {
        app.set_policy(LENIENT).await;
        for given in ["jane@exa\u{200b}mple.com", "jane@exa\u{ad}mple.com", "ja\u{202e}ne@example.com", "\u{feff}jane@example.com",
            "jane@example.com\u{200f}", "jane@exa\u{200d}mple.com"] {
            assert_eq!(app.faults(json!({"email": given})).await.len(), 1, "{given:?}");
            assert_eq!(app.faults(json!({"emails": [{"address": given}]})).await.len(), 1, "{given:?}");
        }
    }

    async fn an_address_is_one_in_either_form_of_its_domain(app: App) {
        app.set_policy(LENIENT).await;
        app.set_policy(&[("unique_email", "TRUE")]).await;
        let id = app.created(json!({"email": "Jörg@bücher.example"})).await;
        for form in ["jörg@BÜCHER.example", "JO\u{308}RG@xn--bcher-kva.example", "jörg@bücher\u{ff61}example", "jörg@Bücher.Example\n"] {
            assert_eq!(app.faults(json!({"email": form})).await, ["email EMAIL_TAKEN"], "{form}");
            let found = app.ask_with(
                "query($e: String!) { contacts(filter: {email: {eq: $e}}) { nodes { id } } contactByIdentifier(identifier: {email: $e}) { id } }",
                json!({"e": form}),
            ).await;
            assert_eq!(found["data"], json!({"contacts": {"nodes": [{"id": id}]}, "contactByIdentifier": {"id": id}}), "{form}");
            let matched = mutate_for(&app, "upsertContact", "created contact { email }", json!({"contact": {"email": form}})).await;
            assert_eq!(matched["created"], false, "{form}: {matched:#}");
        }
        let ann = app.done("createUser", json!({"name": "Ann", "email": "ann@XN--BCHER-KVA.example\n"}), "user { email }").await;
        assert_eq!(ann["user"]["email"], "ann@bücher.example");
    }

    async fn an_address_given_twice_keeps_the_label(app: App) {
        app.set_policy(LENIENT).await;
        let twice = json!([{"address": "a@example.com", "label": ""}, {"address": "A@example.com", "label": "Billing"}]);
        let contact = app.stored(json!({"emails": twice})).await;
        assert_eq!(contact["emails"], json!([{"address": "a@example.com", "label": "Billing", "isPrimary": true}]));
    }

    async fn an_address_of_a_new_contact_has_no_id_yet(app: App) {
        app.set_policy(LENIENT).await;
        let known = json!({"emails": [{"id": "x", "address": "a@example.com"}]});
        assert_eq!(app.faults(known).await, ["emails.0.id INVALID"]);
    }

    async fn letters_that_are_alike_only_in_capitals_are_of_two_addresses(app: App) {
        app.set_policy(LENIENT).await;
        app.set_policy(&[("unique_email", "TRUE")]).await;
        for (one, other) in [("\u{df}@b.de", "ss@b.de"), ("\u{17f}@b.de", "s@b.de")] {
            let both = json!({"emails": [{"address": one}, {"address": other}]});
            let contact = app.stored(both.clone()).await;
            assert_eq!(contact["emails"].as_array().map(Vec::len), Some(2), "{contact:#}");
            app.delete("contact", contact["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")).await;
            for address in [one, other] {
                let made = mutate_for(&app, "upsertContact", "created contact { id }", json!({"contact": {"email": address}})).await;
                assert_eq!(made["created"], true, "{address}: {made:#}");
                let query = "query($e: String!) { contactByIdentifier(identifier: {email: $e}) { id }
                    a: contacts(filter: {email: {eq: $e}}) { nodes { id } } b: contacts(filter: {email: {in: [$e]}}) { nodes { id } } }";
                let found = app.ask_with(query, json!({"e": address.replace('s', "S")})).await;
                let one = json!({"nodes": [made["contact"]]});
                assert_eq!(found["data"], json!({"contactByIdentifier": made["contact"], "a": one, "b": one}), "{address}: {found:#}");
            }
        }
        assert_eq!(app.faults(json!({"email": "SS@B.de"})).await, ["email EMAIL_TAKEN"]);
    }
}

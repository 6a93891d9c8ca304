//! Tags: trimmed, composed, unique whatever their case, spelled as the organization first did.

use serde_json::json;

use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn tags_are_trimmed_and_composed_and_keep_their_order(app: App) {
        let contact = app.stored(json!({"firstName": "Jane", "tags": [" zebra ", "cafe\u{301}", "Ant"]})).await;
        assert_eq!(contact["tags"], json!(["zebra", "caf\u{e9}", "Ant"]));
        assert_eq!(contact["tagAddedAt"], contact["createdAt"]);
    }

    async fn a_contact_without_tags_never_had_one_added(app: App) {
        for input in [json!({"firstName": "Jane"}), json!({"firstName": "Jane", "tags": []})] {
            let contact = app.stored(input).await;
            assert_eq!(contact["tags"], json!([]));
            assert_eq!(contact["tagAddedAt"], json!(null));
        }
    }

    async fn of_two_that_differ_in_case_or_composition_the_first_counts(app: App) {
        let tags = ["Lead", "LEAD", "lead ", "CAFE\u{301}", "café", "Straße"];
        let contact = app.stored(json!({"firstName": "Jane", "tags": tags})).await;
        assert_eq!(contact["tags"], json!(["Lead", "CAF\u{c9}", "Straße"]));
    }

    async fn the_first_spelling_in_the_organization_is_kept(app: App) {
        app.created(json!({"firstName": "Jane", "tags": ["VIP"]})).await;
        let contact = app.stored(json!({"firstName": "Joe", "tags": ["new", "vip"]})).await;
        assert_eq!(contact["tags"], json!(["new", "VIP"]));
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 2);

        let (_, other_key) = app.organization("Other").await;
        let other = app.create_as(&other_key, json!({"firstName": "Ann", "tags": ["vip"]})).await;
        assert_eq!(other["contact"]["tags"], json!(["vip"]), "another organization spells for itself");
    }

    async fn a_refused_contact_makes_no_tag(app: App) {
        assert_eq!(app.faults(json!({"tags": ["fresh"]})).await, ["firstName FIRST_NAME_REQUIRED"]);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 0);
    }

    async fn a_blank_tag_is_refused_where_it_stands(app: App) {
        let tags = json!(["", "ok", " \u{2003}"]);
        assert_eq!(app.faults(json!({"firstName": "Jane", "tags": tags})).await, ["tags.0 TAG_INVALID", "tags.2 TAG_INVALID"]);
    }

    async fn a_hundred_tags_of_64_characters_are_taken_and_no_more(app: App) {
        let tag = |number: usize| format!("{}{number:03}", "ü".repeat(61));
        let tags: Vec<String> = (0..100).map(tag).collect();
        let contact = app.stored(json!({"firstName": "Jane", "tags": tags})).await;
        assert_eq!(contact["tags"], json!(tags));

        let more: Vec<String> = (0..101).map(tag).collect();
        assert_eq!(app.faults(json!({"firstName": "Jane", "tags": more})).await, ["tags TOO_MANY"]);
        let long = json!({"firstName": "Jane", "tags": ["ok", "ü".repeat(65)]});
        assert_eq!(app.faults(long).await, ["tags.1 TOO_LONG"]);
    }

    async fn a_list_beyond_200_is_refused_even_of_one_tag(app: App) {
        let same = |count: usize| json!({"firstName": "Jane", "tags": vec!["lead"; count]});
        assert_eq!(app.stored(same(200)).await["tags"], json!(["lead"]));
        assert_eq!(app.faults(same(201)).await, ["tags TOO_MANY"]);
        let blank = json!({"firstName": "Jane", "tags": vec![""; 5_000]});
        let faults = app.faults(blank).await;
        assert!(faults.len() <= 201, "{} faults", faults.len());
    }
}

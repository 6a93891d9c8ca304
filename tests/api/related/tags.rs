//! Tags, one at a time.

use serde_json::{Value, json};

use crate::support::{App, engine::on_each_engine};

const WHOLE: &str = "tag { id name contactsCount contacts { totalCount nodes { firstName tags } } }";

on_each_engine! {
    async fn a_tag_is_found_whatever_the_case_and_counts_its_live_contacts(app: App) {
        let one = app.created(json!({"firstName": "A", "tags": ["VIP", "lead"]})).await;
        app.created(json!({"firstName": "B", "tags": ["vip"]})).await;
        let data = app.data("{ tag(name: \" viP \") { id name contactsCount contacts(sortKey: NAME) { nodes { firstName tags } } } }").await;
        let tag = &data["tag"];
        assert_eq!((&tag["name"], &tag["contactsCount"]), (&json!("VIP"), &json!(2)), "{data:#}");
        assert_eq!(tag["contacts"]["nodes"], json!([
            {"firstName": "A", "tags": ["VIP", "lead"]}, {"firstName": "B", "tags": ["VIP"]}
        ]));
        let node = "query($id: ID!) { node(id: $id) { __typename ... on Tag { name } } }";
        let answer = app.ask_with(node, json!({"id": tag["id"]})).await;
        assert_eq!(answer["data"]["node"], json!({"__typename": "Tag", "name": "VIP"}), "{answer:#}");
        app.done("deleteContact", json!({"id": one}), "contactId").await;
        app.statements();
        let data = app.data("{ tags { nodes { name contactsCount } } }").await;
        assert_eq!(app.statements().len(), 2, "one for the page, one for the counts");
        assert_eq!(data["tags"]["nodes"], json!([
            {"name": "lead", "contactsCount": 0}, {"name": "VIP", "contactsCount": 1}
        ]));
        for name in ["", "none"] {
            assert_eq!(app.ask_with("query($n: String!) { tag(name: $n) { id } }", json!({"n": name})).await, json!({"data": {"tag": null}}));
        }
    }

    async fn a_tag_is_renamed_on_every_contact_and_is_not_added_thereby(app: App) {
        let id = app.created(json!({"firstName": "A", "tags": ["x", "vip", "y"]})).await;
        let bystander = app.created(json!({"firstName": "B", "tags": ["x"]})).await;
        let before = app.contact(&json!(id)).await;
        let other = app.contact(&json!(bystander)).await;
        let renamed = app.done("renameTag", json!({"name": "VIP", "newName": " Gold "}), WHOLE).await;
        assert_eq!(renamed["tag"]["name"], "Gold");
        assert_eq!(renamed["tag"]["contacts"], json!({"totalCount": 1, "nodes": [{"firstName": "A", "tags": ["x", "Gold", "y"]}]}));
        let after = app.contact(&json!(id)).await;
        assert_eq!(after["tagAddedAt"], before["tagAddedAt"]);
        assert_eq!(after["version"], json!(2));
        assert_eq!(app.contact(&json!(bystander)).await, other, "a bystander changed");
        // Only the case.
        app.done("renameTag", json!({"name": "gold", "newName": "GOLD"}), WHOLE).await;
        assert_eq!(app.contact(&json!(id)).await["tags"], json!(["x", "GOLD", "y"]));
        let clock = app.clock().await;
        app.done("renameTag", json!({"name": "gold", "newName": "GOLD"}), WHOLE).await;
        assert_eq!(app.clock().await, clock, "a change that changes nothing moved the clock");
        assert_eq!(app.data("{ tag(name: \"vip\") { id } }").await["tag"], Value::Null);
    }

    async fn a_deleted_tag_leaves_every_contact_and_its_name_is_free(app: App) {
        let id = app.created(json!({"firstName": "A", "tags": ["x", "vip", "y"]})).await;
        let before = app.contact(&json!(id)).await;
        let tag = app.data("{ tag(name: \"vip\") { id } }").await["tag"]["id"].take();
        let deleted = app.done("deleteTag", json!({"name": "Vip"}), "deletedId").await;
        assert_eq!(deleted["deletedId"], tag);
        let after = app.contact(&json!(id)).await;
        assert_eq!((&after["tags"], &after["version"]), (&json!(["x", "y"]), &json!(2)));
        assert_eq!(after["tagAddedAt"], before["tagAddedAt"]);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 2, "the row stayed");
        app.created(json!({"firstName": "B", "tags": ["VIP"]})).await;
        assert_eq!(app.data("{ tag(name: \"vip\") { name contactsCount } }").await["tag"], json!({"name": "VIP", "contactsCount": 1}));
    }

    async fn a_tag_that_was_deleted_and_made_again_finds_its_new_contacts_only(app: App) {
        app.created(json!({"firstName": "A", "tags": ["vip"]})).await;
        // As deleteTag leaves it until its contacts have followed.
        app.execute("UPDATE tag SET deleted_at = 1", []).await;
        let new = app.created(json!({"firstName": "B", "tags": ["VIP"]})).await;
        for filter in ["hasAny: [\"vip\"]", "hasAny: [\"vip\", \"x\"]", "hasAll: [\"vip\"]"] {
            let data = app.data(&format!("{{ contacts(filter: {{tags: {{{filter}}}}}) {{ nodes {{ id }} }} }}")).await;
            assert_eq!(data["contacts"]["nodes"], json!([{"id": new}]), "{filter}");
        }
    }

    async fn every_fault_of_a_tag_is_told_at_once(app: App) {
        app.created(json!({"firstName": "A", "tags": ["one", "two"]})).await;
        assert_eq!(app.refused("renameTag", json!({"name": "one", "newName": "TWO"})).await, ["newName NAME_TAKEN"]);
        assert_eq!(app.refused("renameTag", json!({"name": "none", "newName": " "})).await, ["newName TAG_INVALID", "name TAG_NOT_FOUND"]);
        assert_eq!(app.refused("renameTag", json!({"name": "one", "newName": "x".repeat(65)})).await, ["newName TOO_LONG"]);
        assert_eq!(app.refused("renameTag", json!({"name": "one", "newName": "a\u{1}b"})).await, ["newName CHARACTER_INVALID"]);
        assert_eq!(app.refused("renameTag", json!({"name": "a\u{0}", "newName": "b"})).await, ["name TAG_NOT_FOUND"]);
        assert_eq!(app.refused("deleteTag", json!({"name": "none"})).await, ["name TAG_NOT_FOUND"]);
    }
}

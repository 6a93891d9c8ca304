//! Free text.

use serde_json::{Value, json};
use uuid::Uuid;

use super::found;
use crate::support::{App, engine::on_each_engine};

async fn finds(app: &App, query: &str, ids: &[Uuid]) {
    let should = ids.iter().map(Uuid::to_string).collect();
    assert_eq!(found(app, query).await, should, "{query:?}");
}

async fn mutate(app: &App, mutation: &str, input: Value) {
    let query = format!(
        "mutation($input: {}{}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}",
        mutation[..1].to_uppercase(),
        &mutation[1..]
    );
    let answer = app.ask_with(&query, json!({"input": input})).await;
    assert_eq!(answer["data"][mutation]["userErrors"], json!([]), "{answer:#}");
}

on_each_engine! {
    async fn every_word_is_found_in_any_field(app: App) {
        let jane = app.created(json!({"firstName": "Jané", "lastName": "O'Neil-Smith", "company": "Ácme \"50%\" Inc_1",
            "emails": [{"address": "jd@example.com"}, {"address": "Second@Exämple.org"}], "tags": ["Hot Lead"]})).await;
        let john = app.created(json!({"firstName": "John", "lastName": "Smith", "tags": ["lead"]})).await;
        let (_, other) = app.organization("Globex").await;
        app.ask_as(&other, "mutation { createContact(input: {firstName: \"Jane\", lastName: \"Smith\"}) { contact { id } } }", json!({})).await;
        for query in ["jane", "JANÉ", " ane ", "o'neil", "neil-smith jané", "acme", "\"50%\"", "50%", "inc_1", "jd@EXAMPLE.com",
            "second@", "example.org", "hot", "lead hot", "acme second smith", "ja", "j hot", "O'", "\u{1}jane\u{0}"]
        {
            finds(&app, query, &[jane]).await;
        }
        for query in ["smith", "lead", "j", "smi lead", "  LEAD\t"] {
            finds(&app, query, &[jane, john]).await;
        }
        for query in ["jane john", "xane", "j%e", "j_n", "50_", "incx1", "an", "*", "smith OR nothing", "%", "_", "\\", "\u{e000}"] {
            finds(&app, query, &[]).await;
        }
        for query in ["", "  ", "\t\n"] {
            finds(&app, query, &[jane, john]).await;
        }
    }

    async fn a_number_is_found_in_any_notation(app: App) {
        app.raw_execute("UPDATE organization SET default_phone_region = 'GB'").await;
        let toronto = app.created(json!({"firstName": "A", "phone": "+1 416 555 0100"})).await;
        let london = app.created(json!({"firstName": "B", "phone": "020 7946 0958", "whatsappNumber": "+44 7911 123456"})).await;
        let desk = app.created(json!({"firstName": "C", "phone": "Desk 4-12"})).await;
        for query in ["+14165550100", "+1 (416) 555-0100", "416-555-0100", "416.555.0100", "(416) 555", "5550100", "555-01", "001 416 555 0100"] {
            finds(&app, query, &[toronto]).await;
        }
        for query in ["+44 20 7946 0958", "020 7946 0958", "(020) 79460958", "+44 (0)20 7946 0958", "0044 20 7946 0958", "7946", "07911 123456", "b 7946-0958"] {
            finds(&app, query, &[london]).await;
        }
        finds(&app, "desk 4-12", &[desk]).await;
        finds(&app, "416-555-0199", &[]).await;
    }

    async fn a_change_is_found_at_once(app: App) {
        let id = app.created(json!({"firstName": "Jane", "tags": ["lead"], "phone": "+14165550100"})).await;
        finds(&app, "jane", &[id]).await;
        mutate(&app, "updateContact", json!({"id": id, "set": {"firstName": "Ada", "addTags": ["vip"], "company": "Acme"}})).await;
        finds(&app, "jane", &[]).await;
        finds(&app, "ada vip acme lead 4165550100", &[id]).await;
        mutate(&app, "updateContact", json!({"id": id, "set": {"tags": null, "phone": null, "email": "ada@example.com"}})).await;
        finds(&app, "vip", &[]).await;
        finds(&app, "4165550100", &[]).await;
        finds(&app, "ada@example.com", &[id]).await;
        mutate(&app, "deleteContact", json!({"id": id})).await;
        finds(&app, "ada", &[]).await;
        mutate(&app, "restoreContacts", json!({"ids": [id]})).await;
        finds(&app, "ada", &[id]).await;
        let again = app.created(json!({"firstName": "Ada"})).await;
        finds(&app, "ada", &[id, again]).await;
        mutate(&app, "purgeContacts", json!({"ids": [id]})).await;
        finds(&app, "ada", &[again]).await;
        let left: i64 = app.count("SELECT COUNT(*) AS count FROM contact_search").await;
        assert_eq!(left, 1, "what was purged leaves no document");
        let rows: Vec<Value> = (0..150).map(|n| json!({"firstName": format!("Bulk{n}"), "company": "Many"})).collect();
        mutate(&app, "createContacts", json!({"contacts": rows})).await;
        assert_eq!(found(&app, "many bulk").await.len(), 150);
    }

    async fn a_change_elsewhere_writes_no_document(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        app.statements();
        mutate(&app, "updateContact", json!({"id": id, "set": {"notes": "met", "score": 5}})).await;
        let touched = app.statements().into_iter().filter(|statement| statement.sql.contains("contact_search")).count();
        assert_eq!(touched, 0);
    }

    async fn filter_and_query_must_both_match(app: App) {
        let jane = app.created(json!({"firstName": "Jane", "status": "active"})).await;
        app.created(json!({"firstName": "Jane", "status": "bounced"})).await;
        let both = json!({"query": "jane", "filter": {"status": {"eq": "ACTIVE"}}, "deleted": false});
        assert_eq!(super::listed(&app, both).await, [jane.to_string()].into());
    }
}

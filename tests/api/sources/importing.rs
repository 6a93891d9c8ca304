//! The steps of moving that are the same for all four: a policy of one's own, old ids, repeats.

use serde_json::{Value, json};

use super::{KeyHeader, Newcomer};
use crate::support::{App, engine::on_each_engine};

/// The outcomes of an import's rows, and how many contacts there are then.
async fn import(newcomer: &Newcomer, contacts: &Value) -> (Vec<Value>, Value) {
    let input = json!({"onConflict": "SKIP", "match": ["EXTERNAL_ID"], "contacts": contacts});
    let payload = newcomer.done("createContacts", input, "results { outcome }").await;
    let results = payload["results"].as_array().expect("results");
    let outcomes = results.iter().map(|result| result["outcome"].clone()).collect();
    let count = newcomer.data("{ contacts { totalCount } }", json!({})).await;
    (outcomes, count["contacts"]["totalCount"].clone())
}

on_each_engine! {
    async fn an_import_that_is_sent_again_makes_no_contact_twice(app: App) {
        let newcomer = Newcomer::new(app, "STANDARD", KeyHeader::Bearer).await;
        let contacts = json!([{"firstName": "Jane", "externalId": "4711"}, {"firstName": "Joe", "externalId": "4712"}]);
        assert_eq!(import(&newcomer, &contacts).await, (vec![json!("CREATED"); 2], json!(2)));
        assert_eq!(import(&newcomer, &contacts).await, (vec![json!("SKIPPED"); 2], json!(2)));
    }

    async fn a_contact_is_found_by_its_old_id_and_keeps_its_old_time_of_creation(app: App) {
        let newcomer = Newcomer::new(app, "STANDARD", KeyHeader::Bearer).await;
        let input = json!({"firstName": "Jane", "externalId": "4711", "sourceCreatedAt": "2019-05-17T16:00:00+02:00"});
        newcomer.stored(input).await;
        let query = "{ contactByIdentifier(identifier: {externalId: \"4711\"}) { firstName sourceCreatedAt createdAt } }";
        let contact = newcomer.data(query, json!({})).await["contactByIdentifier"].take();
        assert_eq!((&contact["firstName"], &contact["sourceCreatedAt"]), (&json!("Jane"), &json!("2019-05-17T14:00:00.000Z")));
        assert_ne!(contact["createdAt"], contact["sourceCreatedAt"]);
    }

    async fn a_rule_given_beside_the_preset_wins(app: App) {
        let newcomer = Newcomer::new(app, "STANDARD", KeyHeader::Bearer).await;
        let input = json!({"preset": "DIALER", "defaultCountry": "CA"});
        newcomer.done("updateContactPolicy", input, "__typename").await;
        let contact = newcomer.stored(json!({"firstName": "Jane"})).await;
        assert_eq!((&contact["country"], &contact["status"]), (&json!("CA"), &json!("not_contacted")));
    }
}

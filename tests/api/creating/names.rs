//! What a contact is called when it has no name.

use serde_json::json;

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

on_each_engine! {
    async fn a_contact_is_called_by_the_first_thing_it_has(app: App) {
        app.set_policy(LENIENT).await;
        let steps = [
            ("firstName", json!(" Jane "), "Jane Doe"),
            ("lastName", json!(" Doe "), "Doe"),
            ("company", json!(" Acme "), "Acme"),
            ("email", json!("jane@example.com"), "jane@example.com"),
            ("phone", json!("+14165550100"), "+14165550100"),
            ("whatsappNumber", json!("+4930901820"), "+4930901820"),
        ];
        for first in 0..steps.len() {
            let input = steps[first..].iter().map(|(field, value, _)| ((*field).to_owned(), value.clone()));
            let contact = app.stored(input.collect::<serde_json::Map<_, _>>().into()).await;
            assert_eq!(contact["displayName"], steps[first].2, "{contact:#}");
        }
        let first_name_only = app.stored(json!({"firstName": "Jane", "company": "Acme"})).await;
        assert_eq!(first_name_only["displayName"], "Jane");
        let blank = app.stored(json!({"firstName": " ", "lastName": "", "company": " ", "email": "a@example.com"})).await;
        assert_eq!(blank["displayName"], "a@example.com");
    }

    async fn a_contact_that_has_nothing_is_called_by_its_id(app: App) {
        app.set_policy(LENIENT).await;
        let contact = app.stored(json!({})).await;
        let id = contact["id"].as_str().expect("an id");
        assert_eq!(contact["displayName"], format!("Contact {}", &id[id.len() - 8..]));
    }
}

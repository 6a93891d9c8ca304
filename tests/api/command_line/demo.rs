//! `demo`: believable contacts.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    program::{Server, folder, run},
    support::engine::{TestDatabase, on_each_engine},
};

on_each_engine! {
    async fn two_hundred_believable_contacts_can_be_listed(database: TestDatabase) {
        let folder = folder();
        let url = ["--database-url", database.url.as_str()];
        let told = run(folder.path(), &[&["demo", "--contacts", "200"][..], &url].concat()).ok();
        let key = told.lines().map(str::trim).find(|line| line.starts_with("cgw_")).expect("the first key").to_owned();
        let server = Server::start(folder.path(), &url);
        let query = "{ contacts(first: 200) { totalCount nodes { displayName firstName lastName email phone company
            jobTitle country tags status source createdAt } } }";
        let answer = server.ask(&key, query).await.expect("an answer");
        let contacts = &answer["data"]["contacts"];
        assert_eq!(contacts["totalCount"], 200, "{answer:#}");
        let nodes = contacts["nodes"].as_array().expect("a page");
        let distinct = |field: &str| {
            nodes.iter().map(|node| &node[field]).filter(|value| !value.is_null()).map(Value::to_string).collect::<HashSet<_>>().len()
        };
        for (field, least) in [("displayName", 150), ("email", 100), ("phone", 50), ("company", 10), ("country", 3), ("status", 2)] {
            let values = distinct(field);
            assert!(values >= least, "{values} values of {field}");
        }
        assert!(nodes.iter().all(|node| node["displayName"].as_str().is_some_and(|name| !name.starts_with("Contact "))));
        assert!(nodes.iter().any(|node| node["tags"].as_array().is_some_and(|tags| !tags.is_empty())));
        drop(server);

        // Again, into the same organization, and without another key.
        let again = run(folder.path(), &[&["demo", "--contacts", "10"][..], &url].concat());
        assert!(again.complaint(1).contains("--seed"));
        let told = run(folder.path(), &[&["demo", "--contacts", "10", "--seed", "2"][..], &url].concat()).ok();
        assert!(!told.contains("cgw_"), "{told}");
    }
}

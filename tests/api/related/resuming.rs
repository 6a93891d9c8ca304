//! Cascades over more contacts than one job takes, and those that were interrupted.

use std::collections::BTreeMap;

use contacts_gateway::cascades;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::on_each_engine};

const MANY: usize = 2_500;

impl App {
    /// Contacts linked to a company, and tagged.
    async fn many(&self, company: &Value) {
        let create = "mutation($rows: [CreateContactInput!]!) { createContacts(input: {contacts: $rows}) { createdCount } }";
        for start in (0..MANY).step_by(200) {
            let rows: Vec<_> = (start..MANY.min(start + 200))
                .map(|row| json!({"firstName": format!("{row}"), "companyId": company, "tags": ["x", "vip"]}))
                .collect();
            let answer = self.ask_with(create, json!({"rows": rows})).await;
            assert_eq!(answer["data"]["createContacts"]["createdCount"], rows.len(), "{answer:#}");
        }
    }

    /// Every contact once that came after a cursor, in the order of changes; and the last cursor.
    async fn tail(&self, mut after: Value) -> (Vec<Value>, Value) {
        let query = "query($after: String) { contacts(order: ASC, first: 200, after: $after) {
            nodes { id version company tags tagAddedAt createdAt updatedAt } pageInfo { hasNextPage endCursor } } }";
        let mut came = Vec::new();
        loop {
            let mut answer = self.ask_with(query, json!({"after": after})).await;
            let mut page = answer["data"]["contacts"].take();
            came.append(page["nodes"].as_array_mut().expect("nodes"));
            if page["pageInfo"]["endCursor"].is_string() {
                after = page["pageInfo"]["endCursor"].take();
            }
            if page["pageInfo"]["hasNextPage"] == false {
                return (came, after);
            }
        }
    }

    /// A row that says that contacts are to follow, as an interrupted server leaves it.
    pub(super) async fn left(&self, subject: &str, id: Uuid) {
        let key = self.data("{ viewer { apiKey { id } } }").await["viewer"]["apiKey"]["id"].take();
        let key: Uuid = key.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let sql = "INSERT INTO cascade (org_id, id, subject, subject_id, key_id, created_at) VALUES ($1, $2, $3, $4, $5, 1)";
        self.execute(sql, [self.org_id.into(), Uuid::now_v7().into(), subject.into(), id.into(), key.into()])
            .await;
    }
}

fn uuid(value: &Value) -> Uuid {
    value.as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no id: {value}"))
}

on_each_engine! {
    async fn thousands_of_contacts_follow_once_each_and_followers_miss_none(app: App) {
        let company = app.done("createCompany", json!({"name": "Acme"}), "company { id }").await["company"]["id"].take();
        app.many(&company).await;
        let (first, cursor) = app.tail(Value::Null).await;
        assert_eq!(first.len(), MANY);
        let before: BTreeMap<_, _> = first.iter().map(|contact| (contact["id"].as_str(), contact)).collect();

        let rename = app.done("updateCompany", json!({"id": company, "name": "Zeta"}), "company { id }");
        let (_, (mut came, cursor)) = futures_util::join!(rename, app.tail(cursor.clone()));
        let (rest, cursor) = app.tail(cursor).await;
        came.extend(rest);
        assert_eq!(came.len(), MANY, "each contact comes once");
        assert_eq!(came.iter().map(|contact| contact["id"].as_str()).collect::<std::collections::BTreeSet<_>>().len(), MANY);
        for contact in &came {
            let old = before[&contact["id"].as_str()];
            assert_eq!((&contact["company"], &contact["version"]), (&json!("Zeta"), &json!(2)));
            assert_eq!((&contact["tagAddedAt"], &contact["tags"]), (&old["tagAddedAt"], &old["tags"]));
        }

        app.done("renameTag", json!({"name": "vip", "newName": "gold"}), "tag { id }").await;
        let (came, cursor) = app.tail(cursor).await;
        assert_eq!(came.len(), MANY);
        for contact in &came {
            let old = before[&contact["id"].as_str()];
            assert_eq!((&contact["tags"], &contact["version"]), (&json!(["x", "gold"]), &json!(3)));
            assert_eq!(contact["tagAddedAt"], old["tagAddedAt"], "a rename counted as adding");
        }

        app.done("deleteTag", json!({"name": "gold"}), "deletedId").await;
        let (came, _) = app.tail(cursor).await;
        assert_eq!(came.len(), MANY);
        assert!(came.iter().all(|contact| contact["tags"] == json!(["x"]) && contact["version"] == 4));
        assert_eq!(app.number("SELECT count(*) FROM cascade").await, 0);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 1);
    }

    async fn what_was_interrupted_is_resumed(app: App) {
        let company = app.company("Acme").await;
        let team = app.team("North").await;
        let linked = app.created(json!({"firstName": "A", "companyId": company, "teamId": team, "tags": ["vip", "x"]})).await;
        let tag = app.data("{ tag(name: \"vip\") { id } }").await["tag"]["id"].take();
        // The objects have changed; then the server stopped.
        app.execute("UPDATE company SET name = $1", ["Zeta".into()]).await;
        app.delete("team", team).await;
        app.execute("UPDATE tag SET deleted_at = 1 WHERE name = $1", ["vip".into()]).await;
        for (subject, id) in [("COMPANY", company), ("TEAM", team), ("TAG", uuid(&tag))] {
            app.left(subject, id).await;
        }
        cascades::resume(&app.database).await;
        let contact = app.contact(&json!(linked)).await;
        assert_eq!((&contact["company"], &contact["teamId"]), (&json!("Zeta"), &Value::Null));
        assert_eq!((&contact["tags"], &contact["version"]), (&json!(["x"]), &json!(4)));
        assert_eq!(app.number("SELECT count(*) FROM cascade").await, 0);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 1);
        let clock = app.clock().await;
        cascades::resume(&app.database).await;
        assert_eq!(app.clock().await, clock, "nothing was left to do");
    }

    async fn it_goes_on_where_it_stopped(app: App) {
        let company = app.done("createCompany", json!({"name": "Acme"}), "company { id }").await["company"]["id"].take();
        let mut ids = Vec::new();
        for name in ["A", "B", "C"] {
            ids.push(app.created(json!({"firstName": name, "companyId": company})).await);
        }
        ids.sort_unstable();
        app.execute("UPDATE company SET name = $1", ["Zeta".into()]).await;
        app.left("COMPANY", uuid(&company)).await;
        app.execute("UPDATE cascade SET reached = $1", [ids[1].into()]).await;
        cascades::resume(&app.database).await;
        for (id, version) in ids.iter().zip([1, 1, 2]) {
            assert_eq!(app.contact(&json!(id)).await["version"], version);
        }
    }
}

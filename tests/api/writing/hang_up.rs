//! Clients that hang up in the middle of a mutation.

use std::collections::HashMap;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, QueryResult, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::yields;
use crate::support::{
    App,
    engine::{Engine, on_each_engine},
};

async fn rows(app: &App, sql: &str) -> Vec<QueryResult> {
    app.raw.query_all_raw(Statement::from_string(app.backend(), sql)).await.expect("rows")
}

/// The texts of a contact's rows in another table, in their order, by contact.
async fn children(app: &App, sql: &str) -> HashMap<Uuid, Vec<String>> {
    let mut children: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in rows(app, sql).await {
        let id = row.try_get("", "contact_id").expect("an id");
        children.entry(id).or_default().push(row.try_get("", "text").expect("a text"));
    }
    children
}

/// Expects every contact to be whole: two of each, and what its own row repeats of them.
async fn assert_whole(app: &App) -> usize {
    let tags = children(
        app,
        "SELECT contact_id, name AS text FROM contact_tag JOIN tag ON tag.id = tag_id ORDER BY position",
    )
    .await;
    let phones =
        children(app, "SELECT contact_id, number AS text FROM contact_phone ORDER BY position").await;
    let emails =
        children(app, "SELECT contact_id, address AS text FROM contact_email ORDER BY position").await;
    let assignees = children(app, "SELECT contact_id, 'one' AS text FROM contact_assignee").await;
    let contacts = rows(app, "SELECT id, tags, phone, email FROM contact").await;
    for contact in &contacts {
        let id: Uuid = contact.try_get("", "id").expect("an id");
        let column = |name| contact.try_get::<String>("", name).expect("a text");
        let listed: Vec<String> = serde_json::from_str(&column("tags")).expect("a list");
        assert_eq!(tags.get(&id), Some(&listed), "{id}");
        assert_eq!(phones[&id], [column("phone"), "+14165550101".to_owned()], "{id}");
        assert_eq!(emails[&id], [column("email"), "b@example.com".to_owned()], "{id}");
        assert_eq!(assignees[&id].len(), 1, "{id}");
    }
    for children in [tags.len(), phones.len(), emails.len(), assignees.len()] {
        assert_eq!(children, contacts.len());
    }
    contacts.len()
}

fn input(user: Uuid, number: usize) -> Value {
    json!({
        "firstName": number.to_string(), "tags": ["lead", format!("tag {number}")], "assigneeIds": [user],
        "phones": [{"number": "+14165550100"}, {"number": "+14165550101"}],
        "emails": [{"address": "a@example.com"}, {"address": "b@example.com"}],
    })
}

on_each_engine! {
    async fn two_hundred_callers_that_hang_up_leave_nothing_half_done(app: App) {
        let user = app.user("Ada").await;
        app.created(input(user, 1_000)).await;
        let mut answered = 0;
        for round in 0..25 {
            // Eight at once, each gone after another number of steps.
            let callers = (0..8).map(async |caller| {
                let number = round * 8 + caller;
                tokio::select! {
                    payload = app.create(input(user, number)) => usize::from(!payload["contact"].is_null()),
                    () = yields(number * 7 % 211) => 0,
                }
            });
            answered += join_all(callers).await.into_iter().sum::<usize>();
        }
        // It waits for the batches before it.
        app.created(input(user, 1_001)).await;
        let contacts = assert_whole(&app).await;
        assert!(contacts >= answered + 2, "{contacts} contacts, {answered} answered");
        assert!(answered < 200, "none hung up");

        if app.engine == Engine::Postgres {
            let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND state LIKE 'idle in transaction%'";
            assert_eq!(app.number(open).await, 0);
        } else {
            // Whoever held the write lock would keep this one out.
            app.raw.execute_unprepared("PRAGMA busy_timeout = 0").await.expect("a setting");
            app.execute("UPDATE change_clock SET change_seq = change_seq", []).await;
        }
        let (seq, _, _) = app.clock().await;
        assert!(app.number("SELECT max(change_seq) FROM contact").await <= seq);
        assert_eq!(app.number("SELECT count(*) - count(DISTINCT change_seq) FROM contact").await, 0);
    }
}

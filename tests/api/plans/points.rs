//! Points that are known only while an answer is made: plans count what the library counts.

use std::{sync::Arc, time::Duration};

use async_graphql::Request;
use contacts_gateway::{
    access::{Caller, RateLimiter, Scope},
    graphql::{DocumentLimits, Gateway, RequestContext},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine, related::Related},
};

/// Number of contacts, enough for points for counting them.
const CONTACTS: usize = 230;
/// Number of times that each request is sent: a statement that happens to take long is charged for it.
const TIMES: usize = 3;

/// Returns the points that a query is charged beyond its price, and its answer.
async fn charged(gateway: &Gateway, app: &App, query: &str) -> (usize, Value) {
    let (mut least, mut answer) = (usize::MAX, Value::Null);
    for _ in 0..TIMES {
        let caller = Caller {
            org_id: app.org_id,
            key_id: Uuid::now_v7(),
            user_id: None,
            scopes: Scope::ALL.into_iter().collect(),
            teams: None,
        };
        let context = RequestContext {
            caller: Arc::new(caller),
            request_id: "test".into(),
            queries_only: false,
            idempotency_key: None,
            remaining: None,
            deadline: Instant::now() + Duration::from_secs(15),
        };
        let done = gateway.execute(Request::new(query), context).await;
        least = least.min(done.known.charged.unwrap_or_default());
        answer = serde_json::from_slice(&done.response.to_json()).expect("JSON");
    }
    (least, answer)
}

on_each_engine! {
    async fn a_plan_charges_as_much_as_the_library(app: App) {
        app.set_policy(LENIENT).await;
        let related = Related::insert(&app, app.org_id, "Acme").await;
        for start in (0..CONTACTS).step_by(200) {
            let rows: Vec<_> =
                (start..CONTACTS.min(start + 200)).map(|n| json!({"firstName": format!("Jane {n}")})).collect();
            let create = "mutation($rows: [CreateContactInput!]!) { createContacts(input: {contacts: $rows}) { createdCount } }";
            let made = app.ask_with(create, json!({"rows": rows})).await;
            assert_eq!(made["data"]["createContacts"]["createdCount"], rows.len(), "{made:#}");
        }
        let phones: Vec<_> = (0..20).map(|n| json!({"number": format!("+14165550{n:03}")})).collect();
        let emails: Vec<_> = (0..20).map(|n| json!({"address": format!("{n}@example.com")})).collect();
        let rich = json!({
            "phones": phones, "emails": emails, "notes": "n".repeat(65_536), "metadata": {"m": "m".repeat(16_000)},
            "pipelineId": related.pipelines[0], "pipelineStageId": related.stages[0],
        });
        let id = app.created(rich).await;
        // The stage's pipeline cannot be answered, which a plan finds out after it has counted.
        app.execute("UPDATE pipeline SET deleted_at = 1 WHERE id = $1", [related.pipelines[0].into()]).await;
        app.fill_users(100).await;
        let stages: Vec<_> = (0..60).map(|stage| json!({"name": stage.to_string()})).collect();
        let made = app.done("createPipeline", json!({"name": "Long", "stages": stages}), "pipeline { id }").await;
        let pipeline: Uuid = serde_json::from_value(made["pipeline"]["id"].clone()).expect("an id");
        let team = app.team("Large").await;
        app.execute("UPDATE contact SET pipeline_id = $1, team_id = $2", [pipeline.into(), team.into()]).await;
        let members = "INSERT INTO team_member (org_id, team_id, user_id, position)
            SELECT org_id, $1, id, row_number() OVER (ORDER BY id) FROM \"user\"";
        app.execute(members, [team.into()]).await;
        let gateway =
            || Gateway::new(app.database.clone(), DocumentLimits::default(), RateLimiter::default());
        let (planned, judge) = (gateway(), gateway().without_plans());
        let contact = |selection: &str| format!("contact(id: \"{id}\") {{ {selection} }}");
        for (query, least) in [
            (contact("phones { id } emails { id }"), 30),
            (contact("notes"), 4),
            (contact("metadata"), 7),
            ("contacts(first: 1) { totalCount }".to_owned(), 2),
            ("contacts(first: 1, filter: {isActive: true}) { totalCount nodes { notes phones { id } } }".to_owned(), 2),
            (format!("a: {} b: {} contacts {{ totalCount }}", contact("notes"), contact("metadata")), 13),
            // Objects of lists count as often as they are in the answer.
            ("contacts(first: 200) { nodes { pipeline { stages { id } } } }".to_owned(), 200 * 60 - 4_400),
            ("contacts(first: 100) { nodes { a: pipeline { stages { id } } b: pipeline { stages { name } } } }".to_owned(), 2 * 100 * 60 - 4_300),
            ("contacts(first: 1) { nodes { pipeline { stages { pipeline { stages { id } } } } } }".to_owned(), 60 + 60 * 60 - 500),
            ("contacts(first: 150) { edges { node { team { members { id } } } } }".to_owned(), 150 * 100 - 7_800),
            (format!("nodes(ids: [\"{id}\", \"{id}\"]) {{ ... on Contact {{ phones {{ id }} team {{ members {{ id }} }} }} }}"), 2 * 120 - 120),
            (contact("notes metadata phones { id } pipelineStage { pipeline { id } }"), 11),
        ] {
            let query = format!("{{ {query} }}");
            let (by_plan, answer) = charged(&planned, &app, &query).await;
            let (by_library, judged) = charged(&judge, &app, &query).await;
            assert_eq!(answer["data"].to_string(), judged["data"].to_string(), "{query}");
            assert_eq!(by_plan, by_library, "{query}");
            assert!(by_plan >= least, "{query}: {by_plan}");
        }
    }
}

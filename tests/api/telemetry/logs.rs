//! The line of each request.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Server, folder};

/// The lines of requests to the API, oldest first.
fn answered(log: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let fields = lines.map(|mut line| line["fields"].take());
    fields.filter(|fields| fields["message"] == "answered" && fields["path"] == "/graphql").collect()
}

#[tokio::test]
async fn each_request_has_one_line_that_says_who_asked_for_what_and_how_it_went() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--log-format", "json"]);
    let key = server.key().expect("a key").to_owned();
    let about =
        server.ask(&key, "{ viewer { organization { id } apiKey { id } } }").await.expect("an answer");
    let about = &about["data"]["viewer"];
    let long = "L".repeat(65);
    for document in [
        "query Page { contacts(first: 5) { nodes { id } } }".to_owned(),
        "mutation Add { createTeam(input: {name: \"North\"}) { team { id } } }".to_owned(),
        "{ a: contacts(first: 201) { totalCount } b: contacts(after: \"?\") { totalCount } c: contacts(after: \"!\") { totalCount } }".to_owned(),
        "query Wrong { nothing }".to_owned(),
        format!("query {long} {{ viewer {{ allTeams }} }}"),
        "{".to_owned(),
        "query Page { contacts(first: 5) { nodes { id } } }".to_owned(),
        "query Page { contacts(first: 5) { nodes { id } } }".to_owned(),
    ] {
        server.ask(&key, &document).await.expect("an answer");
    }
    server.ask("cgw_wrong", "{ viewer { id } }").await.expect("an answer");
    server.signal("TERM");
    server.wait();

    let log = fs::read_to_string(folder.path().join("server.log")).expect("the log");
    let mut lines = answered(&log);
    for line in &mut lines {
        let line = line.as_object_mut().expect("fields");
        assert!(line.remove("request_id").is_some_and(|id| id.is_string()), "{line:?}");
        assert!(line.remove("duration_us").is_some_and(|duration| duration.is_u64()), "{line:?}");
        for common in ["message", "method", "path"] {
            line.remove(common);
        }
    }
    let line = |of: Value| {
        let mut line =
            json!({"organization_id": about["organization"]["id"], "key_id": about["apiKey"]["id"]});
        line.as_object_mut().expect("an object").extend(of.as_object().expect("an object").clone());
        line
    };
    assert_eq!(
        lines[1..],
        [
            line(json!({"operation": "query", "operation_name": "Page", "cost": 5, "status": 200})),
            line(
                json!({"operation": "mutation", "operation_name": "Add", "cost": lines[2]["cost"], "status": 200})
            ),
            line(
                json!({"operation": "query", "cost": lines[3]["cost"], "codes": "BAD_USER_INPUT,INVALID_CURSOR", "status": 200})
            ),
            line(json!({"codes": "GRAPHQL_VALIDATION_FAILED", "status": 200})),
            line(json!({"operation": "query", "cost": lines[5]["cost"], "status": 200})),
            line(json!({"codes": "GRAPHQL_PARSE_FAILED", "status": 200})),
            line(json!({"operation": "query", "operation_name": "Page", "cost": 5, "status": 200})),
            line(
                json!({"operation": "query", "operation_name": "Page", "cost": 5, "from_cache": true, "status": 200})
            ),
            json!({"codes": "UNAUTHENTICATED", "status": 401}),
        ]
    );
}

//! No line of the log, at any level, says anything of anybody.

use std::collections::BTreeSet;

use axum::{Router, body::Body, http::Request};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::traffic::{DIGITS, MARK, Watched, marked};
use crate::{
    errors, repeating,
    support::{
        ask,
        engine::{Engine, on_each_engine},
        steps::Steps,
    },
};

/// Every mutation, and every fault of an input.
async fn mutations(watched: &mut Watched) {
    for (before, (mutation, input)) in repeating::traffic().into_iter().chain(errors::codes::traffic()) {
        let key = watched.organization().await;
        let mut steps = Steps::over(watched.router(), &key);
        for name in ["hiring", "won"] {
            let input = json!({"name": format!("{MARK} {name}"), "stages": [{"name": MARK}]});
            let made = steps.payload("createPipeline", &input, "pipeline { id stages { id } }").await;
            let stage = &made["pipeline"]["stages"][0]["id"];
            steps.name(name, if name == "won" { stage } else { &made["pipeline"]["id"] });
        }
        for (mutation, input) in &before {
            steps.take(mutation, &marked(input)).await;
        }
        let input = marked(&input);
        for once in [None, Some(MARK), Some(MARK)] {
            let answer = steps.send(once, mutation, &input, "__typename").await;
            assert!(answer.is_object(), "{mutation}: {answer:#}");
        }
        watched.secret(&steps.key);
    }
}

/// Everything a contact has, and every query.
async fn queries(router: &Router, key: &str) {
    let contact = json!({
        "firstName": MARK, "lastName": MARK, "externalId": MARK, "jobTitle": MARK, "industry": MARK,
        "company": MARK, "website": format!("{MARK}.example"), "linkedinUrl": format!("{MARK}.example/in"),
        "addressLine1": MARK, "addressLine2": MARK, "city": MARK, "state": MARK, "zip": MARK, "process": MARK,
        "status": MARK, "stage": MARK, "source": MARK, "notes": MARK, "tags": [MARK],
        "emails": [{"address": format!("{MARK}@{MARK}.example")}], "phones": [{"number": format!("+1{DIGITS}000")}],
        "whatsappNumber": format!("+1{DIGITS}001"), "metadata": {MARK: MARK}, "industryContext": {MARK: [MARK]},
    });
    let create = "mutation Create($input: CreateContactInput!) { createContact(input: $input) { contact { id } userErrors { code } } }";
    let answer = ask(router.clone(), key, create, json!({"input": contact})).await;
    let id =
        answer["data"]["createContact"]["contact"]["id"].as_str().unwrap_or_else(|| panic!("{answer:#}"));
    let everything = format!(
        "{{ viewer {{ organization {{ name }} apiKey {{ name }} }} node(id: \"{id}\") {{ id }} nodes(ids: [\"{id}\", \"{MARK}\"]) {{ id }}
            apiKeys {{ nodes {{ name }} }} contact(id: \"{id}\") {{ firstName phones {{ number }} emails {{ address }} metadata }}
            contactByIdentifier(identifier: {{email: \"{MARK}@{MARK}.example\"}}) {{ id }}
            contacts(query: \"{MARK} {DIGITS}\", filter: {{or: [{{email: {{eq: \"{MARK}\"}}}}, {{phone: {{eq: \"+1{DIGITS}000\"}}}},
                {{metadata: [{{key: \"{MARK}\", eq: \"{MARK}\"}}]}}, {{tags: {{hasAny: [\"{MARK}\"]}}}}]}}) {{ totalCount nodes {{ notes }} }}
            company(id: \"{MARK}\") {{ id }} companies(query: \"{MARK}\") {{ totalCount nodes {{ name }} }}
            team(id: \"{MARK}\") {{ id }} teams {{ name }} user(id: \"{MARK}\") {{ id }} users(query: \"{MARK}\") {{ totalCount }}
            tag(name: \"{MARK}\") {{ name }} tags(query: \"{MARK}\") {{ nodes {{ name }} }}
            pipeline(id: \"{MARK}\") {{ id }} pipelines {{ name stages {{ name }} }} }}"
    );
    let answer = ask(router.clone(), key, &everything, json!({})).await;
    let asked: BTreeSet<&str> = answer["data"]
        .as_object()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .keys()
        .map(String::as_str)
        .collect();
    let schema = ask(router.clone(), key, "{ __schema { queryType { fields { name } } } }", json!({})).await;
    let fields = schema["data"]["__schema"]["queryType"]["fields"].as_array().expect("fields");
    assert_eq!(asked, fields.iter().map(|field| field["name"].as_str().expect("a name")).collect());
    let page =
        ask(router.clone(), key, "{ contacts(sortKey: NAME) { pageInfo { endCursor } } }", json!({})).await;
    let cursor = page["data"]["contacts"]["pageInfo"]["endCursor"].as_str().expect("a cursor");
    for cursor in [cursor, MARK] {
        let next = format!("{{ contacts(sortKey: COMPANY, after: \"{cursor}\") {{ totalCount }} }}");
        assert!(ask(router.clone(), key, &next, json!({})).await["errors"].is_array());
    }
}

/// Requests that are refused before anything is executed.
async fn refused(watched: &Watched, key: &str) {
    let router = watched.router();
    let sent = async |request: axum::http::request::Builder, body: String| {
        let Ok(answer) = router.clone().oneshot(request.body(Body::from(body)).expect("a request")).await;
        assert!(!answer.status().is_server_error(), "{answer:?}");
    };
    let post =
        || Request::post("/graphql").header("content-type", "application/json").header("x-api-key", key);
    for body in [
        format!("{{\"query\": \"{MARK}"),
        format!("[\"{MARK}\"]"),
        json!({"query": format!("{{ {MARK} }}")}).to_string(),
        json!({"query": format!("{{ {MARK}")}).to_string(),
        json!({"query": "query A { viewer { id } }", "operationName": MARK}).to_string(),
        json!({"query": "query($x: Int!) { contacts(first: $x) { totalCount } }", "variables": {"x": MARK}})
            .to_string(),
        json!({"query": format!("{{ contacts(first: \"{MARK}\") {{ totalCount }} }}")}).to_string(),
        json!({"query": "{ viewer { id } }", "variables": {MARK: MARK}, "extensions": {MARK: MARK}})
            .to_string(),
    ] {
        sent(post(), body).await;
    }
    sent(post().header("idempotency-key", MARK).header("idempotency-key", MARK), "{}".to_owned()).await;
    sent(post().header("origin", format!("https://{MARK}.example")).header("cookie", MARK), "{}".to_owned())
        .await;
    sent(Request::get(format!("/{MARK}?{MARK}={MARK}")), String::new()).await;
    sent(Request::get(format!("/graphql?query={MARK}&{MARK}")).header("x-api-key", key), String::new()).await;
    for value in
        [format!("Bearer {MARK}"), format!("Basic {MARK}"), format!("Bearer cgw_{MARK}{}", &key[9..])]
    {
        sent(Request::get("/graphql").header("authorization", value), String::new()).await;
    }
    for bytes in [
        format!("{MARK}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{MARK}\r\n\r\n"),
        format!("GET /graphql HTTP/1.1\r\nhost: {MARK}\r\ncontent-length: {MARK}\r\n\r\n"),
    ] {
        watched.send(bytes.as_bytes()).await;
    }
}

/// Statements that the database refuses, with what it says of the rows.
async fn failing(raw: &DatabaseConnection, router: &Router, key: &str, engine: Engine) {
    let create = |notes: &str| {
        format!(
            "mutation {{ createContact(input: {{firstName: \"A\", notes: \"{notes}\"}}) {{ contact {{ id }} }} }}"
        )
    };
    let asked = async |document: String| ask(router.clone(), key, &document, json!({})).await;
    let failed = |answer: &Value| {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answer:#}");
    };
    let run = async |sql: &str| {
        raw.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    };
    run(&format!("CREATE UNIQUE INDEX forced ON contact (notes) WHERE notes = '{MARK}twice'")).await;
    assert_eq!(asked(create(&format!("{MARK}twice"))).await.get("errors"), None);
    failed(&asked(create(&format!("{MARK}twice"))).await);
    if engine == Engine::Postgres {
        run(&format!("ALTER TABLE contact ADD CONSTRAINT forced CHECK (notes <> '{MARK}never')")).await;
        failed(&asked(create(&format!("{MARK}never"))).await);
        run("CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE NOTICE '%', NEW.notes; RAISE WARNING '%', NEW.notes; RAISE '%', NEW.notes; END $$").await;
        run("CREATE TRIGGER tell BEFORE INSERT ON contact FOR EACH ROW EXECUTE FUNCTION tell()").await;
        failed(&asked(create(MARK)).await);
        run("DROP TRIGGER tell ON contact").await;
    } else {
        run("CREATE TRIGGER tell BEFORE INSERT ON contact BEGIN SELECT RAISE(ABORT, 'told') WHERE json(NEW.notes); END").await;
        failed(&asked(create(MARK)).await);
        run("DROP TRIGGER tell").await;
    }
    run(&format!("UPDATE contact SET metadata = '[\"{MARK}\"'")).await;
    asked("{ contacts { nodes { metadata } } }".to_owned()).await;
}

/// A database that lets nobody in any more, and breaks off what there is.
async fn away(url: &str, router: &Router, key: &str) {
    let (server, name) = url.rsplit_once('/').expect("a database's name");
    let mut options = sea_orm::ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).sqlx_logging(false);
    let beside = sea_orm::Database::connect(options).await.expect("a connection");
    let run = async |sql: String| {
        beside.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    };
    run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    run(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    for document in [
        format!("{{ contacts(query: \"{MARK}\") {{ totalCount }} }}"),
        format!("mutation {{ createContact(input: {{firstName: \"{MARK}\"}}) {{ contact {{ id }} }} }}"),
    ] {
        let answer = ask(router.clone(), key, &document, json!({})).await;
        assert!(answer["errors"].is_array(), "{answer:#}");
    }
    run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    beside.close().await.expect("closed");
}

on_each_engine! {
    async fn no_line_of_the_log_says_anything_of_anybody(engine: Engine) {
        let mut watched = Watched::start(engine).await;
        let mut options = sea_orm::ConnectOptions::new(&watched.database.url);
        options.max_connections(1).sqlx_logging(false);
        let raw = sea_orm::Database::connect(options).await.expect("a connection");
        mutations(&mut watched).await;
        let key = watched.organization().await;
        let router = watched.router();
        queries(&router, &key).await;
        refused(&watched, &key).await;
        failing(&raw, &router, &key, engine).await;
        raw.close().await.expect("closed");
        if engine == Engine::Postgres {
            away(&watched.database.url, &router, &key).await;
        }
        let log = watched.log();
        assert!(log.text.lines().filter(|line| line.contains("answered")).count() > 100, "{}", log.text);
        assert!(log.text.contains("forced") || engine == Engine::Sqlite, "a violation names its constraint");
        assert_eq!(log.telling(), Vec::<&str>::new());
    }
}

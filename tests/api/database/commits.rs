//! What an error of PostgreSQL, or of whoever stands before it, means for a write.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, http::Request};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tower::ServiceExt as _;

use crate::support::{App, ask, engine::Engine};

/// What the next COMMIT comes to.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is delivered, and its answer replaced by this error.
    Lost(&'static str),
    /// It is undone, and answered with this error.
    Refused(&'static str),
}

/// Stands before a server as a pooler does, and forges the answer to a COMMIT.
struct Pooler {
    url: String,
    next: Arc<Mutex<Option<Fate>>>,
}

impl Pooler {
    async fn before(url: &str) -> Self {
        let address = url.rsplit('@').next().and_then(|rest| rest.split('/').next()).expect("an address");
        let server: SocketAddr = address.parse().expect("the address of a server");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let own = listener.local_addr().expect("an address").to_string();
        let next = Arc::new(Mutex::new(None));
        let fate = next.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server).await.expect("the server takes connections");
                tokio::spawn(pass(client, server, fate.clone()));
            }
        });
        Self { url: format!("{}?sslmode=disable", url.replace(address, &own)), next }
    }

    fn arm(&self, fate: Fate) {
        *self.next.lock().expect("no panic") = Some(fate);
    }

    /// Whether a COMMIT has met its fate.
    fn has_struck(&self) -> bool {
        self.next.lock().expect("no panic").is_none()
    }
}

async fn pass(client: TcpStream, server: TcpStream, next: Arc<Mutex<Option<Fate>>>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let forged = Arc::new(Mutex::new(None));
    let up = tokio::spawn(requests(from_client, to_server, next, forged.clone()));
    let _ = answers(from_server, to_client, forged).await;
    up.abort();
}

/// A message and its type; the first one of a client has none.
async fn message(from: &mut OwnedReadHalf, is_typed: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if is_typed { 5 } else { 4 }];
    from.read_exact(&mut message).await?;
    let length = message[message.len() - 4..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let head = message.len();
    message.resize(head + length - 4, 0);
    from.read_exact(&mut message[head..]).await?;
    Ok(message)
}

fn typed(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short message").to_be_bytes();
    [&[kind], length.as_slice(), body].concat()
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    next: Arc<Mutex<Option<Fate>>>,
    forged: Arc<Mutex<Option<&'static str>>>,
) -> io::Result<()> {
    to.write_all(&message(&mut from, false).await?).await?;
    loop {
        let mut sent = message(&mut from, true).await?;
        if sent == typed(b'Q', b"COMMIT\0") {
            match next.lock().expect("no panic").take() {
                Some(Fate::Lost(code)) => *forged.lock().expect("no panic") = Some(code),
                Some(Fate::Refused(code)) => {
                    *forged.lock().expect("no panic") = Some(code);
                    sent = typed(b'Q', b"ROLLBACK\0");
                }
                None => {}
            }
        }
        to.write_all(&sent).await?;
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    forged: Arc<Mutex<Option<&'static str>>>,
) -> io::Result<()> {
    loop {
        let answer = message(&mut from, true).await?;
        let Some(code) = *forged.lock().expect("no panic") else {
            to.write_all(&answer).await?;
            continue;
        };
        if answer[0] != b'Z' {
            continue;
        }
        *forged.lock().expect("no panic") = None;
        let severity = if code.starts_with("57P") { "FATAL" } else { "ERROR" };
        let error = format!("S{severity}\0V{severity}\0C{code}\0Msaid by a pooler\0\0");
        to.write_all(&typed(b'E', error.as_bytes())).await?;
        if severity == "FATAL" {
            return to.shutdown().await;
        }
        to.write_all(&typed(b'Z', b"I")).await?;
    }
}

async fn send(app: &App, router: &Router, mutation: &str, input: Value, selection: &str) -> Value {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query =
        format!("mutation($i: {kind}!) {{ {mutation}(input: $i) {{ {selection} userErrors {{ code }} }} }}");
    ask(router.clone(), &app.key, &query, json!({"i": input})).await
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_of_unknown_outcome_and_never_run_again() {
    let app = App::new(Engine::Postgres).await;
    let pooler = Pooler::before(app.url()).await;
    let router = app.replica_at(&pooler.url).await;
    for (turn, lost) in
        ["08P01", "08006", "XX000", "57P01", "58000", "0A000", "42601"].into_iter().enumerate()
    {
        let name = format!("c{turn}");
        pooler.arm(Fate::Lost(lost));
        let input = json!({"firstName": "A", "externalId": name});
        let answer = send(&app, &router, "createContact", input, "contact { id }").await;
        assert_eq!(code(&answer), "OUTCOME_UNKNOWN", "{lost}: {answer:#}");
        assert!(pooler.has_struck());
        let found = app
            .data(&format!(
                "{{ contactByIdentifier(identifier: {{externalId: \"{name}\"}}) {{ id version }} }}"
            ))
            .await;
        let contact = &found["contactByIdentifier"];
        assert_eq!(contact["version"], 1, "{lost}: it is there, once");

        let id = &contact["id"];
        let mut version = 1;
        for (mutation, input) in [
            ("recordContactEnrichment", json!({"id": id})),
            ("updateContact", json!({"id": id, "expectedVersion": 2, "set": {"notes": lost}})),
            ("upsertContact", json!({"contact": {"externalId": name, "jobTitle": lost}})),
            ("deleteContact", json!({"id": id})),
        ] {
            pooler.arm(Fate::Lost(lost));
            let answer = send(&app, &router, mutation, input, "__typename").await;
            assert_eq!(code(&answer), "OUTCOME_UNKNOWN", "{mutation} {lost}: {answer:#}");
            version += 1;
            let sql = format!("SELECT version FROM contact WHERE external_id = '{name}'");
            assert_eq!(app.number(&sql).await, version, "{mutation} {lost}: it is done once");
        }
        let input = json!({"contact": {"firstName": "B", "externalId": format!("u{turn}")}});
        pooler.arm(Fate::Lost(lost));
        let answer = send(&app, &router, "upsertContact", input, "created").await;
        assert_eq!(code(&answer), "OUTCOME_UNKNOWN", "not that it was there already: {answer:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_postgres_refuses_is_run_again_or_told_as_refused() {
    let app = App::new(Engine::Postgres).await;
    let pooler = Pooler::before(app.url()).await;
    let router = app.replica_at(&pooler.url).await;
    for (turn, (refused, expected)) in [
        ("40001", Value::Null),
        ("40P01", Value::Null),
        ("53100", json!("STORAGE_FULL")),
        ("53300", json!("OVERLOADED")),
        ("23505", json!("INTERNAL_SERVER_ERROR")),
        ("25P02", json!("INTERNAL_SERVER_ERROR")),
    ]
    .into_iter()
    .enumerate()
    {
        pooler.arm(Fate::Refused(refused));
        let input = json!({"firstName": "A", "externalId": turn.to_string()});
        let answer = send(&app, &router, "createContact", input, "contact { id }").await;
        assert_eq!(*code(&answer), expected, "{refused}: {answer:#}");
        let sql = format!("SELECT count(*) FROM contact WHERE external_id = '{turn}'");
        assert_eq!(app.number(&sql).await, i64::from(expected.is_null()), "{refused}");
    }
}

/// As when the name of a server leads to a standby, and later to the primary again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_a_server_that_takes_no_writes_are_replaced() {
    let app = App::new(Engine::Postgres).await;
    let router = app.replica().await;
    let ready = &async || {
        let request = Request::get("/readyz").body(Body::empty()).expect("a request");
        router.clone().oneshot(request).await.expect("an answer").status().as_u16()
    };
    let create = &async |name: &str| {
        send(&app, &router, "createContact", json!({"firstName": name}), "contact { firstName }").await
    };
    let all = |setting: &str| {
        format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {setting}', current_database());
                PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'contacts-gateway'; END $$"
        )
    };
    assert_eq!(ready().await, 200);
    assert_eq!(create("A").await["errors"], Value::Null);
    app.raw.execute_unprepared(&all("SET default_transaction_read_only = on")).await.expect("a standby");
    let answer = create("B").await;
    assert_eq!(code(&answer), "UNAVAILABLE", "{answer:#}");
    assert_eq!(ready().await, 503);
    let read = ask(router.clone(), &app.key, "{ contacts { totalCount } }", Value::Null).await;
    assert_eq!(read["data"]["contacts"]["totalCount"], 1, "reads are served: {read:#}");

    // The sessions that are there stay as they are: only new ones may write.
    let reset = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$";
    app.raw.execute_unprepared(reset).await.expect("a primary");
    // New sessions beside the old ones would do for one answer, so it takes a round on all connections.
    let begun = tokio::time::Instant::now();
    let mut sound = 0;
    while sound < 5 {
        let at_once = (0..8).map(|turn| async move { (turn, ready().await) });
        let ready = futures_util::future::join_all(at_once).await;
        let created = futures_util::future::join_all((0..8).map(|_| create("C"))).await;
        let all = ready.iter().all(|(_, status)| *status == 200)
            && created.iter().all(|answer| answer["data"]["createContact"]["contact"]["firstName"] == "C");
        sound = if all { sound + 1 } else { 0 };
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(20),
            "sessions that take no writes are left"
        );
    }
}

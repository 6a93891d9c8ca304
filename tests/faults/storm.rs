//! Clients that ask for a write and hang up before they are answered, thousands of them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{RngExt as _, rngs::StdRng};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinSet, block_in_place},
    time::timeout,
};
use uuid::Uuid;

use crate::{
    alone,
    client::{Answer, Client, contact, created},
    pace,
    program::{Server, folder},
    raw, rows, seeded,
};

const WRITES: usize = 10_000;
/// Clients that have not hung up, at any time.
const AT_ONCE: usize = 64;
/// Writes that are repeated after the storm.
const REPEATED: usize = 300;
/// No job takes longer on its own.
const QUIET_WITHIN: Duration = Duration::from_secs(15);

/// A request, and when its client hangs up.
struct Write {
    /// The first names of its contacts.
    names: Vec<String>,
    many: bool,
    repeatable: Option<String>,
    patience: Duration,
    /// Ends the connection with a reset, not in order.
    resets: bool,
}

impl Write {
    fn random(number: usize, random: &mut StdRng) -> Self {
        let many = random.random_ratio(3, 10);
        let rows = if many { random.random_range(2..=5) } else { 1 };
        Self {
            names: (0..rows).map(|row| format!("storm{number}x{row}")).collect(),
            many,
            repeatable: random.random_ratio(3, 10).then(|| format!("key {number}")),
            patience: Duration::from_micros(random.random_range(0..=50_000)),
            resets: random.random(),
        }
    }

    fn body(&self) -> Value {
        if self.many {
            let query = "mutation($input: CreateContactsInput!) {
                createContacts(input: $input) { results { contact { id } } } }";
            let contacts: Vec<Value> = self.names.iter().map(|name| contact(name)).collect();
            json!({"query": query, "variables": {"input": {"contacts": contacts}}})
        } else {
            let query = "mutation($input: CreateContactInput!) {
                createContact(input: $input) { contact { id } } }";
            json!({"query": query, "variables": {"input": contact(&self.names[0])}})
        }
    }

    /// The ids in an answer, by name.
    fn ids(&self, data: &Value) -> HashMap<String, Uuid> {
        let ids: Vec<Uuid> = match data["createContacts"]["results"].as_array() {
            None => vec![created(data)],
            Some(rows) => rows.iter().map(|row| created(&json!({"createContact": row}))).collect(),
        };
        assert_eq!(ids.len(), self.names.len(), "{data:#}");
        self.names.iter().cloned().zip(ids).collect()
    }

    /// Sends it, and hangs up; the answer, if it came before.
    async fn send(&self, address: &str, key: &str) -> Option<Value> {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        if self.resets {
            stream.set_zero_linger().expect("a connection can be reset");
        }
        let request = raw::request(key, &self.body(), self.repeatable.as_deref());
        stream.write_all(&request).await.expect("sent");
        let mut answer = Vec::new();
        timeout(self.patience, stream.read_to_end(&mut answer))
            .await
            .ok()?
            .expect("the server does not reset");
        Some(raw::data(&answer).unwrap_or_else(|other| panic!("{other}")))
    }
}

/// Sends all of them; what was answered all the same.
async fn storm(address: &str, key: &str, writes: &Arc<Vec<Write>>) -> HashMap<String, Uuid> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (address, key) = (address.to_owned(), key.to_owned());
        let (writes, next) = (writes.clone(), next.clone());
        clients.spawn(async move {
            let mut answered = HashMap::new();
            while let Some(write) = writes.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(data) = write.send(&address, &key).await {
                    answered.extend(write.ids(&data));
                }
            }
            answered
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

async fn nothing_stays_of_those_who_hang_up(test: &str, url: &str) {
    let mut random = seeded(test);
    let folder = folder();
    let arguments = ["--database-url", url, "--max-requests-per-organization", "256"];
    let mut server = block_in_place(|| Server::start(folder.path(), &arguments));
    let key = server.key().expect("a key").to_owned();
    let client = Client::new(&server, &key);
    let database = rows::connect(url).await;
    let before = pace::before(&client).await;

    let writes: Arc<Vec<Write>> =
        Arc::new((0..WRITES).map(|number| Write::random(number, &mut random)).collect());
    let began = Instant::now();
    let mut answered = storm(&server.address, &key, &writes).await;
    let (lasted, over) = (began.elapsed(), Instant::now());
    if url.starts_with("postgres:") {
        no_transaction_is_left(&database).await;
    }
    let quiet = over.elapsed();
    if url.starts_with("postgres:") {
        // The tests' cluster does not do it by itself, and the tables have grown.
        database.execute_unprepared("VACUUM ANALYZE").await.expect("tables are tidied");
    }
    let after = pace::after(&client, before).await;

    // What a client knows nothing of, it can ask for again.
    let repeatable = writes.iter().filter(|write| write.repeatable.is_some() && !write.many);
    for write in repeatable.take(REPEATED) {
        match client.ask(&write.body(), write.repeatable.as_deref()).await {
            Answer::Data(data) => answered.extend(write.ids(&data)),
            other => panic!("{other:?}"),
        }
    }
    let count = match client.ask(&json!({"query": "{ contacts(first: 1) { totalCount } }"}), None).await {
        Answer::Data(data) => data["contacts"]["totalCount"].as_u64(),
        other => panic!("{other:?}"),
    };
    assert!(server.child.try_wait().is_ok_and(|ended| ended.is_none()), "the gateway ended");
    drop(server);

    let kept = rows::contacts(&database).await;
    println!(
        "{test}: {WRITES} writes hung up in {:.1} s, {} contacts answered, {} there; no transaction \
        after {quiet:?}; {before:.0} answers a second before, {after:.0} after",
        lasted.as_secs_f32(),
        answered.len(),
        kept.len(),
    );
    let stormy = kept.keys().filter(|name| name.starts_with("storm")).count();
    assert!(stormy > answered.len(), "nobody hung up on a write that was made");
    assert!(writes.iter().any(|write| !kept.contains_key(&write.names[0])), "nobody hung up in time");
    assert_eq!(count, Some(kept.len() as u64));
    for (name, id) in &answered {
        assert_eq!(kept.get(name), Some(id), "{name} was answered");
    }
    for write in writes.iter() {
        let there = write.names.iter().filter(|name| kept.contains_key(*name)).count();
        assert!(there == 0 || there == write.names.len(), "a half of {:?} is there", write.names);
    }
    assert_consistent(&database).await;
    if url.starts_with("sqlite:") {
        rows::assert_sound(&database).await;
    }
}

/// Waits until no session of the gateway is in a transaction.
async fn no_transaction_is_left(database: &DatabaseConnection) {
    let busy = "SELECT state, query FROM pg_stat_activity
        WHERE application_name = 'contacts-gateway' AND state <> 'idle'";
    let began = Instant::now();
    while let [session, ..] = rows::query(database, busy).await.as_slice() {
        let state: String = session.try_get("", "state").expect("a state");
        let query: String = session.try_get("", "query").expect("a statement");
        assert!(began.elapsed() < QUIET_WITHIN, "a session is {state} after {query}");
    }
}

/// Every contact was made once, and is found by its name.
async fn assert_consistent(database: &DatabaseConnection) {
    let changed = "SELECT id FROM contact WHERE version <> 1";
    assert_eq!(rows::query(database, changed).await.len(), 0, "contacts of another version");
    let lost = "SELECT id FROM contact WHERE (SELECT count(*) FROM contact_search
        WHERE contact_search.org_id = contact.org_id AND contact_id = contact.id
            AND doc LIKE '%' || lower(first_name) || '%') <> 1";
    assert_eq!(rows::query(database, lost).await.len(), 0, "contacts that are not found");
    let counts = "SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM contact_search)";
    let counts = &rows::query(database, counts).await[0];
    let count = |index| counts.try_get_by_index::<i64>(index).expect("a number");
    assert_eq!(count(0), count(1), "contacts and their search documents");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stays_of_those_who_hang_up_on_sqlite() {
    let _alone = alone().await;
    let folder = folder();
    let url = format!("sqlite://{}", folder.path().join("contacts.db").display());
    nothing_stays_of_those_who_hang_up("storm, SQLite", &url).await;
}

#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stays_of_those_who_hang_up_on_postgres() {
    let _alone = alone().await;
    let cluster = crate::cluster::Cluster::start();
    let url = cluster.database().await;
    nothing_stays_of_those_who_hang_up("storm, PostgreSQL", &url).await;
}

//! A pooler in transaction mode, as PgBouncer is: each transaction may have another session of the server.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use contacts_gateway::database::{Database, Options};
use sea_orm::ConnectionTrait as _;
use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use super::super::connections::{Ask, setting};
use super::{read_startup, refusal};
use crate::support::{App, engine::Engine};

/// A session of the server, with the statements that it has.
struct Session {
    stream: BufStream<TcpStream>,
    prepared: HashSet<Vec<u8>>,
}

/// The pooler, as its clients share it.
struct Pooler {
    server: SocketAddr,
    /// True if it gives a session the statements that its client has prepared in another.
    keeps_statements: bool,
    idle: Mutex<Vec<Session>>,
    clients: AtomicUsize,
    /// Number of times that a client was given a session other than its last one.
    changes: AtomicUsize,
}

impl Pooler {
    /// Starts it; its URL.
    async fn before(url: &str, keeps_statements: bool) -> (Arc<Self>, String) {
        let address = url.rsplit('@').next().and_then(|rest| rest.split('/').next()).expect("an address");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let own = listener.local_addr().expect("an address").to_string();
        let pooler = Arc::new(Self {
            server: address.parse().expect("the address of a server"),
            keeps_statements,
            idle: Mutex::default(),
            clients: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
        });
        let url = format!("{}?sslmode=disable", url.replace(address, &own));
        let serving = pooler.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let pooler = serving.clone();
                tokio::spawn(async move { pooler.serve(BufStream::new(client)).await });
            }
        });
        (pooler, url)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().expect("no panic")
    }

    async fn serve(&self, mut client: BufStream<TcpStream>) -> io::Result<()> {
        let startup = read_startup(&mut client).await?;
        if startup.has_options {
            client.write_all(&refusal()).await?;
            return client.flush().await;
        }
        let session = self.log_in(&mut client, &startup.packet).await?;
        // Behind those that others have used, which are lent first.
        self.idle().insert(0, session);
        let prefix = format!("{}_", self.clients.fetch_add(1, Ordering::Relaxed)).into_bytes();
        let mut statements = HashMap::new();
        let mut lent = None;
        loop {
            let (kind, body) = message(&mut client).await?;
            if kind == b'X' {
                return Ok(());
            }
            let mut session = match lent.take() {
                Some(session) => session,
                None => self.idle().pop().expect("there are as many sessions as clients"),
            };
            let given = match self.keeps_statements {
                true => renamed(kind, &body, &prefix, &mut statements, &mut session).await?,
                false => {
                    write(&mut session.stream, kind, &body).await?;
                    false
                }
            };
            self.changes.fetch_add(usize::from(given), Ordering::Relaxed);
            lent = Some(session);
            if matches!(kind, b'Q' | b'S') {
                let mut session = lent.take().expect("it was just lent");
                session.stream.flush().await?;
                // Of an error within a transaction as well, it is kept until the transaction's end.
                match answer(&mut session, &mut client).await? {
                    b'I' => self.idle().push(session),
                    _ => lent = Some(session),
                }
            }
        }
    }

    /// Lets a client log in to a session of its own.
    async fn log_in(&self, client: &mut BufStream<TcpStream>, startup: &[u8]) -> io::Result<Session> {
        let mut stream = BufStream::new(TcpStream::connect(self.server).await?);
        stream.write_all(startup).await?;
        stream.flush().await?;
        loop {
            let (kind, body) = message(&mut stream).await?;
            write(client, kind, &body).await?;
            client.flush().await?;
            match (kind, body.get(3)) {
                // A password is asked for, or the next step of a dialogue.
                (b'R', Some(3 | 5 | 10 | 11)) => {
                    let (kind, body) = message(client).await?;
                    write(&mut stream, kind, &body).await?;
                    stream.flush().await?;
                }
                (b'Z', _) => return Ok(Session { stream, prepared: HashSet::new() }),
                _ => {}
            }
        }
    }
}

/// Passes a message on under names that no other client uses, and before it the statement that it needs,
/// if the session does not have it; true if so.
async fn renamed(
    kind: u8,
    body: &[u8],
    prefix: &[u8],
    statements: &mut HashMap<Vec<u8>, Vec<u8>>,
    session: &mut Session,
) -> io::Result<bool> {
    // The place of the statement's name: after the portal's, after the kind of what is described or closed.
    let start = match kind {
        b'P' => 0,
        b'B' => body.iter().position(|byte| *byte == 0).expect("a portal") + 1,
        b'D' | b'C' if body[0] == b'S' => 1,
        _ => return write(&mut session.stream, kind, body).await.map(|()| false),
    };
    let end = start + body[start..].iter().position(|byte| *byte == 0).expect("a name");
    if start == end {
        // PgBouncer passes one without a name on, whatever session it meets.
        return write(&mut session.stream, kind, body).await.map(|()| false);
    }
    let name = [prefix, &body[start..end]].concat();
    let body = [&body[..start], &name, &body[end..]].concat();
    let mut given = false;
    match kind {
        b'P' => {
            session.prepared.insert(name.clone());
            statements.insert(name, body.clone());
        }
        b'C' => {
            session.prepared.remove(&name);
        }
        _ => {
            if session.prepared.insert(name.clone()) {
                write(&mut session.stream, b'P', &statements[&name]).await?;
                given = true;
            }
        }
    }
    if given {
        // Its answer is not the client's.
        write(&mut session.stream, b'H', &[]).await?;
        session.stream.flush().await?;
        assert_eq!(message(&mut session.stream).await?.0, b'1', "the statement is prepared");
    }
    write(&mut session.stream, kind, &body).await.map(|()| given)
}

/// Passes answers on until the session is ready again; the state of its transaction.
async fn answer(session: &mut Session, client: &mut BufStream<TcpStream>) -> io::Result<u8> {
    loop {
        let (kind, body) = message(&mut session.stream).await?;
        write(client, kind, &body).await?;
        if kind == b'Z' {
            client.flush().await?;
            return Ok(body[0]);
        }
    }
}

async fn message(stream: &mut BufStream<TcpStream>) -> io::Result<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await?;
    let mut body = vec![0; usize::try_from(stream.read_u32().await?).expect("a size") - 4];
    stream.read_exact(&mut body).await?;
    Ok((kind, body))
}

async fn write(stream: &mut BufStream<TcpStream>, kind: u8, body: &[u8]) -> io::Result<()> {
    stream.write_u8(kind).await?;
    stream.write_u32(u32::try_from(body.len() + 4).expect("a size")).await?;
    stream.write_all(body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_share_sessions_once_the_role_has_the_settings() {
    let app = App::new(Engine::Postgres).await;
    let (_, url) = Pooler::before(app.url(), true).await;
    let error = Database::open(&Options::new(&url)).await.expect_err("settings are missing").to_string();
    for expected in ["transaction mode", "ALTER ROLE", "SET jit = 'off'", "SET statement_timeout = '20s'"] {
        assert!(error.contains(expected), "{expected}: {error}");
    }
    for setting in [
        "jit = off",
        "max_parallel_workers_per_gather = 0",
        "statement_timeout = '30s'",
        "idle_in_transaction_session_timeout = '30s'",
    ] {
        let sql = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {}', current_database()); END $$",
            setting.replace('\'', "''")
        );
        app.raw.execute_unprepared(&sql).await.expect("a setting");
    }

    let (pooler, url) = Pooler::before(app.url(), true).await;
    let database = Database::open(&Options::new(&url)).await.expect("a store");
    let ask = async |turn: usize| {
        let read = database.tenant(app.org_id);
        let deadline = Instant::now() + Duration::from_secs(10);
        let written =
            database.writer().write(app.org_id, Ask("current_setting('statement_timeout')"), deadline).await;
        assert_eq!(written.as_deref(), Ok("30s"));
        // A new text each time, which would not be worth preparing otherwise.
        let expression: &str = Box::leak(format!("'{turn}'").into_boxed_str());
        assert_eq!(setting(&read, expression).await.expect("a text"), turn.to_string());
    };
    for round in 0..10 {
        futures_util::future::join_all((0..8).map(|turn| ask(8 * round + turn))).await;
    }
    database.close().await;
    assert!(pooler.changes.load(Ordering::Relaxed) > 0, "statements went with their clients");

    let url = format!("{url}&statement-cache-capacity=0");
    let error = Database::open(&Options::new(&url)).await.expect_err("nothing is prepared").to_string();
    assert!(error.contains("statement-cache-capacity"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_loses_statements_is_told_as_such() {
    let app = App::new(Engine::Postgres).await;
    let (_, url) = Pooler::before(app.url(), false).await;
    let error = Database::open(&Options::new(&url)).await.expect_err("statements are lost").to_string();
    assert!(error.contains("max_prepared_statements"), "{error}");
}

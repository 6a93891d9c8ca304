//! Clients that send a body byte by byte.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::interval,
};

use super::{BESIDE, Trial, bystander::Bystander, store::Store};
use crate::program::Server;

/// Number of connections, several times the places of an organization.
pub(super) const CONNECTIONS: usize = 200;
/// Pause between two bytes.
const DRIP: Duration = Duration::from_secs(1);

/// Connections on which a body comes byte by byte. Dropping them closes all.
pub(super) struct Drips(JoinSet<()>);

impl Drips {
    /// Begins so many bodies with one key, and returns when the server waits for each of them.
    pub(super) async fn start(server: &Server, key: &str, connections: usize) -> Self {
        let mut drips = JoinSet::new();
        for _ in 0..connections {
            let mut stream = TcpStream::connect(&server.address).await.expect("a connection");
            let head = format!(
                "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\nexpect: 100-continue\r\n\
                content-type: application/json\r\ncontent-length: 1000\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("a head");
            let mut answer = [0; 25];
            stream.read_exact(&mut answer).await.expect("the server asks for the body");
            assert!(answer.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&answer));
            drips.spawn(drip(stream));
        }
        Self(drips)
    }

    /// Number of connections that have not been closed.
    fn under_way(&mut self) -> usize {
        while self.0.try_join_next().is_some() {}
        self.0.len()
    }
}

/// Sends bytes until the server closes.
async fn drip(mut stream: TcpStream) {
    let (mut pause, mut answer) = (interval(DRIP), [0; 1024]);
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => if matches!(read, Ok(0) | Err(_)) {
                return;
            },
            _ = pause.tick() => if stream.write_all(b" ").await.is_err() {
                return;
            },
        }
    }
}

/// The clients that drip have the key of those who are served beside them.
pub(super) async fn bodies(name: &'static str, store: Store) {
    let mut trial = Trial::start(name, store, &[]);
    trial.bystander = Bystander { client: trial.attacker.clone(), writes: true };
    let without = trial.without().await;
    let mut drips = Drips::start(&trial.server, &trial.store.attacker, CONNECTIONS).await;
    let beside = trial.bystander.watch_for(BESIDE).await;
    let under_way = drips.under_way();
    println!("{name}: {under_way} bodies under way; without: {without}");
    println!("{name}: beside: {beside}");
    // A body may take longer than this.
    assert_eq!(under_way, CONNECTIONS, "some were given up, or refused");
    beside.assert_unnoticed(&without);
}

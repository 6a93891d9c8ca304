//! Poolers that stand before PostgreSQL, and do not pass on what a connection begins with.

mod transaction;

use std::net::SocketAddr;

use contacts_gateway::database::{Database, Options};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use super::connections::{Ask, setting};
use crate::support::{App, engine::Engine};

/// Fate of the settings in a startup packet.
#[derive(Clone, Copy, Debug)]
enum Startup {
    /// They are refused, in the words of PgBouncer.
    Refused,
    /// They are taken, and nobody hears of them: `ignore_startup_parameters`.
    Ignored,
}

/// Returns the URL of a pooler in session mode.
async fn pooler(url: &str, startup: Startup) -> String {
    let address = url.rsplit('@').next().and_then(|rest| rest.split('/').next()).expect("an address");
    let server: SocketAddr = address.parse().expect("the address of a server");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let own = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, server, startup));
        }
    });
    format!("{}?sslmode=disable", url.replace(address, &own))
}

async fn carry(mut client: TcpStream, server: SocketAddr, startup: Startup) -> io::Result<()> {
    let begun = read_startup(&mut client).await?;
    if let (Startup::Refused, true) = (startup, begun.has_options) {
        return client.write_all(&refusal()).await;
    }
    let mut server = TcpStream::connect(server).await?;
    server.write_all(&begun.packet).await?;
    io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// A client's first packet.
struct Begun {
    /// Without settings.
    packet: Vec<u8>,
    has_options: bool,
}

async fn read_startup(client: &mut (impl AsyncRead + Unpin)) -> io::Result<Begun> {
    let length = client.read_u32().await?;
    let mut packet = vec![0; usize::try_from(length).expect("a size") - 4];
    client.read_exact(&mut packet).await?;
    let (protocol, parameters) = packet.split_at(4);
    // Names and values in turn, each with a zero after it, and a zero after all.
    let words: Vec<&[u8]> = parameters.split(|byte| *byte == 0).collect();
    let pairs = words.chunks_exact(2).take_while(|pair| !pair[0].is_empty());
    let (options, others): (Vec<_>, Vec<_>) = pairs.partition(|pair| pair[0] == b"options");
    let mut body = protocol.to_vec();
    for pair in others {
        body.extend([pair[0], &[0], pair[1], &[0]].concat());
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).expect("a size").to_be_bytes();
    Ok(Begun { packet: [&length[..], &body].concat(), has_options: !options.is_empty() })
}

fn refusal() -> Vec<u8> {
    let fields = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
    let length = u32::try_from(fields.len() + 4).expect("a size").to_be_bytes();
    [&b"E"[..], &length, fields].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_set_what_a_pooler_does_not_pass_on() {
    for startup in [Startup::Refused, Startup::Ignored] {
        let app = App::new(Engine::Postgres).await;
        let url = pooler(app.url(), startup).await + "&options[search_path]=public,pg_temp";
        let options = Options { read_time: Some(Duration::from_secs(7)), ..Options::new(&url) };
        let database = Database::open(&options).await.expect("a store");
        let read = database.tenant(app.org_id);
        for (name, reading, writing) in [
            ("current_setting('statement_timeout')", "7s", "20s"),
            ("current_setting('idle_in_transaction_session_timeout')", "7s", "20s"),
            ("current_setting('default_transaction_isolation')", "read committed", "read committed"),
            ("current_setting('search_path')", "public,pg_temp", "public,pg_temp"),
            ("current_setting('jit')", "off", "on"),
            ("current_setting('max_parallel_workers_per_gather')", "0", "2"),
        ] {
            assert_eq!(setting(&read, name).await.expect("a setting"), reading, "{startup:?}: {name}");
            let deadline = Instant::now() + Duration::from_secs(10);
            let told = database.writer().write(app.org_id, Ask(name), deadline).await;
            assert_eq!(told.as_deref(), Ok(writing), "{startup:?}: {name}");
        }
        database.close().await;
    }
}

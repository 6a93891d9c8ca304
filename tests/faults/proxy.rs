//! A wire that can be made bad: what a TCP connection goes through, at a test's will.

use std::{future::pending, io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// What the wire does to the connections it carries, and to new ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Weather {
    /// Passes everything on.
    Clear,
    /// Passes each piece on after this time.
    Slow(Duration),
    /// Keeps everything to itself.
    Stalled,
    /// Ends every connection, and each new one at once.
    Cut,
}

/// Between whoever connects to `address` and the server. Ends with the runtime.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    weather: watch::Sender<Weather>,
    /// Counts how often all connections were reset.
    resets: watch::Sender<usize>,
    /// Counts how often all connections were left to themselves.
    stranded: watch::Sender<usize>,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("a listener has an address");
        let (weather, forecast) = watch::channel(Weather::Clear);
        let (resets, reset) = watch::channel(0);
        let (stranded, silent) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, server, forecast.clone(), reset.clone(), silent.clone()));
            }
        });
        Self { address, weather, resets, stranded }
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Ends all connections there are with a reset (RST) at both ends.
    pub(crate) fn reset(&self) {
        self.resets.send_modify(|count| *count += 1);
    }

    /// Passes nothing on any more of the connections there are, for ever, and tells neither end.
    pub(crate) fn strand(&self) {
        self.stranded.send_modify(|count| *count += 1);
    }
}

async fn carry(
    near: TcpStream,
    server: SocketAddr,
    mut weather: watch::Receiver<Weather>,
    mut resets: watch::Receiver<usize>,
    mut silent: watch::Receiver<usize>,
) {
    // Whoever comes now is not concerned by what was before.
    resets.mark_unchanged();
    silent.mark_unchanged();
    if *weather.borrow() == Weather::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(server).await else {
        return;
    };
    for stream in [&near, &far] {
        stream.set_nodelay(true).expect("small pieces go at once");
        // Whatever ends the connection below then ends it with a reset, unless it was closed.
        stream.set_zero_linger().expect("a connection can be reset");
    }
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let there = pump(near_in, far_out, weather.clone(), silent.clone());
    let back = pump(far_in, near_out, weather.clone(), silent);
    tokio::select! {
        _ = there => {}
        _ = back => {}
        _ = resets.changed() => {}
        _ = weather.wait_for(|weather| *weather == Weather::Cut) => {}
    }
}

/// Passes on until the end of what comes, and tells that end on.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    silent: watch::Receiver<usize>,
) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut piece).await?;
        let now = *weather.borrow();
        if let Weather::Slow(time) = now {
            tokio::time::sleep(time).await;
        }
        if weather.wait_for(|weather| *weather != Weather::Stalled).await.is_err() {
            return Ok(());
        }
        if silent.has_changed().unwrap_or(false) {
            return pending().await;
        }
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&piece[..length]).await?;
    }
}

//! The end of a listener, without resetting clients whose handshakes take no longer than usual.
//!
//! The system completes handshakes by itself, and resets those connections that nobody has accepted
//! when their listener is closed. A program can accept until nobody waits, but not at the moment of
//! closing: under load, 20 restarts in turn reset up to four clients, though a rolling restart is
//! promised to reset nobody (`tests/faults/rolling.rs`). So the system is told first to begin no
//! further handshakes, and those on their way get some time to arrive. No option of a socket does
//! that: `shutdown` resets what waits, and `SO_REUSEPORT` has a window of its own.

use std::io;
use std::iter;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

use super::listener::is_of_the_connection;

/// Drops new handshakes from now on, as if they were lost on their way; handshakes that have begun are
/// completed. The system of a client tries again after a second. By then it is refused, or accepted by
/// the next server on this port.
#[cfg(target_os = "linux")]
pub(super) fn refuse_handshakes(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};
    // A program of the classic packet filter, which the system runs on each segment for the listener,
    // from its TCP header on. Byte 13 of that has the flags (RFC 9293, section 3.1): a segment with
    // SYN is dropped, any other is kept whole.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const NOTHING: u32 = 0;
    const ALL: u32 = u32::MAX;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_SET, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, NOTHING),
        SockFilter::new(RETURN, 0, 0, ALL),
    ])
}

/// Does nothing: other systems have no such filter, and reset clients that come in the last moment.
#[cfg(not(target_os = "linux"))]
pub(super) fn refuse_handshakes(_listener: &TcpListener) -> io::Result<()> {
    Ok(())
}

/// Returns the connections that wait to be accepted; then the listener is closed. The system itself is
/// asked, as the runtime would learn of them later.
pub(super) fn drain(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let listener = listener.into_std();
    iter::from_fn(move || {
        let listener = listener.as_ref().ok()?;
        loop {
            match listener.accept() {
                Ok((stream, client)) => {
                    stream.set_nonblocking(true).ok()?;
                    return Some((TcpStream::from_std(stream).ok()?, client));
                }
                Err(error) if is_of_the_connection(&error) => {}
                // Nobody waits.
                Err(_) => return None,
            }
        }
    })
}

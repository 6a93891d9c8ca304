//! The end of a listener that resets nobody whose handshake takes no longer than usual.
//!
//! The system completes handshakes by itself, and resets those connections that nobody has accepted
//! when their listener is closed. So before that it is told to let no new ones in, and what is on
//! its way gets some time to arrive.

use std::io;
use std::iter;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

use super::listener::is_of_the_connection;

/// Lets nobody begin a handshake any more, as if the listener were closed; those that have begun are
/// completed. Who tries meanwhile tries again after a second, and is refused then or let in by
/// whoever listens by that time.
#[cfg(target_os = "linux")]
pub(super) fn let_nobody_in(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};
    // The system runs this on each segment for the listener, from its TCP header on (RFC 9293,
    // section 3.1): byte 13 has the flags.
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

/// Other systems have no such thing: whoever comes in the last moment is reset there.
#[cfg(not(target_os = "linux"))]
pub(super) fn let_nobody_in(_listener: &TcpListener) -> io::Result<()> {
    Ok(())
}

/// The connections that wait to be accepted; then the listener is closed. The system is asked itself,
/// as the runtime learns of them later.
pub(super) fn last(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
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

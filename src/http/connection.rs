//! A client's connection, which ends when its client does not read.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

use super::concurrency::Permit;
use crate::access::Network;
use crate::metrics::ClientConnection;

/// Bytes to and from a client. It holds the client's permit wherever it is handed on to, and fails
/// once nothing can be written for too long.
#[derive(Debug)]
pub(super) struct Connection {
    // Pinned here, as the timer within is not `Unpin` and the protocol wants a stream that is.
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    _permit: Permit<Network>,
    /// `None` once the client is told the end: a client who has seen it may connect again at once.
    counted: Option<ClientConnection>,
}

impl Connection {
    /// Returns the connection of a client that may leave what is sent to it for `write_time` without
    /// taking any.
    pub(super) fn new(stream: TcpStream, permit: Permit<Network>, write_time: Duration) -> Self {
        let mut stream = TimeoutStream::new(stream);
        // It starts anew with each byte that is taken, so a slow client is served and a silent one is not.
        stream.set_write_timeout(Some(write_time));
        Self { stream: Box::pin(stream), _permit: permit, counted: Some(ClientConnection::begin()) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.counted = None;
        self.stream.as_mut().poll_shutdown(context)
    }
}

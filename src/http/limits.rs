//! How much a client may take.

use std::time::Duration;

/// Sizes, times and numbers that clients may take; the defaults are what the API promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// The most values a body may hold, each item, member and list counted: one takes a hundred times
    /// the memory of the two bytes it may be written in.
    pub body_values: usize,
    /// How long the whole body may take to come in.
    pub body_time: Duration,
    /// The largest request line with its headers, in bytes.
    pub head_bytes: usize,
    /// How long they may take to come in. A connection that is kept alive has as long for its
    /// next request.
    pub head_time: Duration,
    /// How long the answer to a request may take once the request is there.
    pub request_time: Duration,
    /// How long a client may leave an answer without taking any of it.
    pub answer_time: Duration,
    /// How long a request may take from its head to the last byte of its answer. Then its
    /// connection is cut, so this must be longer than all other times together.
    pub request_age: Duration,
    /// Connections at once, in all.
    pub connections: usize,
    /// Connections at once, from one address.
    pub connections_per_address: usize,
    /// Requests to the API under way at once, in all.
    pub requests: usize,
    /// Requests to the API under way at once, of one organization.
    pub requests_per_organization: usize,
    /// How long the database may take to answer `/readyz`.
    pub ready_time: Duration,
    /// How long a handshake may take that has begun when the server stops.
    pub handshake_time: Duration,
    /// How long a connection that is new when the server stops may take for its first request.
    pub first_request_time: Duration,
    /// How long requests under way may take to finish once the server stops.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            body_values: 100_000,
            body_time: Duration::from_secs(10),
            head_bytes: 64 * 1024,
            head_time: Duration::from_secs(10),
            request_time: Duration::from_secs(15),
            answer_time: Duration::from_secs(30),
            request_age: Duration::from_mins(3),
            connections: 10_000,
            connections_per_address: 1_000,
            requests: 256,
            requests_per_organization: 32,
            ready_time: Duration::from_secs(2),
            handshake_time: Duration::from_millis(500),
            first_request_time: Duration::from_secs(1),
            drain_time: Duration::from_secs(10),
        }
    }
}

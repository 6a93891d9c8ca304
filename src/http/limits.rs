//! Limits on what a client may take.

use std::time::Duration;

/// Maximum sizes, times and numbers; the defaults are what the API promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a body, in bytes.
    pub body_bytes: usize,
    /// Maximum number of values in a body, counting each item, member and list: one takes a hundred
    /// times the memory of the two bytes it may be written in.
    pub body_values: usize,
    /// Maximum time in which the whole body arrives.
    pub body_time: Duration,
    /// Maximum size of a request line with its headers, in bytes.
    pub head_bytes: usize,
    /// Maximum time in which these arrive. A connection that is kept alive has as long for its
    /// next request.
    pub head_time: Duration,
    /// Maximum time from the arrival of a request to its answer.
    pub request_time: Duration,
    /// Maximum time for which a client leaves an answer without taking any of it.
    pub answer_time: Duration,
    /// Maximum time from the head of a request to the last byte of its answer. Then its
    /// connection is cut, so this must be longer than all other times together.
    pub request_age: Duration,
    /// Maximum number of connections at once.
    pub connections: usize,
    /// Maximum number of connections at once from one address.
    pub connections_per_address: usize,
    /// Maximum number of requests to the API that run at once.
    pub requests: usize,
    /// Maximum number of requests to the API that run at once for one organization.
    pub requests_per_organization: usize,
    /// Maximum number of requests to the API that wait for their turn, for one organization.
    pub waiting_requests_per_organization: usize,
    /// Maximum bytes of answers that were made and that clients have not taken.
    pub untaken_answer_bytes: usize,
    /// Maximum bytes of answers to one organization that were made and that its clients have not taken.
    pub untaken_answer_bytes_per_organization: usize,
    /// Maximum number of bodies under way at once.
    pub bodies: usize,
    /// Maximum bytes of bodies that are read or held at once.
    pub held_bytes: usize,
    /// Maximum bytes of bodies that are read or held at once for one organization.
    pub held_bytes_per_organization: usize,
    /// Maximum time in which the database answers `/readyz`.
    pub ready_time: Duration,
    /// Time for handshakes that have begun when the server stops.
    pub handshake_time: Duration,
    /// Time for the first request of a connection that is new when the server stops.
    pub first_request_time: Duration,
    /// Time for requests under way to finish once the server stops.
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
            waiting_requests_per_organization: 224,
            untaken_answer_bytes: 512 * 1024 * 1024,
            untaken_answer_bytes_per_organization: 64 * 1024 * 1024,
            bodies: 1_024,
            held_bytes: 128 * 1024 * 1024,
            held_bytes_per_organization: 32 * 1024 * 1024,
            ready_time: Duration::from_secs(2),
            handshake_time: Duration::from_millis(500),
            first_request_time: Duration::from_secs(1),
            drain_time: Duration::from_secs(7),
        }
    }
}

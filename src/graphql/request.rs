//! A request, and the answer to it, as the transport knows them.

use std::sync::Arc;

use async_graphql::{Name, parser::types::OperationType};
use tokio::time::Instant;

use super::{
    answer_room::Room,
    error::{ApiError, refused},
    response::Response,
};
use crate::access::{Caller, Remaining};

/// Maximum length of the name of an operation in the log, in bytes. A longer name is left out.
const MAX_OPERATION_NAME_BYTES: usize = 64;

/// Context of a request: its caller, its headers and its deadline.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Caller.
    pub caller: Arc<Caller>,
    /// Id of the request, by which its errors can be found in the log.
    pub request_id: Arc<str>,
    /// True if the transport may only carry queries.
    pub queries_only: bool,
    /// Key under which its mutations can be repeated: 1 to 255 printable ASCII characters.
    pub idempotency_key: Option<String>,
    /// Points of the organization that remained when the request came, if it is limited.
    pub remaining: Option<Remaining>,
    /// Time by which it must be answered, as far as it is done by then.
    pub deadline: Instant,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// Response to the client.
    pub response: Response,
    /// Facts about the request, as far as it came.
    pub known: Known,
    /// Room that the answer has taken, to be kept until it is counted among those that are not taken.
    pub room: Option<Room>,
    /// SHA-256 of the data, by which a client that asks by GET can find out whether it has changed. `None` if
    /// there are errors, or the data may change without a write.
    pub validator: Option<[u8; 32]>,
}

/// Facts about a request that are known before it is executed.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Name of the operation, as the client gave it.
    pub(super) operation_name: Option<Name>,
    /// Query or mutation.
    pub operation: Option<OperationType>,
    /// Points that it costs.
    pub cost: Option<usize>,
    /// Points that its work turned out to take beyond that.
    pub charged: Option<usize>,
    /// Points of the organization that remain, if it is limited.
    pub remaining: Option<Remaining>,
    /// True if it was answered from the cache.
    pub from_cache: bool,
}

impl Answer {
    pub(super) fn refused(errors: Vec<ApiError>, request_id: &str, known: Known) -> Self {
        Self { response: refused(errors, request_id), known, room: None, validator: None }
    }
}

impl Known {
    /// Returns the name of the operation, unless it is long.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.operation_name.as_deref().filter(|name| name.len() <= MAX_OPERATION_NAME_BYTES)
    }
}

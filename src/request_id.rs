//! The id of the request under way, for the lines that it logs wherever they are written.
//!
//! A span of `tracing` would do the same, and be made, entered and left for each request, of which hardly any
//! logs more than its one line.

use std::sync::Arc;

use tokio::{task::futures::TaskLocalFuture, task_local};
use tracing::field::{DisplayValue, display};

task_local! {
    static CURRENT: Arc<str>;
}

/// Runs a future for the request of this id.
pub(crate) fn scope<F: Future>(id: Arc<str>, future: F) -> TaskLocalFuture<Arc<str>, F> {
    CURRENT.scope(id, future)
}

/// Returns the id as the field `request_id` of a log line; `None`, which leaves the field out, where nothing is
/// done for a request.
pub(crate) fn current() -> Option<DisplayValue<Arc<str>>> {
    CURRENT.try_with(|id| display(id.clone())).ok()
}

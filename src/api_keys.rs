//! API keys as the API manages them: listing, creating and revoking. Signing in with one is
//! [`access`](crate::access)'s.

mod create;
mod list;
mod revoke;
mod sweep;

use serde_json::{Value, json};
use uuid::Uuid;

pub use create::CreateKey;
pub use list::{ByCreation, MARK, columns, list};
pub use revoke::RevokeKey;
pub use sweep::sweep;

use crate::writing::idempotency::Replay;

/// Key that was created or revoked.
#[derive(Clone, Debug)]
pub struct SavedKey {
    /// Its id.
    pub id: Uuid,
    /// The key in clear: only in the answer of its creation, never in a repeat.
    pub secret: Option<String>,
}

impl Replay for SavedKey {
    fn record(&self) -> Value {
        json!(self.id)
    }

    fn replay(record: Value) -> Option<Self> {
        Some(Self { id: serde_json::from_value(record).ok()?, secret: None })
    }
}

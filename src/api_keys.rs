//! API keys as the API manages them: listing, creating and revoking. Signing in with one is
//! [`access`](crate::access)'s.

mod create;
mod revoke;

use entity::api_key;
use sea_orm::sea_query::Condition;
use serde_json::{Value, json};
use uuid::Uuid;

pub use create::CreateKey;
pub use revoke::RevokeKey;

use crate::{database::Read, error::DatabaseError, writing::idempotency::Replay};

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

/// Returns all keys of the organization, oldest first, revoked ones too.
///
/// # Errors
/// The database failed.
pub async fn list(read: &impl Read) -> Result<Vec<api_key::Model>, DatabaseError> {
    let mut rows = read.find::<api_key::Entity>(Condition::all()).await?;
    rows.sort_by_key(|row| (row.created_at, row.id));
    Ok(rows)
}

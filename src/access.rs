//! API keys: who is asking, and what they may do.

mod grant;
mod key;
mod last_use;
mod rate;
mod scope;

use std::{collections::HashSet, sync::Arc, time::Duration};

use entity::{api_key, api_key_team};
use moka::future::Cache;
use sea_orm::{ColumnTrait, sea_query::Condition};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

pub use grant::{CreateKey, Grant, Granted, RevokeKey};
pub use key::{Key, MalformedKey};
pub use rate::{Empty, Left, Rate, Rates};
pub use scope::{Scope, Scopes, UnknownScope};

use crate::{
    clock::now_ms,
    database::{Database, Read as _},
    error::DatabaseError,
};
use last_use::LastUse;

/// How long a key is believed without asking the database again: a revoked key stops working
/// within 5 s on every replica.
const BELIEVED: Duration = Duration::from_secs(4);
/// Keys remembered at once, unknown ones included.
const REMEMBERED: u64 = 10_000;

/// Who is asking: what a valid key says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The organization whose rows they see.
    pub org_id: Uuid,
    /// Their key.
    pub key_id: Uuid,
    /// The user the key belongs to.
    pub user_id: Option<Uuid>,
    /// What they may do.
    pub scopes: Scopes,
    /// The teams into which they may put contacts; `None`: all.
    pub teams: Option<HashSet<Uuid>>,
}

/// Why nobody is asking.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The key is malformed, unknown, expired or revoked; which of these is not told.
    #[error("the API key is not valid")]
    InvalidKey,
    /// The key could not be looked up.
    #[error("the API key could not be looked up")]
    Unavailable(#[source] DatabaseError),
}

/// Looks keys up, and remembers them for a few seconds. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Keys {
    database: Database,
    remembered: Cache<String, Option<Arc<Known>>>,
    last_use: LastUse,
}

#[derive(Debug)]
struct Known {
    caller: Arc<Caller>,
    secret_hash: Vec<u8>,
    expires_at: Option<i64>,
}

/// A new key, and the row that will know it again.
#[must_use]
pub fn mint(org_id: Uuid, name: &str, scopes: Scopes, expires_at: Option<i64>) -> (Key, api_key::Model) {
    let key = Key::generate();
    let row = api_key::Model {
        org_id,
        id: Uuid::now_v7(),
        public_id: key.public_id().to_owned(),
        secret_hash: key.hash().to_vec(),
        name: name.to_owned(),
        scopes: scopes.bits(),
        all_teams: true,
        user_id: None,
        created_at: now_ms(),
        last_used_at: None,
        expires_at,
        revoked_at: None,
    };
    (key, row)
}

impl Keys {
    /// Keys of this store.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            remembered: Cache::builder().max_capacity(REMEMBERED).time_to_live(BELIEVED).build(),
            last_use: LastUse::default(),
        }
    }

    /// Who holds this key. A mistyped one is refused without asking the database.
    ///
    /// # Errors
    /// See [`AuthenticationError`].
    pub async fn authenticate(&self, key: &str) -> Result<Arc<Caller>, AuthenticationError> {
        let key: Key = key.parse().map_err(|MalformedKey| AuthenticationError::InvalidKey)?;
        let known = self
            .remembered
            .try_get_with(key.public_id().to_owned(), self.look_up(key.public_id()))
            .await
            .map_err(|error| AuthenticationError::Unavailable((*error).clone()))?
            .ok_or(AuthenticationError::InvalidKey)?;
        let now = now_ms();
        let genuine = bool::from(known.secret_hash.ct_eq(&key.hash()));
        if !genuine || known.expires_at.is_some_and(|at| at <= now) {
            return Err(AuthenticationError::InvalidKey);
        }
        self.last_use.note(&known.caller, now);
        Ok(known.caller.clone())
    }

    /// Writes down when keys were last used.
    pub async fn record_last_use(&self) {
        self.last_use.record(self.database.writer()).await;
    }

    async fn look_up(&self, public_id: &str) -> Result<Option<Arc<Known>>, DatabaseError> {
        let Some(row) = self.database.api_key(public_id).await? else {
            return Ok(None);
        };
        if row.revoked_at.is_some() {
            return Ok(None);
        }
        let teams = if row.all_teams { None } else { Some(self.teams(&row).await?) };
        Ok(Some(Arc::new(Known {
            caller: Arc::new(Caller {
                org_id: row.org_id,
                key_id: row.id,
                user_id: row.user_id,
                scopes: Scopes::from_bits(row.scopes),
                teams,
            }),
            secret_hash: row.secret_hash,
            expires_at: row.expires_at,
        })))
    }

    async fn teams(&self, key: &api_key::Model) -> Result<HashSet<Uuid>, DatabaseError> {
        let of_key = Condition::all().add(api_key_team::Column::ApiKeyId.eq(key.id));
        let rows = self.database.tenant(key.org_id).find::<api_key_team::Entity>(of_key).await?;
        Ok(rows.into_iter().map(|row| row.team_id).collect())
    }
}

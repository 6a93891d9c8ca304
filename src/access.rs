//! API keys, their holders, and what these may do.

mod buckets;
mod failures;
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

pub use buckets::Exhausted;
pub use failures::{FailedKeyLimiter, Network};
pub use key::{Key, MalformedKey};
pub use rate::{Rate, RateLimiter, Remaining};
pub use scope::{Scope, Scopes, UnknownScope};

use crate::{
    clock::now_ms,
    database::{Database, Read as _},
    error::DatabaseError,
};
use last_use::LastUse;

/// Time for which a key is used without asking the database again. A revoked key is promised to stop
/// working within 5 s on every replica, and a request may take some of the fifth.
const KEY_CACHE_TTL: Duration = Duration::from_secs(4);
/// Maximum number of keys in the cache, unknown ones included.
const MAX_CACHED_KEYS: u64 = 10_000;
/// Time since its last use for which a valid key is looked up whatever else its network sends.
const TRUSTED_KEY_TTL: Duration = Duration::from_hours(1);

/// The holder of a valid key, who makes a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Organization whose rows they see.
    pub org_id: Uuid,
    /// Their key.
    pub key_id: Uuid,
    /// The user the key belongs to.
    pub user_id: Option<Uuid>,
    /// Rights of the key.
    pub scopes: Scopes,
    /// Teams that they may change, and into and out of which they may take contacts; `None` for all.
    pub teams: Option<HashSet<Uuid>>,
}

impl Caller {
    /// Returns true if their key is limited to teams, and this is not one of them.
    #[must_use]
    pub fn lacks_team(&self, id: Uuid) -> bool {
        self.teams.as_ref().is_some_and(|teams| !teams.contains(&id))
    }
}

/// Reason why a request has no caller.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The key is malformed, unknown, expired or revoked; which of these is not told.
    #[error("the API key is not valid")]
    InvalidKey,
    /// Too many keys that were not valid came from the same network.
    #[error("too many API keys that are not valid")]
    TooManyFailures(Exhausted),
    /// The key could not be looked up.
    #[error("the API key could not be looked up")]
    Unavailable(#[source] DatabaseError),
}

/// Looks keys up, and caches them for a few seconds. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Keys {
    database: Database,
    cache: Cache<String, Option<Arc<CachedKey>>>,
    /// Hashes of keys that were found valid.
    trusted: Cache<[u8; 32], ()>,
    failure_limiter: FailedKeyLimiter,
    last_use: LastUse,
}

/// A key as it was looked up.
#[derive(Debug)]
struct CachedKey {
    caller: Arc<Caller>,
    secret_hash: Vec<u8>,
    expires_at: Option<i64>,
}

/// Returns a new key, and the row that will recognise it.
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
        maker_id: None,
        removed_at: None,
    };
    (key, row)
}

impl Keys {
    /// Returns the keys of this store, with the default limit for keys that are not valid.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            cache: Cache::builder().max_capacity(MAX_CACHED_KEYS).time_to_live(KEY_CACHE_TTL).build(),
            trusted: Cache::builder().max_capacity(MAX_CACHED_KEYS).time_to_idle(TRUSTED_KEY_TTL).build(),
            failure_limiter: FailedKeyLimiter::default(),
            last_use: LastUse::default(),
        }
    }

    /// The same with another limit for keys that are not valid.
    #[must_use]
    pub fn limited(self, failure_limiter: FailedKeyLimiter) -> Self {
        Self { failure_limiter, ..self }
    }

    /// Returns the holder of this key, who sends it from a network.
    ///
    /// Each key that is not valid counts against its network, the mistyped ones too, which are found
    /// out without asking the database. Where the network has had too many, the database is not
    /// asked for it any more, except for keys that were found valid before: they go on working in a
    /// network from which somebody else guesses keys.
    ///
    /// # Errors
    /// See [`AuthenticationError`].
    pub async fn authenticate(
        &self,
        key: &str,
        network: Option<Network>,
    ) -> Result<Arc<Caller>, AuthenticationError> {
        let Ok(key) = key.parse::<Key>() else {
            return Err(self.failed(network));
        };
        let hash = key.hash();
        // While a key is looked up it counts as failed, so that no more are looked up at once than may
        // still fail. It stays counted when its caller hangs up.
        let mut counted = false;
        let known = match self.cache.get(key.public_id()).await {
            Some(known) => Ok(known),
            None => {
                let looked_up = async {
                    if self.trusted.get(&hash).await.is_none() {
                        self.failure_limiter.count(network).map_err(AuthenticationError::TooManyFailures)?;
                        counted = true;
                    }
                    self.look_up(key.public_id()).await.map_err(AuthenticationError::Unavailable)
                };
                // Requests that come meanwhile with the same key wait for this look-up, and share it. Boxed, or
                // the future of every request would have room for it.
                Box::pin(self.cache.try_get_with_by_ref(key.public_id(), looked_up)).await
            }
        };
        if counted
            && matches!(known.as_ref().map_err(|error| &**error), Err(AuthenticationError::Unavailable(_)))
        {
            self.failure_limiter.give_back(network);
        }
        let now = now_ms();
        let valid = known.map_err(|error| (*error).clone())?.filter(|known| {
            // In constant time, so that the time of the answer does not tell how much of a guess is right.
            let genuine = bool::from(known.secret_hash.ct_eq(&hash));
            // Here and not when it is looked up: a key may expire while it is in the cache.
            genuine && known.expires_at.is_none_or(|at| at > now)
        });
        let Some(known) = valid else {
            return Err(if counted { AuthenticationError::InvalidKey } else { self.failed(network) });
        };
        if counted {
            self.failure_limiter.give_back(network);
            // By its hash: no cache holds a key in clear.
            self.trusted.insert(hash, ()).await;
        }
        self.last_use.note(&known.caller, now);
        Ok(known.caller.clone())
    }

    /// Counts a key that is not valid.
    fn failed(&self, network: Option<Network>) -> AuthenticationError {
        match self.failure_limiter.count(network) {
            Ok(()) => AuthenticationError::InvalidKey,
            Err(exhausted) => AuthenticationError::TooManyFailures(exhausted),
        }
    }

    /// Forgets the networks from which no failed key has come for a while.
    pub fn sweep(&self) {
        self.failure_limiter.sweep();
    }

    /// Writes down when keys were last used.
    pub async fn record_last_use(&self) {
        self.last_use.record(self.database.writer()).await;
    }

    async fn look_up(&self, public_id: &str) -> Result<Option<Arc<CachedKey>>, DatabaseError> {
        let Some(row) = self.database.api_key(public_id).await? else {
            return Ok(None);
        };
        // Cached like an unknown key: it never becomes valid again.
        if row.revoked_at.is_some() {
            return Ok(None);
        }
        let teams = if row.all_teams { None } else { Some(self.teams(&row).await?) };
        Ok(Some(Arc::new(CachedKey {
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};

    use super::*;
    use crate::{
        database::{KeyStore, Options},
        organizations,
    };

    /// Keys of a store of their own, of one network that may fail once, and a valid key.
    async fn keys(folder: &tempfile::TempDir) -> (Keys, Key, Option<Network>) {
        let options = Options::new(format!("sqlite:{}", folder.path().join("contacts.db").display()));
        let database = Database::open(&options).await.expect("a store");
        let organization = organizations::new(Uuid::now_v7(), "Acme", now_ms());
        let (key, row) = mint(organization.id, "web", Scopes::from_bits(0), None);
        let store = KeyStore::open(&options).await.expect("a key store");
        store.add(Some(organization.into_active_model().reset_all()), row).await.expect("a key");
        let network = Network::from(std::net::IpAddr::from(Ipv4Addr::LOCALHOST));
        (Keys::new(database).limited(FailedKeyLimiter::per_minute(1)), key, Some(network))
    }

    /// Empties the cache, which happens by itself after some seconds.
    async fn forget(keys: &Keys) {
        keys.cache.invalidate_all();
        keys.cache.run_pending_tasks().await;
    }

    #[tokio::test]
    async fn a_key_that_was_valid_is_looked_up_again_beside_failures_and_another_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let (keys, key, network) = keys(&folder).await;
        for _ in 0..3 {
            keys.authenticate(key.reveal(), network).await.expect("it is valid");
            forget(&keys).await;
        }
        let failed = keys.authenticate("mistyped", network).await;
        assert!(matches!(failed, Err(AuthenticationError::InvalidKey)), "{failed:?}");
        keys.authenticate(key.reveal(), network).await.expect("it is valid");
        let other = Key::generate();
        let failed = keys.authenticate(other.reveal(), network).await;
        assert!(matches!(failed, Err(AuthenticationError::TooManyFailures(_))), "{failed:?}");
    }

    #[tokio::test]
    async fn a_look_up_that_fails_does_not_count_as_a_key_that_is_not_valid() {
        let folder = tempfile::tempdir().expect("a folder");
        let (keys, key, network) = keys(&folder).await;
        keys.database.close().await;
        for _ in 0..3 {
            let failed = keys.authenticate(key.reveal(), network).await;
            assert!(matches!(failed, Err(AuthenticationError::Unavailable(_))), "{failed:?}");
        }
    }
}

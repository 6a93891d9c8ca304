//! A new organization with its first key.

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use crate::{
    access::{Key, Scope, mint},
    clock::now_ms,
    database::KeyStore,
    error::DatabaseError,
    organizations,
};

/// Makes an organization and a key with all scopes if no organization exists yet. The key is not kept
/// in clear anywhere, so it has to be shown now.
pub(super) async fn ensure(store: &KeyStore) -> Result<Option<Key>, DatabaseError> {
    if !store.organizations().await?.is_empty() {
        return Ok(None);
    }
    let row = organizations::new(Uuid::now_v7(), "My organization", now_ms());
    let (key, key_row) = mint(row.id, "First key", Scope::ALL.into_iter().collect(), None);
    let added = store.add_first(row.into_active_model().reset_all(), key_row).await?;
    Ok(added.then_some(key))
}

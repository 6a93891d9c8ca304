//! An API key, of whose secret only a hash is stored.

use sea_orm::entity::prelude::*;

/// An API key, with its scopes. Only a hash of its secret is stored.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The 12 characters after `cgw_`, unique over all organizations, by which a request's key is found.
    pub public_id: String,
    /// SHA-256 of the whole key.
    pub secret_hash: Vec<u8>,
    pub name: String,
    /// Bit set of scopes.
    pub scopes: i32,
    /// False if the key is limited to the teams of `api_key_team`.
    pub all_teams: bool,
    /// The user in whose name the key acts.
    pub user_id: Option<Uuid>,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    /// The key that made it; null if the command line did.
    pub maker_id: Option<Uuid>,
    /// Time at which maintenance has removed it. A stub of it stays, to which contacts refer.
    pub removed_at: Option<i64>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

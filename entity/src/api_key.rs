//! An API key: who may ask, and what. Only a hash of its secret is kept.

use sea_orm::entity::prelude::*;

/// An API key: who may ask, and what. Only a hash of its secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The 12 characters after `cgw_`; unique over all organizations.
    pub public_id: String,
    /// SHA-256 of the whole key.
    pub secret_hash: Vec<u8>,
    pub name: String,
    /// A bit for each scope.
    pub scopes: i32,
    pub all_teams: bool,
    pub user_id: Option<Uuid>,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

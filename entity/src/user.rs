//! A person of an organization, who may own contacts, be assigned to them, or hold an API key.

use sea_orm::entity::prelude::*;

/// A person of an organization, who may own contacts, be assigned to them, or hold an API key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub external_id: Option<String>,
    pub name: String,
    /// Collation key of the name, at most 256 bytes, by which names sort.
    pub name_key: Vec<u8>,
    /// The name, folded, in which it is searched.
    pub name_fold: String,
    pub email: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

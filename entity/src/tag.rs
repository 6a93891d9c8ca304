//! A tag of an organization, in its first spelling.

use sea_orm::entity::prelude::*;

/// A tag of an organization, in its first spelling.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    /// Composed and without case: what tells tags apart.
    pub name_key: String,
    /// The name folded: what filters compare with.
    pub name_fold: String,
    /// The collation's key of the name.
    pub sort_key: Vec<u8>,
    pub created_at: i64,
    /// Set from its deletion until no contact has it; then the row goes.
    pub deleted_at: Option<i64>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

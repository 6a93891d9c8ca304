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
    /// Name, composed and in lower case. Two names with the same key are the same tag.
    pub name_key: String,
    /// Name, folded, with which filters compare.
    pub name_fold: String,
    /// Collation key of the name, by which tags sort.
    pub sort_key: Vec<u8>,
    pub created_at: i64,
    /// Time of deletion. The row itself is deleted once no contact has the tag.
    pub deleted_at: Option<i64>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The document of a contact that free-text search looks in.

use sea_orm::entity::prelude::*;

/// The document of a contact that free-text search looks in. On SQLite the table has a `rowid` too, by
/// which the trigrams in `contact_search_index` refer to it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_search")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
    /// Folded words, with two line breaks before each.
    pub doc: String,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

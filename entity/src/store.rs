//! Identity of this database: a table of one row.

use sea_orm::entity::prelude::*;

/// Identity of this database: a table of one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "store")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Random id that cursors of the change feed carry. It is renewed after a restore from a backup, which
    /// makes older cursors invalid.
    pub epoch: Uuid,
    pub created_at: i64,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

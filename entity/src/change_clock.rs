//! An organization's change clock: the row that every write locks first, and holds until it commits.

use sea_orm::entity::prelude::*;

/// An organization's change clock: the row that every write locks first, and holds until it commits.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_clock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    /// Sequence of the latest change. It grows with every change; gaps are allowed.
    pub change_seq: i64,
    /// Time of the latest change, in UTC milliseconds. It never runs backwards.
    pub change_at: i64,
    /// Sequence of the settings: it grows when the policy, pipelines or teams change.
    pub settings_seq: i64,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A stage of a pipeline.

use sea_orm::entity::prelude::*;

/// A stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipeline_stage")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub external_id: Option<String>,
    pub name: String,
    /// Collation key of the name, at most 256 bytes, by which names sort.
    pub name_key: Vec<u8>,
    /// Position in the pipeline.
    pub position: i32,
    /// Stage that its contacts move to after its deletion; null if they are unlinked.
    pub moved_to_stage_id: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

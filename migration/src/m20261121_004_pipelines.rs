//! Where the contacts of a deleted stage or pipeline go, and the indexes by which they are found.

use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::m20261121_001_initial::run;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_004_pipelines"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("m20261121_004_pipelines.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DROP INDEX contact_pipeline_stage_id;
             DROP INDEX contact_pipeline_id;
             DELETE FROM follow_up WHERE subject IN ('STAGE', 'PIPELINE');
             ALTER TABLE pipeline_stage DROP COLUMN moved_to_stage_id;
             ALTER TABLE pipeline DROP COLUMN moved_to_stage_id",
        )
        .await
    }
}

//! What contacts still have to follow, and the indexes by which they are found.

use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

use crate::m20261121_001_initial::run;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_003_follow_up"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("m20261121_003_follow_up.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DROP INDEX api_key_user;
             DROP INDEX contact_owner_id;
             DROP INDEX contact_team_id;
             DROP INDEX contact_company_id;
             DROP INDEX tag_name;
             DELETE FROM contact_tag WHERE tag_id IN (SELECT id FROM tag WHERE deleted_at IS NOT NULL);
             DELETE FROM tag WHERE deleted_at IS NOT NULL;
             ALTER TABLE tag DROP COLUMN deleted_at;
             CREATE UNIQUE INDEX tag_name ON tag (org_id, name_key);
             DROP TABLE follow_up",
        )
        .await
    }
}

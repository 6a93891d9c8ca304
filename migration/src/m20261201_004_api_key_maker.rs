//! Makers of API keys, and the time at which maintenance has removed one.

use async_trait::async_trait;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{Migration, run};

/// The third migration.
pub(crate) struct ApiKeyMaker;

// The index of keys that have ended is not led by the organization: sweeps go by age.
const UP: &str = "
    ALTER TABLE api_key ADD COLUMN maker_id UUID;
    ALTER TABLE api_key ADD COLUMN removed_at BIGINT;
    CREATE INDEX api_key_maker ON api_key (org_id, maker_id) WHERE maker_id IS NOT NULL;
    CREATE INDEX api_key_created ON api_key (org_id, created_at, id);
    CREATE INDEX api_key_ended ON api_key (coalesce(revoked_at, expires_at)) WHERE removed_at IS NULL AND coalesce(revoked_at, expires_at) IS NOT NULL";

const DOWN: &str = "
    DROP INDEX api_key_ended;
    DROP INDEX api_key_created;
    DROP INDEX api_key_maker;
    ALTER TABLE api_key DROP COLUMN removed_at;
    ALTER TABLE api_key DROP COLUMN maker_id";

#[async_trait]
impl Migration for ApiKeyMaker {
    fn name(&self) -> &'static str {
        "m20261201_004_api_key_maker"
    }

    async fn up(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        run(tx, UP).await
    }

    async fn down(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        run(tx, DOWN).await
    }
}

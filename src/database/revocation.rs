//! Revoking an API key and all that it has made.

use sea_orm::Statement;
use uuid::Uuid;

use super::{Engine, Read as _, WriteTx};
use crate::{
    clock::now_ms,
    error::{DatabaseError, During as _},
};

/// Returns the statement that revokes a key and the keys that it and these have made, as far as they are not revoked.
///
/// It is to be repeated until it finds none. A key that is being made has locked its maker's row: the statement waits for
/// it, but sees the rows that were there when it began, so the new key is found by the next one.
pub(super) fn statement(engine: Engine, org_id: Uuid, id: Uuid) -> Statement {
    let sql = match engine {
        Engine::Sqlite => {
            "WITH RECURSIVE line (id) AS (SELECT ?2 UNION \
             SELECT api_key.id FROM line JOIN api_key ON api_key.org_id = ?1 AND api_key.maker_id = line.id) \
             UPDATE api_key SET revoked_at = ?3 \
             WHERE org_id = ?1 AND id IN (SELECT id FROM line) AND revoked_at IS NULL"
        }
        Engine::Postgres => {
            "WITH RECURSIVE line (id) AS (SELECT $2::uuid UNION \
             SELECT api_key.id FROM line JOIN api_key ON api_key.org_id = $1 AND api_key.maker_id = line.id) \
             UPDATE api_key SET revoked_at = $3 \
             WHERE org_id = $1 AND id IN (SELECT id FROM line) AND revoked_at IS NULL"
        }
    };
    let values = [org_id.into(), id.into(), now_ms().into()];
    Statement::from_sql_and_values(engine.backend(), sql, values)
}

impl WriteTx<'_> {
    /// Revokes a key and all that it has made.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_key(&self, id: Uuid) -> Result<(), DatabaseError> {
        let revoke = || statement(self.engine(), self.org_id(), id);
        while self.connection().execute(&revoke()).await.during("revoking keys")? > 0 {}
        Ok(())
    }
}

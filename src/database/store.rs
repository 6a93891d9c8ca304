//! Writes outside any organization's order of changes: the epoch, and the organizations and keys that
//! the command line makes.

use entity::{api_key, change_clock, organization, store};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

use super::{
    Engine,
    connect::{self, OpenError, Options, Target},
    revocation,
};
use crate::{
    clock::now_ms,
    error::{DatabaseError, During as _, is_read_only},
};

/// Maximum number of keys of an organization that are neither revoked nor expired.
pub const MAX_LIVE_KEYS: u64 = 1_000;

/// Returns the condition of keys that are neither revoked nor expired.
#[must_use]
pub fn live_keys() -> Condition {
    let (expires_at, revoked_at) = (api_key::Column::ExpiresAt, api_key::Column::RevokedAt);
    let unexpired = Condition::any().add(expires_at.is_null()).add(expires_at.gt(now_ms()));
    Condition::all().add(revoked_at.is_null()).add(unexpired)
}

/// Id of the one row of the store: fixed, so that of several replicas that start at once only one makes
/// it.
const STORE_ID: i32 = 1;

/// Makes the one row of the store, if it is missing. A standby, which takes no writes, has it already.
#[expect(clippy::disallowed_methods, reason = "the store belongs to no organization")]
pub(super) async fn ensure_epoch(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let failed = |error: DbErr| match is_read_only(&error) {
        true => OpenError::Standby("its epoch".to_owned()),
        false => OpenError::Connect(error.to_string()),
    };
    if store::Entity::find_by_id(STORE_ID).one(connection).await.map_err(failed)?.is_some() {
        return Ok(());
    }
    let row = store::ActiveModel { id: Set(STORE_ID), epoch: Set(Uuid::new_v4()), created_at: Set(now_ms()) };
    store::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(connection)
        .await
        .map(drop)
        .map_err(failed)
}

/// Gives the store a new epoch, so that change cursors made before are refused: due after a
/// restore, when the clock may run through numbers again that it has given out before.
///
/// # Errors
/// The store cannot be opened (as long as another process writes to it), or the database failed.
pub async fn new_epoch(options: &Options) -> Result<Uuid, OpenError> {
    let target = connect::target(&options.url)?;
    let _lock = connect::lock(&target)?;
    renew_epoch(&target, options).await
}

/// Brings the tables of a store that nobody else uses up to date, and gives it a new epoch.
#[expect(clippy::disallowed_methods, reason = "the store belongs to no organization")]
pub(super) async fn renew_epoch(target: &Target, options: &Options) -> Result<Uuid, OpenError> {
    let failed = |error: DbErr| OpenError::Connect(error.to_string());
    connect::prepare(target, options).await?;
    let writer = connect::connect(target, options).await?;
    let epoch = Uuid::new_v4();
    store::Entity::update_many()
        .col_expr(store::Column::Epoch, Expr::value(epoch))
        .exec(&writer)
        .await
        .map_err(failed)?;
    writer.close().await.map_err(failed)?;
    Ok(epoch)
}

/// Organizations and API keys as the command line sees them: of every organization, and writable
/// while a server runs. The one exception to "the writer is the only way to write".
#[derive(Debug)]
pub struct KeyStore {
    connection: DatabaseConnection,
}

#[expect(clippy::disallowed_methods, reason = "the command line acts for the whole store")]
impl KeyStore {
    /// Connects, making missing tables. Takes no lock, so that it works beside a server.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the setting.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let connection = connect::connect(&connect::target(&options.url)?, options).await?;
        connect::migrate(&connection).await?;
        Ok(Self { connection })
    }

    /// Lists every organization, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn organizations(&self) -> Result<Vec<organization::Model>, DatabaseError> {
        organization::Entity::find()
            .order_by_asc(organization::Column::CreatedAt)
            .all(&self.connection)
            .await
            .during("listing organizations")
    }

    /// Lists every key, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keys(&self) -> Result<Vec<api_key::Model>, DatabaseError> {
        api_key::Entity::find()
            .order_by_asc(api_key::Column::CreatedAt)
            .all(&self.connection)
            .await
            .during("listing keys")
    }

    /// Adds the first organization and its key, unless an organization exists; false if one does. Of several replicas
    /// that start at once, one adds its own.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_first(
        &self,
        founded: organization::ActiveModel,
        key: api_key::Model,
    ) -> Result<bool, DatabaseError> {
        const DURING: &str = "adding the first organization";
        let transaction = self.begin().await?;
        // Its row is what the others wait for; SQLite lets one write at a time.
        store::Entity::update_many()
            .col_expr(store::Column::Id, Expr::value(STORE_ID))
            .filter(store::Column::Id.eq(STORE_ID))
            .exec(&transaction)
            .await
            .during(DURING)?;
        if organization::Entity::find().one(&transaction).await.during(DURING)?.is_some() {
            return Ok(false);
        }
        insert_all(&transaction, Some(founded), key).await?;
        transaction.commit().await.during(DURING)?;
        Ok(true)
    }

    async fn begin(&self) -> Result<DatabaseTransaction, DatabaseError> {
        self.connection.begin_with_options(immediate()).await.during("beginning a transaction")
    }

    /// Adds a key, and its organization when `founded` is one: both or neither. Returns false, and adds nothing, if
    /// the organization has [`MAX_LIVE_KEYS`] already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add(
        &self,
        founded: Option<organization::ActiveModel>,
        key: api_key::Model,
    ) -> Result<bool, DatabaseError> {
        const DURING: &str = "adding a key";
        let transaction = self.begin().await?;
        if founded.is_none() {
            // Locks the organization's clock, as every other creation of a key does, and leaves it as it is.
            change_clock::Entity::update_many()
                .col_expr(change_clock::Column::ChangeSeq, change_clock::Column::ChangeSeq.into_expr())
                .filter(change_clock::Column::OrgId.eq(key.org_id))
                .exec(&transaction)
                .await
                .during(DURING)?;
            let live = live_keys().add(api_key::Column::OrgId.eq(key.org_id));
            if api_key::Entity::find().filter(live).count(&transaction).await.during(DURING)? >= MAX_LIVE_KEYS
            {
                return Ok(false);
            }
        }
        insert_all(&transaction, founded, key).await?;
        transaction.commit().await.during(DURING)?;
        Ok(true)
    }

    /// Revokes the key with this public id and all that it has made, and returns whether a valid key had it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke(&self, public_id: &str) -> Result<bool, DatabaseError> {
        const DURING: &str = "revoking a key";
        use api_key::Column;
        let transaction = self.begin().await?;
        let named = Condition::all().add(Column::PublicId.eq(public_id)).add(Column::RevokedAt.is_null());
        let Some(key) = api_key::Entity::find().filter(named).one(&transaction).await.during(DURING)? else {
            return Ok(false);
        };
        let revoke = || revocation::statement(Engine::of(&transaction), key.org_id, key.id);
        while transaction.execute_raw(revoke()).await.during(DURING)?.rows_affected() > 0 {}
        transaction.commit().await.during(DURING)?;
        Ok(true)
    }
}

/// Options of a transaction that writes.
fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// Inserts a key, and its organization with a change clock when `founded` is one.
async fn insert_all(
    transaction: &DatabaseTransaction,
    founded: Option<organization::ActiveModel>,
    key: api_key::Model,
) -> Result<(), DatabaseError> {
    if let Some(organization) = founded {
        let clock = change_clock::ActiveModel {
            org_id: organization.id.clone(),
            change_seq: Set(0),
            change_at: Set(0),
            settings_seq: Set(1),
        };
        insert::<organization::Entity>(transaction, organization).await?;
        insert::<change_clock::Entity>(transaction, clock).await?;
    }
    insert::<api_key::Entity>(transaction, key.into_active_model().reset_all()).await
}

async fn insert<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    row: E::ActiveModel,
) -> Result<(), DatabaseError>
where
    E::ActiveModel: Send,
{
    E::insert(row).exec_without_returning(connection).await.map(drop).during("adding a row")
}

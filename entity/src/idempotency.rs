//! The recorded outcome of a mutation with an `Idempotency-Key`.

use sea_orm::entity::prelude::*;

/// The recorded outcome of a mutation with an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    /// Value of the header.
    pub key: String,
    /// Response path of the mutation's field: a request may have several under one key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub path: String,
    /// SHA-256 of the field and its input, by which a key used for another input is noticed.
    pub fingerprint: Vec<u8>,
    /// Outcome as JSON: ids, outcomes and problems, without personal data.
    pub answer: String,
    pub created_at: i64,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

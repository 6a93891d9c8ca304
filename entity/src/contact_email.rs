//! An email address of a contact.

use sea_orm::entity::prelude::*;

/// An email address of a contact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_email")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub position: i32,
    pub address: String,
    /// Address in lower case, with its domain in ASCII. Two addresses with the same key are the same.
    pub address_key: String,
    /// Address, folded, in which parts of it are searched.
    pub address_fold: String,
    pub label: Option<String>,
    pub is_primary: bool,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

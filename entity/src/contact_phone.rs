//! A phone number of a contact.

use sea_orm::entity::prelude::*;

/// A phone number of a contact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_phone")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub position: i32,
    /// Number in E.164, or as it was given if the policy allows that.
    pub number: String,
    /// Extension, dialled after the number.
    pub extension: Option<String>,
    #[sea_orm(column_name = "type")]
    pub kind: PhoneType,
    pub label: Option<String>,
    pub is_primary: bool,
    pub is_whatsapp: bool,
    pub do_not_call: bool,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Kind of phone.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Default)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PhoneType {
    /// A mobile phone.
    #[sea_orm(string_value = "MOBILE")]
    Mobile,
    /// A phone at work.
    #[sea_orm(string_value = "WORK")]
    Work,
    /// A phone at home.
    #[sea_orm(string_value = "HOME")]
    Home,
    /// The main line of a company.
    #[sea_orm(string_value = "MAIN")]
    Main,
    /// A fax machine.
    #[sea_orm(string_value = "FAX")]
    Fax,
    /// Any other kind; the label may name it.
    #[sea_orm(string_value = "OTHER")]
    #[default]
    Other,
}

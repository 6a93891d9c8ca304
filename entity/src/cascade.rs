//! Cascades that are not done yet: changes of contacts that the change of something they refer to
//! entails.

use sea_orm::entity::prelude::*;

/// Cascade. It is written with the change that starts it, and deleted with the last of its contacts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cascade")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub subject: Subject,
    /// Id of the row that has changed; that row tells the new state.
    pub subject_id: Uuid,
    /// Last contact that was brought into line; they go by id.
    pub reached: Option<Uuid>,
    /// Key that made the change, and so makes those of the contacts.
    pub key_id: Uuid,
    /// User of that key.
    pub user_id: Option<Uuid>,
    pub created_at: i64,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Table of the row that has changed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Subject {
    /// A company: linked contacts show its name, or are unlinked.
    #[sea_orm(string_value = "COMPANY")]
    Company,
    /// A team that is gone.
    #[sea_orm(string_value = "TEAM")]
    Team,
    /// A tag: contacts show its name, or lose it.
    #[sea_orm(string_value = "TAG")]
    Tag,
    /// A user that is gone.
    #[sea_orm(string_value = "USER")]
    User,
    /// A pipeline that is gone: its contacts move to another's stage, or are unlinked.
    #[sea_orm(string_value = "PIPELINE")]
    Pipeline,
    /// A stage: where the organization uses pipelines contacts show its name; when it is gone they
    /// move to another, or are unlinked.
    #[sea_orm(string_value = "STAGE")]
    Stage,
}

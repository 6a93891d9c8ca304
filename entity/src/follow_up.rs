//! Work that the change of something that contacts refer to has left: contacts that still show it
//! as it was.

use sea_orm::entity::prelude::*;

/// Contacts that are still to follow a change. It is written with that change, and goes with the
/// last of those contacts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_up")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub subject: Subject,
    /// What has changed; its own row says into what.
    pub subject_id: Uuid,
    /// The last contact that has followed; they go by id.
    pub reached: Option<Uuid>,
    /// The key that made the change, and makes those of the contacts.
    pub key_id: Uuid,
    /// That key's user.
    pub user_id: Option<Uuid>,
    pub created_at: i64,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What contacts follow.
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

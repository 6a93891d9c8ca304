//! Pending cascade: contacts that are still to be updated after a change of an object that they refer to.

use sea_orm::entity::prelude::*;

/// A pending cascade. It is inserted in the transaction of the change, and deleted with the update of the
/// last contact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cascade")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Kind of the object that changed.
    pub subject: Subject,
    /// Id of the object that changed. Its own row has the state that contacts are to show.
    pub subject_id: Uuid,
    /// Last contact that was updated, in the order of ids.
    pub reached: Option<Uuid>,
    /// API key that made the change, and in whose name the contacts are updated.
    pub key_id: Uuid,
    /// User of that key.
    pub user_id: Option<Uuid>,
    pub created_at: i64,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Kind of the object that contacts refer to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Subject {
    /// A company: linked contacts show its name, or are unlinked.
    #[sea_orm(string_value = "COMPANY")]
    Company,
    /// A deleted team: its contacts have none.
    #[sea_orm(string_value = "TEAM")]
    Team,
    /// A tag: contacts show its name, or lose it.
    #[sea_orm(string_value = "TAG")]
    Tag,
    /// A deleted user: contacts lose their owner or assignee.
    #[sea_orm(string_value = "USER")]
    User,
    /// A deleted pipeline: its contacts move to a stage of another, or are unlinked.
    #[sea_orm(string_value = "PIPELINE")]
    Pipeline,
    /// A stage: in an organization with pipelines contacts show its name; if it is deleted, they move to
    /// another, or are unlinked.
    #[sea_orm(string_value = "STAGE")]
    Stage,
}

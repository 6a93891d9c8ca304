//! A contact. What is deleted, merged away or purged stays as a row with `deleted_at`.

use sea_orm::entity::prelude::*;

/// A contact. What is deleted, merged away or purged stays as a row with `deleted_at`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub external_id: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The primary address, as in `contact_email`.
    pub email: Option<String>,
    /// The primary number, as in `contact_phone`.
    pub phone: Option<String>,
    /// The number flagged so in `contact_phone`.
    pub whatsapp_number: Option<String>,
    pub company: Option<String>,
    pub company_id: Option<Uuid>,
    pub job_title: Option<String>,
    pub industry: Option<String>,
    pub website: Option<String>,
    pub linkedin_url: Option<String>,
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub country: Option<String>,
    pub timezone: Option<String>,
    pub language: Option<String>,
    /// JSON list of the tag names, in the order of adding: what `contact_tag` holds, for reading.
    pub tags: String,
    pub status: String,
    pub stage: Option<String>,
    pub pipeline_id: Option<Uuid>,
    pub pipeline_stage_id: Option<Uuid>,
    pub process: Option<String>,
    pub source: String,
    pub score: Option<i32>,
    pub notes: Option<String>,
    pub is_active: bool,
    pub email_subscribed: bool,
    /// JSON object.
    pub metadata: String,
    /// JSON object.
    pub industry_context: String,
    pub team_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub source_created_at: Option<i64>,
    pub enriched_at: Option<i64>,
    pub enriched_seq: Option<i64>,
    pub enrichment_status: Option<String>,
    pub tag_added_at: Option<i64>,
    pub tag_added_seq: Option<i64>,
    pub created_at: i64,
    /// The change sequence at `created_at`; likewise for the other stamps.
    pub created_seq: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub change_seq: i64,
    pub updated_by: Option<Uuid>,
    /// The API key that made the latest change.
    pub updated_by_key: Option<Uuid>,
    pub version: i32,
    /// The latest step.
    pub operation: Operation,
    /// Set on all that is not live: deleted, merged away, purged.
    pub deleted_at: Option<i64>,
    /// The survivor, when merged away.
    pub merged_into_id: Option<Uuid>,
    /// The collation's key of last and first name, at most 256 bytes: what names sort by.
    pub name_key: Option<Vec<u8>>,
    /// As `name_key`, of the company.
    pub company_key: Option<Vec<u8>>,
    /// The whole name folded: what it compares by. Null when there is no name.
    pub first_name_fold: Option<String>,
    /// The last name, folded as `first_name_fold` is.
    pub last_name_fold: Option<String>,
    /// The company, folded as `first_name_fold` is.
    pub company_fold: Option<String>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The latest step of a contact's life.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Operation {
    /// Made.
    #[sea_orm(string_value = "CREATED")]
    Created,
    /// Changed.
    #[sea_orm(string_value = "UPDATED")]
    Updated,
    /// Deleted; can be restored.
    #[sea_orm(string_value = "DELETED")]
    Deleted,
    /// Live again.
    #[sea_orm(string_value = "RESTORED")]
    Restored,
    /// Folded into another contact.
    #[sea_orm(string_value = "MERGED")]
    Merged,
    /// Erased: only the id is left.
    #[sea_orm(string_value = "PURGED")]
    Purged,
}

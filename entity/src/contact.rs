//! A contact. The row stays, with `deleted_at`, when it is deleted, merged into another or purged.

use sea_orm::entity::prelude::*;

/// A contact. The row stays, with `deleted_at`, when it is deleted, merged into another or purged.
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
    /// Address of the primary row of `contact_email`.
    pub email: Option<String>,
    /// Number of the primary row of `contact_phone`.
    pub phone: Option<String>,
    /// Number of the row of `contact_phone` that is flagged for WhatsApp.
    pub whatsapp_number: Option<String>,
    /// Company name as text; that of the company if one is linked.
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
    /// JSON list of the tag names in the order of `contact_tag`, so that a list of contacts reads no other
    /// table.
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
    /// Change sequence at `created_at`. The other times have theirs too: `updated_at` has `change_seq`.
    pub created_seq: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub change_seq: i64,
    pub updated_by: Option<Uuid>,
    /// API key that made the latest change.
    pub updated_by_key: Option<Uuid>,
    pub version: i32,
    /// Latest operation.
    pub operation: Operation,
    /// Null in a live contact; set in one that was deleted, merged into another or purged.
    pub deleted_at: Option<i64>,
    /// Contact that this one was merged into.
    pub merged_into_id: Option<Uuid>,
    /// Collation key of last and first name, at most 256 bytes, by which names sort.
    pub name_key: Option<Vec<u8>>,
    /// Collation key of the company name, at most 256 bytes.
    pub company_key: Option<Vec<u8>>,
    /// First name, folded, by which it compares. Null if the name is null.
    pub first_name_fold: Option<String>,
    /// Last name, folded as `first_name_fold` is.
    pub last_name_fold: Option<String>,
    /// Company name, folded as `first_name_fold` is.
    pub company_fold: Option<String>,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Operation that last changed a contact.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Operation {
    /// Created.
    #[sea_orm(string_value = "CREATED")]
    Created,
    /// Changed.
    #[sea_orm(string_value = "UPDATED")]
    Updated,
    /// Deleted; can be restored.
    #[sea_orm(string_value = "DELETED")]
    Deleted,
    /// Restored after a deletion.
    #[sea_orm(string_value = "RESTORED")]
    Restored,
    /// Merged into another contact.
    #[sea_orm(string_value = "MERGED")]
    Merged,
    /// Erased: only the ids, times and version are left.
    #[sea_orm(string_value = "PURGED")]
    Purged,
}

//! The tables of the contacts gateway: one file for each.
//!
//! This crate defines their columns, and knows nothing of GraphQL. Times are UTC milliseconds; lists and
//! objects are JSON texts. A column is private to the gateway until the API lists it.

#![expect(missing_docs, reason = "a column is documented where its name does not say it all")]

use sea_orm::{EntityTrait, TryIntoModel};

pub mod api_key;
pub mod api_key_team;
pub mod cascade;
pub mod change_clock;
pub mod company;
pub mod contact;
pub mod contact_assignee;
pub mod contact_email;
pub mod contact_phone;
pub mod contact_search;
pub mod contact_tag;
pub mod idempotency;
pub mod organization;
pub mod pipeline;
pub mod pipeline_stage;
pub mod store;
pub mod tag;
pub mod team;
pub mod team_member;
pub mod user;

/// An entity whose rows each belong to one organization.
pub trait Tenanted: EntityTrait<ActiveModel: TryIntoModel<Self::Model>> {
    /// Column of the organization's id.
    const ORG_ID: Self::Column;
}

macro_rules! tenanted {
    ($($table:ident . $column:ident),+ $(,)?) => {
        $(impl Tenanted for $table::Entity {
            const ORG_ID: Self::Column = $table::Column::$column;
        })+
    };
}

tenanted!(
    api_key.OrgId,
    api_key_team.OrgId,
    cascade.OrgId,
    change_clock.OrgId,
    company.OrgId,
    contact.OrgId,
    contact_assignee.OrgId,
    contact_email.OrgId,
    contact_phone.OrgId,
    contact_search.OrgId,
    contact_tag.OrgId,
    idempotency.OrgId,
    organization.Id,
    pipeline.OrgId,
    pipeline_stage.OrgId,
    tag.OrgId,
    team.OrgId,
    team_member.OrgId,
    user.OrgId,
);

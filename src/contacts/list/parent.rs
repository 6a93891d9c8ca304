//! Lists of the contacts that belong to another object.

use entity::{contact, contact_tag};
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, IntoCondition as _},
};
use uuid::Uuid;

use super::ParentTable;
use crate::database::Read;

/// Object whose contacts a list is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Parent {
    Company(Uuid),
    Team(Uuid),
    Tag(Uuid),
    Stage(Uuid),
}

impl Parent {
    /// Returns the table that says which contacts belong to the object.
    pub(super) fn table(self) -> ParentTable {
        match self {
            Self::Company(_) | Self::Team(_) | Self::Stage(_) => ParentTable::Contact,
            Self::Tag(_) => ParentTable::Other,
        }
    }

    /// Returns the condition that a contact belongs to the object.
    pub(super) fn condition(self, read: &impl Read) -> Condition {
        match self {
            Self::Company(id) => contact::Column::CompanyId.eq(id).into_condition(),
            Self::Team(id) => contact::Column::TeamId.eq(id).into_condition(),
            Self::Stage(id) => contact::Column::PipelineStageId.eq(id).into_condition(),
            Self::Tag(id) => read
                .select::<contact_tag::Entity>()
                .column(contact_tag::Column::ContactId)
                .filter(contact_tag::Column::TagId.eq(id))
                .holds(contact::Column::Id.into_simple_expr())
                .into_condition(),
        }
    }
}

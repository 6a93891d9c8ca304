//! The object types that are written from rows. Unless it is listed here, a field is the column of its name.

use entity::{
    company, contact, contact_assignee, contact_email, contact_phone, pipeline, pipeline_stage, team,
    team_member, user,
};
use uuid::Uuid;

use super::{
    cell,
    object::{Source, Written, column},
    relation::Tables,
};
use crate::{contacts, database::RawRow, error::DatabaseError, graphql::contact::DISPLAY_NAME};

impl Written for contact::Entity {
    const TYPE: &'static str = "Contact";
    const COUNTS_TEXTS: bool = true;

    fn source(field: &str) -> Source<contact::Column> {
        use contact::Column;
        match field {
            "displayName" => Source::Computed(DISPLAY_NAME.to_vec(), display_name),
            "emails" => Source::Many(Tables::many::<contact_email::Entity>),
            "phones" => Source::Many(Tables::many::<contact_phone::Entity>),
            "assignees" => Source::Many(|tables, builder, selection| {
                let user = contact_assignee::Column::UserId;
                tables.through::<contact_assignee::Entity, user::Entity>(builder, selection, user)
            }),
            "companyRecord" => Source::One(Column::CompanyId, Tables::one::<company::Entity>),
            "pipeline" => Source::One(Column::PipelineId, Tables::one::<pipeline::Entity>),
            "pipelineStage" => Source::One(Column::PipelineStageId, Tables::one::<pipeline_stage::Entity>),
            "team" => Source::One(Column::TeamId, Tables::one::<team::Entity>),
            "owner" => Source::One(Column::OwnerId, Tables::one::<user::Entity>),
            "createdBy" => Source::One(Column::CreatedBy, Tables::one::<user::Entity>),
            "updatedBy" => Source::One(Column::UpdatedBy, Tables::one::<user::Entity>),
            _ => column(field),
        }
    }
}

fn display_name(
    row: &RawRow<'_>,
    id: Uuid,
    places: &[usize],
    json: &mut Vec<u8>,
) -> Result<(), DatabaseError> {
    let mut cells = Vec::with_capacity(places.len());
    for place in places {
        cells.push(row.text(*place)?);
    }
    let (names, others) = cells.split_at(cells.len().min(2));
    let (first, last) = (names.first().copied().flatten(), names.get(1).copied().flatten());
    cell::write_text(&contacts::display_name(id, first, last, others), json)
}

impl Written for contact_phone::Entity {
    const TYPE: &'static str = "ContactPhone";

    fn source(field: &str) -> Source<contact_phone::Column> {
        match field {
            "type" => Source::Column(contact_phone::Column::Kind),
            _ => column(field),
        }
    }
}

impl Written for contact_email::Entity {
    const TYPE: &'static str = "ContactEmail";
}

impl Written for company::Entity {
    const TYPE: &'static str = "Company";
}

impl Written for user::Entity {
    const TYPE: &'static str = "User";
}

impl Written for team::Entity {
    const TYPE: &'static str = "Team";

    fn source(field: &str) -> Source<team::Column> {
        match field {
            "members" => Source::Many(|tables, builder, selection| {
                let user = team_member::Column::UserId;
                tables.through::<team_member::Entity, user::Entity>(builder, selection, user)
            }),
            _ => column(field),
        }
    }
}

impl Written for pipeline::Entity {
    const TYPE: &'static str = "Pipeline";

    fn source(field: &str) -> Source<pipeline::Column> {
        match field {
            "stages" => Source::Many(Tables::many::<pipeline_stage::Entity>),
            _ => column(field),
        }
    }
}

impl Written for pipeline_stage::Entity {
    const TYPE: &'static str = "PipelineStage";

    fn source(field: &str) -> Source<pipeline_stage::Column> {
        match field {
            "pipeline" => {
                Source::One(pipeline_stage::Column::PipelineId, Tables::one_that_exists::<pipeline::Entity>)
            }
            _ => column(field),
        }
    }
}

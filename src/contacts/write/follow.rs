//! Contacts that follow a change of what they refer to: some at a time, by id, each a change like
//! any other.
//!
//! What they are to show is read under the clock, so that a contact can only come nearer to the
//! latest state, however many such changes are on their way.

use entity::{
    company, contact, contact_assignee, contact_tag,
    follow_up::{self, Subject},
    pipeline, pipeline_stage, tag,
};
use sea_orm::{ColumnTrait, IntoSimpleExpr as _, Order, sea_query::Condition};
use uuid::Uuid;

use super::Command;
use crate::{
    contacts::record::Record,
    database::{Read as _, Scoped, WriteTx},
    error::DatabaseError,
    organizations::{Settings, Stage},
};

/// Contacts that follow in one job, at most.
pub(crate) const CHUNK: usize = 1_000;

/// Some contacts, and what they follow.
#[derive(Debug)]
pub(super) struct Following {
    row: follow_up::Model,
    now: Now,
    ids: Vec<Uuid>,
}

/// What there is now of what contacts refer to.
#[derive(Debug)]
enum Now {
    /// It is called so.
    Named(String),
    /// It is this stage, or its contacts move to this one.
    Stage {
        stage: Stage,
        /// Whether the organization uses pipelines, and so contacts show the name.
        is_shown: bool,
    },
    /// Nothing.
    Gone,
}

impl Following {
    /// What the command says to follow, unless that is done already.
    pub(super) async fn load(
        tx: &WriteTx<'_>,
        command: &Command,
        settings: &Settings,
    ) -> Result<Option<Self>, DatabaseError> {
        let Command::Follow { id } = command else {
            return Ok(None);
        };
        let of_id = Condition::all().add(follow_up::Column::Id.eq(*id));
        let Some(row) = tx.find::<follow_up::Entity>(of_id).await?.pop() else {
            return Ok(None);
        };
        let now = now(tx, settings, &row).await?;
        let ids = next(tx, &row).await?;
        Ok(Some(Self { row, now, ids }))
    }

    /// The contacts whose turn it is.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.ids.iter().copied()
    }

    /// Brings a contact into line.
    pub(super) fn apply(&self, record: &mut Record) {
        let subject = self.row.subject_id;
        let refers = |id: Option<Uuid>| id == Some(subject);
        match self.row.subject {
            Subject::Company if refers(record.row.company_id) => match &self.now {
                Now::Named(name) => record.row.company = Some(name.clone()),
                Now::Stage { .. } | Now::Gone => record.row.company_id = None,
            },
            Subject::Team if refers(record.row.team_id) => record.row.team_id = None,
            Subject::Pipeline if refers(record.row.pipeline_id) => self.place(&mut record.row),
            Subject::Stage if refers(record.row.pipeline_stage_id) => self.place(&mut record.row),
            Subject::Company | Subject::Team | Subject::Pipeline | Subject::Stage => {}
            Subject::Tag => match &self.now {
                Now::Named(name) => {
                    for tag in record.tags.iter_mut().filter(|tag| tag.id == subject) {
                        tag.name.clone_from(name);
                    }
                }
                Now::Stage { .. } | Now::Gone => record.tags.retain(|tag| tag.id != subject),
            },
            Subject::User => {
                record.row.owner_id = record.row.owner_id.filter(|id| *id != subject);
                record.assignees.retain(|id| *id != subject);
            }
        }
    }

    /// Puts a contact into the stage there is now, or out of the one that is gone.
    fn place(&self, row: &mut contact::Model) {
        let Now::Stage { stage, is_shown } = &self.now else {
            row.pipeline_stage_id = None;
            if self.row.subject == Subject::Pipeline {
                row.pipeline_id = None;
            }
            return;
        };
        row.pipeline_id = Some(stage.pipeline_id);
        row.pipeline_stage_id = Some(stage.id);
        if *is_shown {
            row.status.clone_from(&stage.name);
            row.stage = Some(stage.name.clone());
        }
    }

    /// Writes down how far it has come, or that it is done.
    pub(super) async fn save(&self, tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
        if self.ids.len() == CHUNK {
            let row = follow_up::Model { reached: self.ids.last().copied(), ..self.row.clone() };
            return tx.replace::<follow_up::Entity>(vec![row]).await;
        }
        tx.delete_of::<follow_up::Entity>(follow_up::Column::Id, &[self.row.id]).await?;
        if self.row.subject == Subject::Tag && matches!(self.now, Now::Gone) {
            tx.delete_of::<tag::Entity>(tag::Column::Id, &[self.row.subject_id]).await?;
        }
        Ok(())
    }
}

async fn now(tx: &WriteTx<'_>, settings: &Settings, row: &follow_up::Model) -> Result<Now, DatabaseError> {
    let id = row.subject_id;
    let name = match row.subject {
        Subject::Company => {
            let live =
                Condition::all().add(company::Column::Id.eq(id)).add(company::Column::DeletedAt.is_null());
            tx.find::<company::Entity>(live).await?.pop().map(|row| row.name)
        }
        Subject::Tag => {
            let live = Condition::all().add(tag::Column::Id.eq(id)).add(tag::Column::DeletedAt.is_null());
            tx.find::<tag::Entity>(live).await?.pop().map(|row| row.name)
        }
        Subject::Team | Subject::User => None,
        Subject::Pipeline => {
            let of_id = Condition::all().add(pipeline::Column::Id.eq(id));
            let pipeline = tx.find::<pipeline::Entity>(of_id).await?.pop();
            return stage(tx, settings, pipeline.and_then(|row| row.moved_to_stage_id)).await;
        }
        Subject::Stage => return stage(tx, settings, Some(id)).await,
    };
    Ok(name.map_or(Now::Gone, Now::Named))
}

/// The stage with this id; if it is gone, the one that its contacts move to. That one may be gone
/// by now too, but it was there when the other went, so this comes to an end.
async fn stage(tx: &WriteTx<'_>, settings: &Settings, mut id: Option<Uuid>) -> Result<Now, DatabaseError> {
    while let Some(wanted) = id {
        if let Some(stage) = settings.stage(wanted) {
            return Ok(Now::Stage { stage: stage.clone(), is_shown: settings.policy.uses_pipelines });
        }
        let of_id = Condition::all().add(pipeline_stage::Column::Id.eq(wanted));
        id = tx.find::<pipeline_stage::Entity>(of_id).await?.pop().and_then(|row| row.moved_to_stage_id);
    }
    Ok(Now::Gone)
}

/// The next contacts by id, deleted ones too.
async fn next(tx: &WriteTx<'_>, row: &follow_up::Model) -> Result<Vec<Uuid>, DatabaseError> {
    use contact::Column::{CompanyId, Id, OwnerId, PipelineId, PipelineStageId, TeamId};
    let subject = row.subject_id;
    let of_column = |column: contact::Column| {
        let select = tx.select::<contact::Entity>().column(Id).filter(column.eq(subject));
        chunk(select, Id, row.reached)
    };
    let selects = match row.subject {
        Subject::Company => vec![of_column(CompanyId)],
        Subject::Team => vec![of_column(TeamId)],
        Subject::Pipeline => vec![of_column(PipelineId)],
        Subject::Stage => vec![of_column(PipelineStageId)],
        Subject::Tag => {
            use contact_tag::Column::{ContactId, TagId};
            let select = tx
                .select::<contact_tag::Entity>()
                .expr(ContactId.into_simple_expr(), "id")
                .filter(TagId.eq(subject));
            vec![chunk(select, ContactId, row.reached).retyped()]
        }
        Subject::User => {
            use contact_assignee::Column::{ContactId, UserId};
            let select = tx
                .select::<contact_assignee::Entity>()
                .expr(ContactId.into_simple_expr(), "id")
                .filter(UserId.eq(subject));
            vec![of_column(OwnerId), chunk(select, ContactId, row.reached).retyped()]
        }
    };
    let mut ids = Vec::new();
    for row in tx.rows(tx.select::<contact::Entity>().concat(selects)).await? {
        ids.push(row.value::<Uuid>("id")?);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(CHUNK);
    Ok(ids)
}

fn chunk<E: entity::Tenanted>(select: Scoped<E>, id: E::Column, reached: Option<Uuid>) -> Scoped<E> {
    let after = reached.map(|reached| id.gt(reached));
    select.filter(Condition::all().add_option(after)).order_by(id, Order::Asc).limit(CHUNK as u64)
}

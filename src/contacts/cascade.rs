//! Cascades: after a company, team, tag, user, pipeline or stage has changed, the contacts that refer
//! to it are updated, some at a time, by id, each update a change like any other.
//!
//! The state that they are to show is read while the change clock is held, so a contact only comes
//! nearer to the latest state, however many cascades are under way.

use entity::{
    cascade::{self, Subject},
    company, contact,
    contact::Operation,
    contact_assignee, contact_tag, pipeline, pipeline_stage, tag,
};
use sea_orm::{ColumnTrait, IntoSimpleExpr as _, Order, sea_query::Condition};
use uuid::Uuid;

use super::{
    MAX_PART,
    contact_set::{ContactKeys, ContactSet},
    record::Record,
    store,
};
use crate::{
    access::Caller,
    database::{Database, Outcome, Read as _, Scoped, WriteError, WriteTx},
    error::DatabaseError,
    organizations::{Settings, SettingsCache, Stage},
    writing,
};

/// Updates all contacts for the change that this cascade was recorded for.
///
/// # Errors
/// A step could not be written, or perhaps was: see [`WriteError`]. It can be run again.
pub(crate) async fn run(
    database: &Database,
    settings: &SettingsCache,
    caller: &Caller,
    id: Uuid,
) -> Result<(), WriteError> {
    let step = || Step { id, caller: caller.clone(), cache: settings.clone() };
    // A step with fewer contacts than the maximum was the last one.
    while database.write(caller.org_id, step()).await? == MAX_PART {}
    Ok(())
}

/// One step of a cascade: the next contacts. Its answer is their number, which is below the maximum in
/// the last step.
struct Step {
    id: Uuid,
    caller: Caller,
    cache: SettingsCache,
}

impl writing::Operation for Step {
    type Answer = usize;

    fn rows(&self) -> u32 {
        u32::try_from(MAX_PART).unwrap_or(u32::MAX)
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<usize>, DatabaseError> {
        let of_id = Condition::all().add(cascade::Column::Id.eq(self.id));
        let Some(row) = tx.find::<cascade::Entity>(of_id).await?.pop() else {
            // It is done already, by another server or by an earlier attempt.
            return Ok(Outcome::Unchanged(0));
        };
        let settings = self.cache.in_transaction(tx).await?;
        let cascade = Cascade { state: state(tx, &settings, &row).await?, row };
        let ids = next_contacts(tx, &cascade.row).await?;
        let mut contacts = ContactSet::default();
        contacts
            .load(tx, ContactKeys { ids: ids.iter().copied().collect(), ..ContactKeys::default() })
            .await?;
        for old in ids.iter().filter_map(|id| contacts.any(*id).cloned()).collect::<Vec<_>>() {
            let mut record = old.clone();
            cascade.apply(&mut record);
            record.settle();
            if record != old {
                // A deleted contact is updated too, because it may be restored, and it stays deleted.
                let operation = if old.is_live() { Operation::Updated } else { old.row.operation };
                record.stamp(tx.stamp()?, Some(&old), operation, &self.caller);
                contacts.put(record);
            }
        }
        store::save(tx, Vec::new(), contacts.changed()).await?;
        cascade.save_progress(tx, &ids).await?;
        Ok(Outcome::Changed(ids.len()))
    }
}

/// A cascade: its row, and the state that contacts are to show.
struct Cascade {
    row: cascade::Model,
    state: State,
}

/// State of the object that contacts refer to.
enum State {
    /// The object exists under this name.
    Named(String),
    /// The object is this stage, or its contacts move to this one.
    Stage {
        stage: Stage,
        /// True if the organization uses pipelines, and so contacts show the stage's name.
        is_shown: bool,
    },
    /// The object is deleted.
    Gone,
}

impl Cascade {
    /// Updates a contact.
    fn apply(&self, record: &mut Record) {
        let subject = self.row.subject_id;
        let refers = |id: Option<Uuid>| id == Some(subject);
        match self.row.subject {
            Subject::Company if refers(record.row.company_id) => match &self.state {
                State::Named(name) => record.row.company = Some(name.clone()),
                State::Stage { .. } | State::Gone => record.row.company_id = None,
            },
            Subject::Team if refers(record.row.team_id) => record.row.team_id = None,
            Subject::Pipeline if refers(record.row.pipeline_id) => self.move_to_stage(&mut record.row),
            Subject::Stage if refers(record.row.pipeline_stage_id) => self.move_to_stage(&mut record.row),
            Subject::Company | Subject::Team | Subject::Pipeline | Subject::Stage => {}
            Subject::Tag => match &self.state {
                State::Named(name) => {
                    for tag in record.tags.iter_mut().filter(|tag| tag.id == subject) {
                        tag.name.clone_from(name);
                    }
                }
                State::Stage { .. } | State::Gone => record.tags.retain(|tag| tag.id != subject),
            },
            Subject::User => {
                record.row.owner_id = record.row.owner_id.filter(|id| *id != subject);
                record.assignees.retain(|id| *id != subject);
            }
        }
    }

    /// Moves a contact to the current stage. If that is gone, it has none.
    fn move_to_stage(&self, row: &mut contact::Model) {
        let State::Stage { stage, is_shown } = &self.state else {
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

    /// Records the last contact of this step, or deletes the cascade if it is done.
    async fn save_progress(&self, tx: &WriteTx<'_>, ids: &[Uuid]) -> Result<(), DatabaseError> {
        if ids.len() == MAX_PART {
            let row = cascade::Model { reached: ids.last().copied(), ..self.row.clone() };
            return tx.replace::<cascade::Entity>(vec![row]).await;
        }
        tx.delete_of::<cascade::Entity>(cascade::Column::Id, &[self.row.id]).await?;
        // The row of a deleted tag stays until no contact refers to it.
        if self.row.subject == Subject::Tag && matches!(self.state, State::Gone) {
            tx.delete_of::<tag::Entity>(tag::Column::Id, &[self.row.subject_id]).await?;
        }
        Ok(())
    }
}

/// Reads the state of the object, whatever it was when the cascade was recorded.
async fn state(tx: &WriteTx<'_>, settings: &Settings, row: &cascade::Model) -> Result<State, DatabaseError> {
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
    Ok(name.map_or(State::Gone, State::Named))
}

/// Returns the stage with this id; if it is gone, the one that its contacts move to.
async fn stage(tx: &WriteTx<'_>, settings: &Settings, mut id: Option<Uuid>) -> Result<State, DatabaseError> {
    // The next stage may be gone by now too. It existed when the one before it was deleted, so no stage
    // comes twice, and the loop ends.
    while let Some(stage_id) = id {
        if let Some(stage) = settings.stage(stage_id) {
            return Ok(State::Stage { stage: stage.clone(), is_shown: settings.policy.uses_pipelines });
        }
        let of_id = Condition::all().add(pipeline_stage::Column::Id.eq(stage_id));
        id = tx.find::<pipeline_stage::Entity>(of_id).await?.pop().and_then(|row| row.moved_to_stage_id);
    }
    Ok(State::Gone)
}

/// Returns the next contacts that refer to the object, by id, deleted ones too.
async fn next_contacts(tx: &WriteTx<'_>, row: &cascade::Model) -> Result<Vec<Uuid>, DatabaseError> {
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
    // Each arm has at most a step's contacts, so the first of both together are the next ones.
    let mut ids = Vec::new();
    for row in tx.rows(tx.select::<contact::Entity>().concat(selects)).await? {
        ids.push(row.value::<Uuid>("id")?);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MAX_PART);
    Ok(ids)
}

/// Limits a select to the contacts of one step.
fn chunk<E: entity::Tenanted>(select: Scoped<E>, id: E::Column, reached: Option<Uuid>) -> Scoped<E> {
    let after = reached.map(|reached| id.gt(reached));
    select.filter(Condition::all().add_option(after)).order_by(id, Order::Asc).limit(MAX_PART as u64)
}

//! Cascades: contacts that show a company, team, tag, user, pipeline or stage are brought into line
//! after it has changed: some at a time, by id, each a change like any other.
//!
//! The state they are to show is read while the change clock is held, so a contact can only come
//! nearer to the latest state, however many such changes are under way.

use entity::{
    cascade::{self, Subject},
    company, contact,
    contact::Operation,
    contact_assignee, contact_tag, pipeline, pipeline_stage, tag,
};
use sea_orm::{ColumnTrait, IntoSimpleExpr as _, Order, sea_query::Condition};
use uuid::Uuid;

use super::{
    contact_set::{ContactSet, Wanted},
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

/// Maximum contacts of one step.
const MAX_CONTACTS: usize = 1_000;

/// Brings all contacts into line with the change that this cascade was recorded for.
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
    while database.write(caller.org_id, step()).await? == MAX_CONTACTS {}
    Ok(())
}

/// One step of a cascade: the next contacts, or the last. Its answer is how many they were.
struct Step {
    id: Uuid,
    caller: Caller,
    cache: SettingsCache,
}

impl writing::Operation for Step {
    type Answer = usize;

    fn rows(&self) -> u32 {
        u32::try_from(MAX_CONTACTS).unwrap_or(u32::MAX)
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<usize>, DatabaseError> {
        let of_id = Condition::all().add(cascade::Column::Id.eq(self.id));
        let Some(row) = tx.find::<cascade::Entity>(of_id).await?.pop() else {
            // Done already, by another server or an earlier step.
            return Ok(Outcome::Unchanged(0));
        };
        let settings = self.cache.in_transaction(tx).await?;
        let followed = Followed { state: state(tx, &settings, &row).await?, row };
        let ids = next_contacts(tx, &followed.row).await?;
        let mut contacts = ContactSet::default();
        contacts.load(tx, Wanted { ids: ids.iter().copied().collect(), ..Wanted::default() }).await?;
        for old in ids.iter().filter_map(|id| contacts.any(*id).cloned()).collect::<Vec<_>>() {
            let mut record = old.clone();
            followed.apply(&mut record);
            record.settle();
            if record != old {
                // A deleted contact follows too, and stays deleted.
                let operation = if old.is_live() { Operation::Updated } else { old.row.operation };
                record.stamp(tx.stamp()?, Some(&old), operation, &self.caller);
                contacts.put(record);
            }
        }
        store::save(tx, contacts.changed()).await?;
        followed.save_progress(tx, &ids).await?;
        Ok(Outcome::Changed(ids.len()))
    }
}

/// What contacts follow, and its state.
struct Followed {
    row: cascade::Model,
    state: State,
}

/// State of what contacts refer to.
enum State {
    /// It exists under this name.
    Named(String),
    /// It is this stage, or its contacts move to this one.
    Stage {
        stage: Stage,
        /// True if the organization uses pipelines, and so contacts show the stage's name.
        is_shown: bool,
    },
    /// It is deleted.
    Gone,
}

impl Followed {
    /// Brings a contact into line.
    fn apply(&self, record: &mut Record) {
        let subject = self.row.subject_id;
        let refers = |id: Option<Uuid>| id == Some(subject);
        match self.row.subject {
            Subject::Company if refers(record.row.company_id) => match &self.state {
                State::Named(name) => record.row.company = Some(name.clone()),
                State::Stage { .. } | State::Gone => record.row.company_id = None,
            },
            Subject::Team if refers(record.row.team_id) => record.row.team_id = None,
            Subject::Pipeline if refers(record.row.pipeline_id) => self.place(&mut record.row),
            Subject::Stage if refers(record.row.pipeline_stage_id) => self.place(&mut record.row),
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

    /// Puts a contact into the current stage, or out of the one that is gone.
    fn place(&self, row: &mut contact::Model) {
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

    /// Records how far the cascade has come, or that it is done.
    async fn save_progress(&self, tx: &WriteTx<'_>, ids: &[Uuid]) -> Result<(), DatabaseError> {
        if ids.len() == MAX_CONTACTS {
            let row = cascade::Model { reached: ids.last().copied(), ..self.row.clone() };
            return tx.replace::<cascade::Entity>(vec![row]).await;
        }
        tx.delete_of::<cascade::Entity>(cascade::Column::Id, &[self.row.id]).await?;
        if self.row.subject == Subject::Tag && matches!(self.state, State::Gone) {
            tx.delete_of::<tag::Entity>(tag::Column::Id, &[self.row.subject_id]).await?;
        }
        Ok(())
    }
}

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

/// Returns the stage with this id; if it is gone, the one that its contacts move to. That one may be
/// gone by now too, but it existed when the other went, so the search ends.
async fn stage(tx: &WriteTx<'_>, settings: &Settings, mut id: Option<Uuid>) -> Result<State, DatabaseError> {
    while let Some(wanted) = id {
        if let Some(stage) = settings.stage(wanted) {
            return Ok(State::Stage { stage: stage.clone(), is_shown: settings.policy.uses_pipelines });
        }
        let of_id = Condition::all().add(pipeline_stage::Column::Id.eq(wanted));
        id = tx.find::<pipeline_stage::Entity>(of_id).await?.pop().and_then(|row| row.moved_to_stage_id);
    }
    Ok(State::Gone)
}

/// Returns the next contacts by id, deleted ones too.
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
    let mut ids = Vec::new();
    for row in tx.rows(tx.select::<contact::Entity>().concat(selects)).await? {
        ids.push(row.value::<Uuid>("id")?);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MAX_CONTACTS);
    Ok(ids)
}

fn chunk<E: entity::Tenanted>(select: Scoped<E>, id: E::Column, reached: Option<Uuid>) -> Scoped<E> {
    let after = reached.map(|reached| id.gt(reached));
    select.filter(Condition::all().add_option(after)).order_by(id, Order::Asc).limit(MAX_CONTACTS as u64)
}

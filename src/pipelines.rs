//! Pipelines: ordered lists of stages that contacts move through.

mod stages;

use std::collections::HashMap;

use entity::{
    cascade::Subject,
    contact,
    pipeline::{Column, Entity, Model},
    pipeline_stage,
};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

pub(crate) use self::stages::StageDraft;
use self::stages::Stages;
use crate::{
    access::Caller,
    contacts::live,
    database::{Read, WriteTx, any_of},
    error::DatabaseError,
    input::{
        problem::{ProblemCode, Problems, Referent},
        text::sort_key,
    },
    paging::price::COUNTS,
    reference::{ChildChanges, ReferenceKind, columns},
};

/// Fields of the input of a pipeline, beside its name and external id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    /// Its stages in order; they replace the list.
    pub(crate) stages: Option<Vec<StageDraft>>,
    /// True if it is used for contacts that name no pipeline.
    pub(crate) is_default: Option<bool>,
    /// Stage that contacts of removed stages move to, as it was given.
    pub(crate) move_to: Option<String>,
}

/// Returns the live pipelines, by name.
///
/// # Errors
/// The database failed.
pub async fn all(read: &impl Read) -> Result<Vec<Model>, DatabaseError> {
    let mut rows = read.find::<Entity>(is_live()).await?;
    rows.sort_by(|a, b| (&a.name_key, a.id).cmp(&(&b.name_key, b.id)));
    Ok(rows)
}

/// Counts the live contacts at each of these stages; stages without any are left out.
///
/// # Errors
/// The database failed.
pub async fn count(read: &impl Read, stage_ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
    let stage = contact::Column::PipelineStageId;
    let select = read
        .select::<contact::Entity>()
        .column(stage)
        .expr(Expr::cust("COUNT(*)"), "contacts")
        .filter(any_of(stage, stage_ids.iter().copied()))
        .filter(live())
        .group_by(stage);
    let mut counts = HashMap::new();
    for row in read.rows(select.priced(COUNTS)).await? {
        counts.insert(row.get(stage)?, row.value("contacts")?);
    }
    Ok(counts)
}

/// Makes a default pipeline for an organization that has none.
///
/// # Errors
/// The database failed.
pub(crate) async fn ensure_one(tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
    if !tx.find::<Entity>(is_live()).await?.is_empty() {
        return Ok(());
    }
    let at = tx.clock().at;
    let mut row = Entity::new_row(tx.org_id(), Uuid::now_v7(), at);
    "Default".clone_into(&mut row.name);
    row.name_key = sort_key(&row.name);
    row.is_default = true;
    let stage = pipeline_stage::Model {
        name: "New Lead".to_owned(),
        name_key: sort_key("New Lead"),
        ..stages::new_row(tx, row.id)
    };
    tx.insert::<Entity>(vec![row]).await?;
    tx.insert::<pipeline_stage::Entity>(vec![stage]).await
}

impl ReferenceKind for Entity {
    type Details = Details;
    columns!();
    const REFERENT: Referent = Referent::Pipeline;
    const SUBJECT: Subject = Subject::Pipeline;
    const IS_SETTING: bool = true;
    const IS_SHOWN: bool = false;
    const MAX_LIVE: Option<(usize, &'static str)> = Some((200, "pipelines"));

    fn new_row(org_id: Uuid, id: Uuid, at: i64) -> Model {
        Model {
            org_id,
            id,
            external_id: None,
            name: String::new(),
            name_key: Vec::new(),
            is_default: false,
            moved_to_stage_id: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
        }
    }

    fn check(details: &mut Details, problems: &mut Problems) {
        if let Some(stages) = &mut details.stages {
            stages::check(stages, problems);
        }
    }

    fn fill(row: &mut Model, details: &Details) {
        row.is_default = details.is_default.unwrap_or(row.is_default);
    }

    async fn verify(
        tx: &WriteTx<'_>,
        old: Option<&Model>,
        details: &Details,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        if details.is_default == Some(false) && old.is_some_and(|old| old.is_default) {
            let message = "cannot be taken from the default pipeline: make another one the default";
            problems.add("isDefault", ProblemCode::InUse, message);
        }
        let stages = Stages::load(tx, old.map(|old| old.id)).await?;
        stages.verify(tx, details, problems).await
    }

    async fn reconcile(tx: &WriteTx<'_>, row: &mut Model) -> Result<(), DatabaseError> {
        let defaults = is_live().add(Column::IsDefault.eq(true)).add(Column::Id.ne(row.id));
        if row.is_default {
            return tx
                .update::<Entity>(defaults, vec![(Column::IsDefault, Expr::value(false))])
                .await
                .map(drop);
        }
        // An organization with pipelines always has a default one.
        row.is_default = tx.find::<Entity>(defaults).await?.is_empty();
        Ok(())
    }

    async fn save_children(
        tx: &WriteTx<'_>,
        id: Uuid,
        details: &Details,
    ) -> Result<ChildChanges, DatabaseError> {
        Stages::load(tx, Some(id)).await?.save(tx, id, details).await
    }

    async fn check_unused(
        tx: &WriteTx<'_>,
        _caller: &Caller,
        row: &Model,
        move_to: Option<&str>,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        if row.is_default {
            let message = "names the default pipeline: make another one the default first";
            problems.add("id", ProblemCode::InUse, message);
        }
        match move_to {
            Some(move_to) => {
                let target = stages::find(tx, move_to).await?;
                if target.is_none_or(|target| target.pipeline_id == row.id) {
                    problems.not_found("moveToStageId", Referent::Stage);
                }
            }
            None => {
                let contacts = Condition::all().add(contact::Column::PipelineId.eq(row.id));
                stages::check_empty(tx, contacts, problems).await?;
            }
        }
        Ok(())
    }

    async fn unlink(tx: &WriteTx<'_>, row: &mut Model, move_to: Option<&str>) -> Result<(), DatabaseError> {
        row.moved_to_stage_id = move_to.and_then(|id| id.parse().ok());
        let of_pipeline = Condition::all()
            .add(pipeline_stage::Column::PipelineId.eq(row.id))
            .add(pipeline_stage::Column::DeletedAt.is_null());
        stages::remove(tx, of_pipeline, row.moved_to_stage_id).await
    }
}

fn is_live() -> Condition {
    Condition::all().add(Column::DeletedAt.is_null())
}

//! Pipelines: ordered lists of stages that contacts move through.

mod stages;

use std::collections::HashMap;

use entity::{
    contact,
    follow_up::Subject,
    pipeline::{Column, Entity, Model},
    pipeline_stage,
};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

pub use self::stages::StageDraft;
use self::stages::Stages;
use crate::{
    contacts::live,
    database::{Read, WriteTx, any_of},
    error::DatabaseError,
    input::{
        problem::{ProblemCode, Problems, Referent},
        text::sort_key,
    },
    related::{Kind, Named, Parts, columns},
};

/// What is said of a pipeline.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Name and external id.
    pub named: Named,
    /// Its stages in order; they replace those that are there.
    pub stages: Option<Vec<StageDraft>>,
    /// Whether it is used when none is given.
    pub is_default: Option<bool>,
    /// The stage that contacts of removed stages move to.
    pub move_to: Option<String>,
}

/// The live pipelines, by name.
///
/// # Errors
/// The database failed.
pub async fn all(read: &impl Read) -> Result<Vec<Model>, DatabaseError> {
    let mut rows = read.find::<Entity>(is_live()).await?;
    rows.sort_by(|a, b| (&a.name_key, a.id).cmp(&(&b.name_key, b.id)));
    Ok(rows)
}

/// How many live contacts are in each of these stages.
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
    for row in read.rows(select).await? {
        counts.insert(row.get(stage)?, row.value("contacts")?);
    }
    Ok(counts)
}

/// A pipeline that an organization is given because it has none; it becomes the default.
///
/// # Errors
/// The database failed.
pub(crate) async fn ensure_one(tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
    if !tx.find::<Entity>(is_live()).await?.is_empty() {
        return Ok(());
    }
    let at = tx.clock().at;
    let mut row = Entity::blank(tx.org_id(), Uuid::now_v7(), at);
    "Default".clone_into(&mut row.name);
    row.name_key = sort_key(&row.name);
    row.is_default = true;
    let stage = pipeline_stage::Model {
        name: "New Lead".to_owned(),
        name_key: sort_key("New Lead"),
        ..stages::blank(tx, row.id)
    };
    tx.insert::<Entity>(vec![row]).await?;
    tx.insert::<pipeline_stage::Entity>(vec![stage]).await
}

impl Kind for Entity {
    type Draft = Draft;
    columns!();
    const REFERENT: Referent = Referent::Pipeline;
    const SUBJECT: Subject = Subject::Pipeline;
    const IS_SETTING: bool = true;
    const IS_SHOWN: bool = false;

    fn blank(org_id: Uuid, id: Uuid, at: i64) -> Model {
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

    fn named(draft: &mut Draft) -> &mut Named {
        &mut draft.named
    }

    fn check(draft: &mut Draft, problems: &mut Problems) {
        if let Some(stages) = &mut draft.stages {
            stages::check(stages, problems);
        }
    }

    fn fill(row: &mut Model, draft: &Draft) {
        row.is_default = draft.is_default.unwrap_or(row.is_default);
    }

    async fn verify(
        tx: &WriteTx<'_>,
        old: Option<&Model>,
        draft: &Draft,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        if draft.is_default == Some(false) && old.is_some_and(|old| old.is_default) {
            let message = "cannot be taken from the default pipeline: make another one the default";
            problems.add("isDefault", ProblemCode::InUse, message);
        }
        let stages = Stages::load(tx, old.map(|old| old.id)).await?;
        stages.verify(tx, draft, problems).await
    }

    async fn make_room(tx: &WriteTx<'_>, row: &mut Model) -> Result<(), DatabaseError> {
        let defaults = is_live().add(Column::IsDefault.eq(true)).add(Column::Id.ne(row.id));
        if row.is_default {
            return tx
                .update::<Entity>(defaults, vec![(Column::IsDefault, Expr::value(false))])
                .await
                .map(drop);
        }
        // There is always one to use.
        row.is_default = tx.find::<Entity>(defaults).await?.is_empty();
        Ok(())
    }

    async fn save_parts(tx: &WriteTx<'_>, id: Uuid, draft: &Draft) -> Result<Parts, DatabaseError> {
        Stages::load(tx, Some(id)).await?.save(tx, id, draft).await
    }

    async fn check_unused(
        tx: &WriteTx<'_>,
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

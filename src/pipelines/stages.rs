//! The stages of a pipeline, which an input replaces as a list.

use std::collections::{HashMap, HashSet};

use entity::{
    cascade::Subject,
    contact, organization,
    pipeline_stage::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr, IntoCondition as _},
};
use uuid::Uuid;

use super::Details;
use crate::{
    contacts::live,
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
    input::{
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
        text::{comparison_key, sort_key},
    },
    reference::{ChildChanges, Names},
};

/// Maximum number of stages of a pipeline.
const MAX_STAGES: usize = 200;

/// Stage in the list of an input.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageDraft {
    /// Id of a stage of the pipeline, as it was given; `None` for a new one.
    pub(crate) id: Option<String>,
    pub(crate) names: Names,
}

impl StageDraft {
    fn id(&self) -> Option<Uuid> {
        self.id.as_deref().and_then(|id| id.parse().ok())
    }

    fn name(&self) -> &str {
        self.names.name.as_ref().value().map_or("", String::as_str)
    }

    fn external_id(&self) -> Option<&str> {
        self.names.external_id.as_ref().value().map(String::as_str)
    }
}

/// Checks a list as far as it can be without the database.
pub(super) fn check(stages: &mut Vec<StageDraft>, problems: &mut Problems) {
    if stages.is_empty() {
        problems.add("stages", ProblemCode::Invalid, "is empty: a pipeline has at least one stage");
    }
    if stages.len() > MAX_STAGES {
        problems.add("stages", ProblemCode::TooMany, format!("has more than {MAX_STAGES} stages"));
        stages.truncate(MAX_STAGES);
    }
    let (mut ids, mut names, mut external_ids) = (HashSet::new(), HashSet::new(), HashSet::new());
    for (stage, index) in stages.iter_mut().zip(0..) {
        let mut own = Problems::default();
        stage.names.check(&mut own, true);
        if stage.id().is_some_and(|id| !ids.insert(id)) {
            own.add("id", ProblemCode::Invalid, "names a stage that the list has already");
        }
        if own.is_empty() && !names.insert(comparison_key(stage.name())) {
            own.add("name", ProblemCode::NameTaken, "is taken: another stage of the pipeline has this name");
        }
        if stage.external_id().is_some_and(|id| !external_ids.insert(id.to_owned())) {
            own.add("externalId", ProblemCode::ExternalIdTaken, TAKEN);
        }
        problems.extend_at(&format!("stages.{index}"), own.into_vec());
    }
}

const TAKEN: &str = "is taken: another stage has this external id";

/// The live stages of a pipeline, in order.
pub(super) struct Stages(Vec<Model>);

impl Stages {
    pub(super) async fn load(tx: &WriteTx<'_>, pipeline_id: Option<Uuid>) -> Result<Self, DatabaseError> {
        let Some(pipeline_id) = pipeline_id else {
            return Ok(Self(Vec::new()));
        };
        let mut rows = tx.find::<Entity>(is_live().add(Column::PipelineId.eq(pipeline_id))).await?;
        rows.sort_by_key(|row| row.position);
        Ok(Self(rows))
    }

    /// Checks a list against the stages of this pipeline and of others.
    pub(super) async fn verify(
        &self,
        tx: &WriteTx<'_>,
        details: &Details,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        if let Some(stages) = &details.stages {
            self.verify_ids(tx, stages, problems).await?;
            self.verify_external_ids(tx, stages, problems).await?;
        }
        let removed = self.removed(details);
        if let Some(move_to) = &details.move_to {
            if find(tx, move_to).await?.is_none_or(|target| removed.contains(&target.id)) {
                problems.not_found("moveToStageId", Referent::Stage);
            }
        } else if !removed.is_empty() {
            check_empty(tx, any_of(contact::Column::PipelineStageId, removed).into_condition(), problems)
                .await?;
        }
        Ok(())
    }

    async fn verify_ids(
        &self,
        tx: &WriteTx<'_>,
        stages: &[StageDraft],
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        let is_own = |id: Uuid| self.0.iter().any(|own| own.id == id);
        let foreign = stages.iter().filter_map(StageDraft::id).filter(|id| !is_own(*id));
        let foreign: Vec<Uuid> = foreign.collect();
        let mut others = HashSet::new();
        if !foreign.is_empty() {
            let rows = tx.find::<Entity>(is_live().add(any_of(Column::Id, foreign))).await?;
            others.extend(rows.into_iter().map(|row| row.id));
        }
        for (stage, index) in stages.iter().zip(0..) {
            if stage.id.is_none() || stage.id().is_some_and(is_own) {
                continue;
            }
            let path = format!("stages.{index}.id");
            if stage.id().is_some_and(|id| others.contains(&id)) {
                problems.add(&path, ProblemCode::StageNotInPipeline, "is a stage of another pipeline");
            } else {
                problems.not_found(&path, Referent::Stage);
            }
        }
        Ok(())
    }

    async fn verify_external_ids(
        &self,
        tx: &WriteTx<'_>,
        stages: &[StageDraft],
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        let given: Vec<&str> = stages.iter().filter_map(StageDraft::external_id).collect();
        if given.is_empty() {
            return Ok(());
        }
        let holders = tx.find::<Entity>(is_live().add(any_of(Column::ExternalId, given))).await?;
        let holders: HashMap<_, _> =
            holders.iter().filter_map(|row| Some((row.external_id.as_deref()?, row.id))).collect();
        // A stage that is kept without an external id in the list keeps its own. One that gets another, or
        // is removed from this pipeline, gives it up, so that a new stage may have it.
        let keeps = |id: Uuid| {
            let said = stages.iter().find(|stage| stage.id() == Some(id));
            match said {
                Some(stage) => matches!(stage.names.external_id, Patch::Absent),
                None => !self.0.iter().any(|own| own.id == id),
            }
        };
        for (stage, index) in stages.iter().zip(0..) {
            let holder = stage.external_id().and_then(|external_id| holders.get(external_id));
            if holder.is_some_and(|holder| Some(*holder) != stage.id() && keeps(*holder)) {
                problems.add(&format!("stages.{index}.externalId"), ProblemCode::ExternalIdTaken, TAKEN);
            }
        }
        Ok(())
    }

    /// Returns the stages that a list without problems leaves out.
    fn removed(&self, details: &Details) -> Vec<Uuid> {
        let Some(stages) = &details.stages else {
            return Vec::new();
        };
        let kept: HashSet<Uuid> = stages.iter().filter_map(StageDraft::id).collect();
        self.0.iter().map(|stage| stage.id).filter(|id| !kept.contains(id)).collect()
    }

    /// Replaces the stages by a list without problems.
    pub(super) async fn save(
        self,
        tx: &WriteTx<'_>,
        pipeline_id: Uuid,
        details: &Details,
    ) -> Result<ChildChanges, DatabaseError> {
        let Some(stages) = &details.stages else {
            return Ok(ChildChanges::default());
        };
        let removed = self.removed(details);
        let mut old: HashMap<Uuid, Model> = self.0.into_iter().map(|row| (row.id, row)).collect();
        let (mut changed, mut renamed) = (Vec::new(), Vec::new());
        for (stage, position) in stages.iter().zip(0..) {
            let known = stage.id().and_then(|id| old.remove(&id));
            let mut row = known.clone().unwrap_or_else(|| new_row(tx, pipeline_id));
            stage.name().clone_into(&mut row.name);
            row.name_key = sort_key(&row.name);
            row.position = position;
            stage.names.external_id.clone().apply_to(&mut row.external_id);
            if known.as_ref() == Some(&row) {
                continue;
            }
            if known.is_some_and(|known| known.name != row.name) {
                renamed.push((Subject::Stage, row.id));
            }
            row.updated_at = tx.clock().at;
            changed.push(row);
        }
        if removed.is_empty() && changed.is_empty() {
            return Ok(ChildChanges::default());
        }
        let target = details.move_to.as_deref().and_then(|id| id.parse().ok());
        if !removed.is_empty() {
            remove(tx, any_of(Column::Id, removed.iter().copied()).into_condition(), target).await?;
        }
        // Stages may pass external ids on to one another. Each is unique at every moment, so all are
        // given up before any is taken.
        let ids = any_of(Column::Id, changed.iter().map(|row| row.id)).into_condition();
        tx.update::<Entity>(ids, vec![(Column::ExternalId, Expr::value(None::<String>))]).await?;
        tx.replace::<Entity>(changed).await?;
        let mut cascades: Vec<_> = removed.into_iter().map(|id| (Subject::Stage, id)).collect();
        if uses_pipelines(tx).await? {
            cascades.extend(renamed);
        }
        Ok(ChildChanges { any: true, cascades })
    }
}

/// Returns a stage without a name.
pub(super) fn new_row(tx: &WriteTx<'_>, pipeline_id: Uuid) -> Model {
    let at = tx.clock().at;
    Model {
        org_id: tx.org_id(),
        id: Uuid::now_v7(),
        pipeline_id,
        external_id: None,
        name: String::new(),
        name_key: Vec::new(),
        position: 0,
        moved_to_stage_id: None,
        created_at: at,
        updated_at: at,
        deleted_at: None,
    }
}

/// Returns the live stage with this id; an id that is not a UUID names none.
pub(super) async fn find(tx: &WriteTx<'_>, id: &str) -> Result<Option<Model>, DatabaseError> {
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(None);
    };
    Ok(tx.find::<Entity>(is_live().add(Column::Id.eq(id))).await?.pop())
}

/// Reports live contacts among those that satisfy the condition: they would have nowhere to go.
pub(super) async fn check_empty(
    tx: &WriteTx<'_>,
    contacts: Condition,
    problems: &mut Problems,
) -> Result<(), DatabaseError> {
    let one =
        tx.select::<contact::Entity>().column(contact::Column::Id).filter(contacts).filter(live()).limit(1);
    if !tx.rows(one).await?.is_empty() {
        let message = "is needed: there are contacts to move to another stage";
        problems.add("moveToStageId", ProblemCode::InUse, message);
    }
    Ok(())
}

/// Deletes stages. Their contacts are moved to another, or unlinked, by the cascade.
pub(super) async fn remove(
    tx: &WriteTx<'_>,
    stages: Condition,
    move_to: Option<Uuid>,
) -> Result<(), DatabaseError> {
    let at = tx.clock().at;
    let set = vec![
        (Column::MovedToStageId, Expr::value(move_to)),
        (Column::UpdatedAt, Expr::value(at)),
        (Column::DeletedAt, Expr::value(at)),
    ];
    tx.update::<Entity>(stages, set).await.map(drop)
}

async fn uses_pipelines(tx: &WriteTx<'_>) -> Result<bool, DatabaseError> {
    let row = tx.find::<organization::Entity>(Condition::all()).await?.pop();
    Ok(row.is_some_and(|row| row.uses_pipelines))
}

fn is_live() -> Condition {
    Condition::all().add(Column::DeletedAt.is_null())
}

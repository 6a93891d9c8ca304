//! Status, stage and pipeline: how the three are resolved together.

use uuid::Uuid;

use super::{
    draft::Field,
    fault::{FaultCode, Faults},
    text::comparison_key,
};
use crate::organizations::{Pipeline, Settings, Stage};

/// What an input says about its place in a pipeline.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) status: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) pipeline_id: Field<String>,
    pub(super) pipeline_stage_id: Field<String>,
}

/// What a new contact gets.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) status: String,
    pub(super) stage: Option<String>,
    pub(super) pipeline_id: Option<Uuid>,
    pub(super) pipeline_stage_id: Option<Uuid>,
}

/// Finds the place of a new contact, and its defaults.
pub(super) fn resolve(faults: &mut Faults, settings: &Settings, given: Given) -> Resolved {
    let pipeline = linked_pipeline(faults, settings, given.pipeline_id.clone());
    let stage = linked_stage(faults, settings, given.pipeline_stage_id.clone());
    if let (Some(pipeline), Some(stage)) = (pipeline, stage)
        && stage.pipeline_id != pipeline.id
    {
        let message = "is a stage of another pipeline";
        faults.add("pipelineStageId", FaultCode::StageNotInPipeline, message);
    }
    let resolved = if !settings.policy.uses_pipelines {
        Some(free_text(settings, given, pipeline, stage))
    } else if pipeline.is_none() && matches!(given.pipeline_id, Field::Given(_)) {
        // Which names its stages have is not known.
        None
    } else {
        follow_pipeline(faults, settings, &given, pipeline, stage)
    };
    let Some(resolved) = resolved else {
        return Resolved::default();
    };
    if !settings.policy.allows_status(&resolved.status) {
        let allowed = settings.policy.allowed_statuses.join(", ");
        faults.add("status", FaultCode::StatusNotAllowed, format!("is none of: {allowed}"));
    }
    resolved
}

fn linked_pipeline<'a>(
    faults: &mut Faults,
    settings: &'a Settings,
    id: Field<String>,
) -> Option<&'a Pipeline> {
    let id = id.given()?;
    let found = id.parse().ok().and_then(|id| settings.pipeline(id));
    if found.is_none() {
        faults.add("pipelineId", FaultCode::PipelineNotFound, "there is no such pipeline");
    }
    found
}

fn linked_stage<'a>(faults: &mut Faults, settings: &'a Settings, id: Field<String>) -> Option<&'a Stage> {
    let id = id.given()?;
    let found = id.parse().ok().and_then(|id| settings.stage(id));
    if found.is_none() {
        faults.add("pipelineStageId", FaultCode::StageNotFound, "there is no such stage");
    }
    found
}

/// Without pipelines status and stage are free text; the ids only link.
fn free_text(
    settings: &Settings,
    given: Given,
    pipeline: Option<&Pipeline>,
    stage: Option<&Stage>,
) -> Resolved {
    let policy = &settings.policy;
    let status = given.status.or_else(|| policy.default_status.clone());
    Resolved {
        status: status.unwrap_or_else(|| "active".to_owned()),
        stage: given.stage.or_else(|| policy.default_stage.clone()),
        pipeline_id: pipeline.map(|pipeline| pipeline.id).or(stage.map(|stage| stage.pipeline_id)),
        pipeline_stage_id: stage.map(|stage| stage.id),
    }
}

/// With pipelines status and stage both read the stage's name, which is looked for in the stage
/// id, the stage's label, the status, and last in the pipeline's first stage.
fn follow_pipeline(
    faults: &mut Faults,
    settings: &Settings,
    given: &Given,
    pipeline: Option<&Pipeline>,
    stage: Option<&Stage>,
) -> Option<Resolved> {
    let of_stage = stage.and_then(|stage| settings.pipeline(stage.pipeline_id));
    let Some(pipeline) = pipeline.or(of_stage).or(settings.pipelines.first()) else {
        faults.add("pipelineId", FaultCode::PipelineNotFound, "the organization has no pipeline");
        return None;
    };
    let by_label = named(faults, pipeline, "stage", given.stage.as_deref());
    let by_status = named(faults, pipeline, "status", given.status.as_deref());
    let mut said = [stage, by_label, by_status].into_iter().flatten();
    let first = said.next();
    if said.any(|other| first.is_some_and(|first| first.id != other.id)) {
        let message = "status, stage and pipelineStageId name different stages";
        faults.add("status", FaultCode::StatusStageMismatch, message);
    }
    let defaults = [&settings.policy.default_stage, &settings.policy.default_status];
    let default = defaults.into_iter().flatten().find_map(|name| stage_named(pipeline, name));
    let Some(stage) = first.or(default).or(pipeline.stages.first()) else {
        faults.add("pipelineId", FaultCode::StageNotFound, "the pipeline has no stage");
        return None;
    };
    Some(Resolved {
        status: stage.name.clone(),
        stage: Some(stage.name.clone()),
        pipeline_id: Some(stage.pipeline_id),
        pipeline_stage_id: Some(stage.id),
    })
}

fn named<'a>(
    faults: &mut Faults,
    pipeline: &'a Pipeline,
    path: &str,
    name: Option<&str>,
) -> Option<&'a Stage> {
    let name = name?;
    let found = stage_named(pipeline, name);
    if found.is_none() {
        let names: Vec<&str> = pipeline.stages.iter().map(|stage| stage.name.as_str()).collect();
        let message = format!("names no stage of the pipeline; its stages are: {}", names.join(", "));
        faults.add(path, FaultCode::StageNotFound, message);
    }
    found
}

fn stage_named<'a>(pipeline: &'a Pipeline, name: &str) -> Option<&'a Stage> {
    let key = comparison_key(name.trim());
    pipeline.stages.iter().find(|stage| comparison_key(stage.name.trim()) == key)
}

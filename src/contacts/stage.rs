//! Status, stage and pipeline of a contact, which are resolved together.

use entity::contact;

use super::draft::{ContactDraft, Normal};
use crate::{
    input::{
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
        text::{comparison_key, is_blank},
    },
    organizations::{Pipeline, Settings, Stage},
};

/// Sets status, stage and pipeline by the draft; those of a new contact by the policy where the draft
/// gives none.
pub(super) fn apply(
    problems: &mut Problems,
    settings: &Settings,
    draft: &ContactDraft<Normal>,
    row: &mut contact::Model,
    is_new: bool,
) {
    let is_given = draft.status.is_present()
        || draft.stage.is_present()
        || draft.pipeline_id.is_present()
        || draft.pipeline_stage_id.is_present();
    if !is_new && !is_given {
        return;
    }
    let pipeline = draft.pipeline_id.as_ref().value().map(|id| {
        let found = settings.pipeline(*id);
        if found.is_none() {
            problems.not_found("pipelineId", Referent::Pipeline);
        }
        found
    });
    let stage = draft.pipeline_stage_id.as_ref().value().map(|id| {
        let found = settings.stage(*id);
        if found.is_none() {
            problems.not_found("pipelineStageId", Referent::Stage);
        }
        found
    });
    let (pipeline, stage) = (pipeline.flatten(), stage.flatten());
    if let (Some(pipeline), Some(stage)) = (pipeline, stage)
        && stage.pipeline_id != pipeline.id
    {
        let message = "is a stage of another pipeline";
        problems.add("pipelineStageId", ProblemCode::StageNotInPipeline, message);
    }
    if settings.policy.uses_pipelines {
        if !enter_pipeline_stage(problems, settings, draft, row, pipeline, stage) {
            return;
        }
    } else {
        free_text(settings, draft, row, is_new);
        link(draft, row, pipeline, stage);
    }
    // A change that does not set the status keeps one that the policy no longer allows.
    if !is_new && !draft.status.is_present() {
        return;
    }
    let policy = &settings.policy;
    match policy.allowed_status(&row.status) {
        // With pipelines the status keeps the spelling of the stage's name.
        Some(allowed) if !policy.uses_pipelines => row.status = allowed.to_owned(),
        Some(_) => {}
        None => {
            let allowed = policy.allowed_statuses.join(", ");
            let message = format!("is not allowed. Use one of: {allowed}");
            problems.add("status", ProblemCode::StatusNotAllowed, message);
        }
    }
}

/// Sets the stage of a restored contact: the previous one if it still exists, else one of the same name,
/// else the policy's.
pub(super) fn restore(problems: &mut Problems, settings: &Settings, row: &mut contact::Model) {
    if row.pipeline_id.is_some_and(|id| settings.pipeline(id).is_none()) {
        row.pipeline_id = None;
    }
    let stage = row.pipeline_stage_id.and_then(|id| settings.stage(id));
    if stage.is_none() {
        row.pipeline_stage_id = None;
    }
    if !settings.policy.uses_pipelines {
        return;
    }
    let pipeline = row.pipeline_id.and_then(|id| settings.pipeline(id)).or(settings.pipelines.first());
    let named = || {
        let names = [row.stage.as_deref(), Some(row.status.as_str())];
        names.into_iter().flatten().find_map(|name| stage_named(pipeline?, name))
    };
    match stage.or_else(named).or_else(|| first_stage(settings, pipeline?)) {
        Some(stage) => enter(row, stage),
        None => {
            let message = "cannot be restored: the organization has no pipeline. Create one first";
            problems.add("pipelineId", ProblemCode::PipelineNotFound, message);
        }
    }
}

/// Returns the stage that the policy names, else the first of the pipeline.
fn first_stage<'a>(settings: &Settings, pipeline: &'a Pipeline) -> Option<&'a Stage> {
    let defaults = [&settings.policy.default_stage, &settings.policy.default_status];
    let default = defaults.into_iter().flatten().find_map(|name| stage_named(pipeline, name));
    default.or(pipeline.stages.first())
}

/// Moves a contact to a stage.
fn enter(row: &mut contact::Model, stage: &Stage) {
    row.status.clone_from(&stage.name);
    row.stage = Some(stage.name.clone());
    row.pipeline_id = Some(stage.pipeline_id);
    row.pipeline_stage_id = Some(stage.id);
}

/// Sets status and stage of an organization without pipelines, where they are free text.
fn free_text(settings: &Settings, draft: &ContactDraft<Normal>, row: &mut contact::Model, is_new: bool) {
    let policy = &settings.policy;
    match &draft.status {
        Patch::Value(status) => row.status.clone_from(status),
        Patch::Absent if !is_new => {}
        Patch::Absent | Patch::Null => {
            row.status = policy.default_status.clone().unwrap_or_else(|| "active".to_owned());
        }
    }
    match &draft.stage {
        Patch::Value(stage) if !is_blank(stage) => row.stage = Some(stage.clone()),
        Patch::Absent if !is_new => {}
        Patch::Absent | Patch::Null | Patch::Value(_) => {
            row.stage = if is_new { policy.default_stage.clone() } else { None };
        }
    }
}

/// Links pipeline and stage by their ids, without a change of status. A stage links its pipeline too.
fn link(
    draft: &ContactDraft<Normal>,
    row: &mut contact::Model,
    pipeline: Option<&Pipeline>,
    stage: Option<&Stage>,
) {
    match draft.pipeline_id {
        Patch::Absent => {}
        Patch::Null => {
            row.pipeline_id = None;
            row.pipeline_stage_id = None;
        }
        Patch::Value(_) => {
            let id = pipeline.map(|pipeline| pipeline.id);
            // The stage of the previous pipeline is not one of the new pipeline.
            if row.pipeline_id != id {
                row.pipeline_stage_id = None;
            }
            row.pipeline_id = id;
        }
    }
    match (&draft.pipeline_stage_id, stage) {
        (Patch::Null, _) => row.pipeline_stage_id = None,
        (Patch::Value(_), Some(stage)) => {
            row.pipeline_id = Some(stage.pipeline_id);
            row.pipeline_stage_id = Some(stage.id);
        }
        (Patch::Absent, _) | (Patch::Value(_), None) => {}
    }
}

/// Sets status and stage of an organization with pipelines, where both are the stage's name. The stage
/// is the one of the stage id, of the stage label, or of the status; else the policy's. Returns false if
/// there is no pipeline to look in.
fn enter_pipeline_stage(
    problems: &mut Problems,
    settings: &Settings,
    draft: &ContactDraft<Normal>,
    row: &mut contact::Model,
    pipeline: Option<&Pipeline>,
    stage: Option<&Stage>,
) -> bool {
    if pipeline.is_none() && matches!(draft.pipeline_id, Patch::Value(_)) {
        return false;
    }
    let of_stage = stage.and_then(|stage| settings.pipeline(stage.pipeline_id));
    let of_row = row.pipeline_id.and_then(|id| settings.pipeline(id));
    let Some(pipeline) = pipeline.or(of_stage).or(of_row).or(settings.pipelines.first()) else {
        let message = "is required, but the organization has no pipeline. Create one first";
        problems.add("pipelineId", ProblemCode::PipelineNotFound, message);
        return false;
    };
    let by_label = check_stage_name(problems, pipeline, "stage", &draft.stage);
    let by_status = check_stage_name(problems, pipeline, "status", &draft.status);
    let mut named = [stage, by_label, by_status].into_iter().flatten();
    let first = named.next();
    if named.any(|other| first.is_some_and(|first| first.id != other.id)) {
        let message = "names another stage than `stage` or `pipelineStageId`";
        problems.add("status", ProblemCode::StatusStageMismatch, message);
    }
    let Some(stage) = first.or_else(|| first_stage(settings, pipeline)) else {
        problems.add(
            "pipelineId",
            ProblemCode::StageNotFound,
            "is a pipeline without stages. Add a stage to it first",
        );
        return false;
    };
    enter(row, stage);
    true
}

/// Returns the stage of a name that the draft gives, or reports that the pipeline has none.
fn check_stage_name<'a>(
    problems: &mut Problems,
    pipeline: &'a Pipeline,
    path: &str,
    name: &Patch<String>,
) -> Option<&'a Stage> {
    let name = name.as_ref().value().filter(|name| !is_blank(name))?;
    let found = stage_named(pipeline, name);
    if found.is_none() {
        let names: Vec<&str> = pipeline.stages.iter().map(|stage| stage.name.as_str()).collect();
        let message = format!("is not a stage of the pipeline. Use one of: {}", names.join(", "));
        problems.add(path, ProblemCode::StageNotFound, message);
    }
    found
}

/// Returns the pipeline's stage of this name, whatever its case.
fn stage_named<'a>(pipeline: &'a Pipeline, name: &str) -> Option<&'a Stage> {
    let key = comparison_key(name.trim());
    pipeline.stages.iter().find(|stage| comparison_key(stage.name.trim()) == key)
}

//! `createPipeline`, `updatePipeline` and `deletePipeline`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::pipeline;
use futures_util::FutureExt as _;
use uuid::Uuid;

use super::reference::{DeletePayload, saved_row};
use crate::{
    access::Scope,
    graphql::{
        context::ContextExt as _,
        error::ApiResult,
        loaders::Loaders,
        pipeline::Pipeline,
        user_error::{UserError, user_errors},
    },
    input::patch::Patch,
    pipelines::{Details, StageDraft},
    reference::{Create, Delete, Names, Saved, Update},
    writing::Written,
};

/// A stage in the list of a pipeline.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct PipelineStageInput {
    /// Id of a stage of the pipeline. Absent: a new stage.
    id: Option<ID>,
    /// Not blank, at most 256 characters; trimmed. Unique in the pipeline, whatever the case.
    name: String,
    /// Your own key for this stage, at most 255 characters; `EXTERNAL_ID_TAKEN` if another stage of the organization has it. Omitted: as it was; null: none.
    external_id: Patch<String>,
}

impl From<PipelineStageInput> for StageDraft {
    fn from(input: PipelineStageInput) -> Self {
        let PipelineStageInput { id, name, external_id } = input;
        Self { id: id.map(|id| id.0), names: Names { name: Patch::Value(name), external_id } }
    }
}

/// Pipeline to create.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreatePipelineInput {
    /// Not blank, at most 256 characters; trimmed. Several pipelines may have the same name.
    name: String,
    /// Your own key for this pipeline, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
    /// In order; at least one, at most 200.
    stages: Vec<PipelineStageInput>,
    /// True if it is used when no pipeline is given, in place of the default pipeline so far. The first pipeline is always the default.
    #[graphql(default_with = "Some(false)")]
    is_default: Option<bool>,
}

impl CreatePipelineInput {
    fn into_command(self) -> Create<pipeline::Entity> {
        let Self { name, external_id, stages, is_default } = self;
        let details = Details { stages: Some(drafts(stages)), is_default, move_to: None };
        Create { id: Uuid::now_v7(), names: Names::of_new(name, external_id), details }
    }
}

/// Change to a pipeline. Omitted fields stay.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdatePipelineInput {
    /// Id of the pipeline.
    id: ID,
    /// Null or blank is `NAME_REQUIRED`.
    name: Patch<String>,
    /// Your own key for this pipeline, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it. Null: none.
    external_id: Patch<String>,
    /// Replaces the list, in this order: a stage that is not named by its id goes, one without an id is new. At least one, at most 200. Null is as omitted.
    stages: Option<Vec<PipelineStageInput>>,
    /// True makes it the default in the place of the one so far. False is `IN_USE` for the default: make another one the default. Null is as omitted.
    is_default: Option<bool>,
    /// The stage that contacts of removed stages move to: one that stays, of this pipeline or another. Without it, removing a stage that has contacts is `IN_USE`.
    move_to_stage_id: Option<ID>,
}

impl UpdatePipelineInput {
    fn into_command(self) -> Update<pipeline::Entity> {
        let Self { id, name, external_id, stages, is_default, move_to_stage_id } = self;
        let move_to = move_to_stage_id.map(|id| id.0);
        let details = Details { stages: stages.map(drafts), is_default, move_to };
        Update { id: id.0, names: Names { name, external_id }, details }
    }
}

/// Pipeline to delete.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeletePipelineInput {
    /// Id of the pipeline, which must not be the default one.
    id: ID,
    /// The stage of another pipeline that its contacts move to. Without it, deleting a pipeline that has contacts is `IN_USE`.
    move_to_stage_id: Option<ID>,
}

impl DeletePipelineInput {
    fn into_command(self) -> Delete<pipeline::Entity> {
        let Self { id, move_to_stage_id } = self;
        Delete::new(id.0).moving_contacts_to(move_to_stage_id.map(|id| id.0))
    }
}

fn drafts(stages: Vec<PipelineStageInput>) -> Vec<StageDraft> {
    stages.into_iter().map(StageDraft::from).collect()
}

/// The pipeline after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PipelinePayload {
    /// The pipeline as it is now; null when there are `userErrors`, and nothing was written.
    pipeline: Option<Pipeline>,
    /// Empty if and only if the pipeline is as it was asked to be.
    user_errors: Vec<UserError>,
}

impl PipelinePayload {
    async fn new(
        written: Written<Option<Saved<pipeline::Model>>>,
        loaders: &Arc<Loaders>,
    ) -> ApiResult<Self> {
        let Written { value, problems } = written;
        let row = saved_row::<pipeline::Entity>(value, loaders).await?;
        let pipeline = row.map(|row| Pipeline::new(row, loaders.clone()));
        Ok(Self { pipeline, user_errors: user_errors(problems, loaders) })
    }
}

/// Resolvers of mutations of pipelines.
#[derive(Default)]
pub(super) struct PipelineMutation;

#[Object]
impl PipelineMutation {
    /// Create a pipeline with its stages. The first one of an organization is its default. An organization has at most 200. Requires `settings:write`.
    async fn create_pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name and stages.")] input: CreatePipelineInput,
    ) -> Option<ApiResult<PipelinePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            PipelinePayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Omitted fields stay. `stages` replaces the list; contacts of a removed stage need `moveToStageId`. Where the organization uses pipelines, contacts show a stage's new name: all of them when this answers, or, when they are very many, soon after. Requires `settings:write`.
    async fn update_pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The pipeline, and the fields to change.")] input: UpdatePipelineInput,
    ) -> Option<ApiResult<PipelinePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            PipelinePayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Delete a pipeline and its stages for good; `IN_USE` for the default one. Its contacts move to `moveToStageId`. Requires `settings:write`.
    async fn delete_pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The pipeline, and the stage that its contacts move to.")]
        input: DeletePipelineInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            Ok(DeletePayload::new(written, &loaders))
        };
        Some(payload.boxed().await)
    }
}

//! Reading and writing pipelines.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::pipeline;

use super::{
    input::{create, field, new_named},
    loaders,
    mutation::{Answer, write},
    payload::{DeletePayload, PipelinePayload},
};
use crate::{
    access::Scope,
    graphql::{error::ApiResult, pipeline::Pipeline},
    input::patch::Patch,
    pipelines::{self, Draft, StageDraft},
    related::{Command, Named},
};

/// Reading pipelines.
#[derive(Default)]
pub(in crate::graphql) struct PipelineQuery;

#[Object]
impl PipelineQuery {
    /// One pipeline; null when there is none, it is deleted, or it is another organization's.
    async fn pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The pipeline's id.")] id: ID,
    ) -> Option<ApiResult<Pipeline>> {
        let found = async {
            let loaders = loaders(context)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let row = loaders.by_id::<pipeline::Entity>(id).await?;
            Ok(row.map(|row| Pipeline::new(row, loaders)))
        };
        found.await.transpose()
    }

    /// All pipelines, by name.
    async fn pipelines(&self, context: &Context<'_>) -> Option<ApiResult<Vec<Pipeline>>> {
        let found = async {
            let loaders = loaders(context)?;
            let rows = pipelines::all(loaders.tenant()).await?;
            Ok(rows.into_iter().map(|row| Pipeline::new(row.into(), loaders.clone())).collect())
        };
        Some(found.await)
    }
}

/// Writing pipelines.
#[derive(Default)]
pub(in crate::graphql) struct PipelineMutation;

#[Object]
impl PipelineMutation {
    /// Create a pipeline with its stages. The first one of an organization is its default. Requires `settings:write`.
    async fn create_pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name and stages.")] input: CreatePipelineInput,
    ) -> Option<ApiResult<PipelinePayload>> {
        Some(write_pipeline(context, input).await)
    }

    /// Omitted fields stay. `stages` replaces the list; contacts of a removed stage need `moveToStageId`. Where the organization uses pipelines, contacts show a stage's new name: all of them when this answers, or, when they are very many, soon after. Requires `settings:write`.
    async fn update_pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which pipeline, and what to change.")] input: UpdatePipelineInput,
    ) -> Option<ApiResult<PipelinePayload>> {
        Some(write_pipeline(context, input).await)
    }

    /// Delete a pipeline and its stages for good; `IN_USE` for the default one. Its contacts move to `moveToStageId`. Requires `settings:write`.
    async fn delete_pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which pipeline, and where its contacts go.")] input: DeletePipelineInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let deleted = write::<pipeline::Entity>(context, Scope::SettingsWrite, input).await;
        Some(deleted.map(Answer::deleted))
    }
}

async fn write_pipeline(
    context: &Context<'_>,
    input: impl Into<Command<Draft>>,
) -> ApiResult<PipelinePayload> {
    let answer = write::<pipeline::Entity>(context, Scope::SettingsWrite, input).await?;
    let row = answer.row::<pipeline::Entity>().await?;
    let pipeline = row.map(|row| Pipeline::new(row, answer.loaders));
    Ok(PipelinePayload { pipeline, user_errors: answer.user_errors })
}

/// A stage in the list of a pipeline.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct PipelineStageInput {
    /// A stage that the pipeline has. Absent: a new stage.
    id: Option<ID>,
    /// Not blank, at most 256 characters; trimmed. Unique in the pipeline, whatever the case.
    name: String,
    /// Your own key for this stage, at most 255 characters; `EXTERNAL_ID_TAKEN` if another stage of the organization has it. Omitted: as it was; null: none.
    external_id: MaybeUndefined<String>,
}

/// A new pipeline.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreatePipelineInput {
    /// Not blank, at most 256 characters; trimmed. Several pipelines may have the same.
    name: String,
    /// Your own key for this pipeline, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
    /// In order; at least one, at most 200.
    stages: Vec<PipelineStageInput>,
    /// Whether it is used when no pipeline is given; the one that was default so far is it no more. The first pipeline is the default, whatever is said here.
    #[graphql(default_with = "Some(false)")]
    is_default: Option<bool>,
}

/// A change to a pipeline. Omitted: unchanged.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdatePipelineInput {
    /// Which pipeline.
    id: ID,
    /// Null or blank is `NAME_REQUIRED`.
    name: MaybeUndefined<String>,
    /// Your own key for this pipeline, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it. Null: none.
    external_id: MaybeUndefined<String>,
    /// Replaces the list, in this order: a stage that is not named by its id goes, one without an id is new. At least one, at most 200. Null is as omitted.
    stages: Option<Vec<PipelineStageInput>>,
    /// True makes it the default in the place of the one so far. False is `IN_USE` for the default: make another one the default. Null is as omitted.
    is_default: Option<bool>,
    /// The stage that contacts of removed stages move to: one that stays, of this pipeline or another. Without it, removing a stage that has contacts is `IN_USE`.
    move_to_stage_id: Option<ID>,
}

/// A pipeline to delete.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeletePipelineInput {
    /// Which pipeline; not the default one.
    id: ID,
    /// The stage of another pipeline that its contacts move to. Without it, deleting a pipeline that has contacts is `IN_USE`.
    move_to_stage_id: Option<ID>,
}

impl From<PipelineStageInput> for StageDraft {
    fn from(input: PipelineStageInput) -> Self {
        let PipelineStageInput { id, name, external_id } = input;
        let named = Named { name: Patch::Value(name), external_id: field(external_id) };
        Self { id: id.map(|id| id.0), named }
    }
}

impl From<CreatePipelineInput> for Command<Draft> {
    fn from(input: CreatePipelineInput) -> Self {
        let CreatePipelineInput { name, external_id, stages, is_default } = input;
        let stages = Some(stages.into_iter().map(StageDraft::from).collect());
        create(Draft { named: new_named(name, external_id), stages, is_default, move_to: None })
    }
}

impl From<UpdatePipelineInput> for Command<Draft> {
    fn from(input: UpdatePipelineInput) -> Self {
        let UpdatePipelineInput { id, name, external_id, stages, is_default, move_to_stage_id } = input;
        let named = Named { name: field(name), external_id: field(external_id) };
        let stages = stages.map(|stages| stages.into_iter().map(StageDraft::from).collect());
        let move_to = move_to_stage_id.map(|id| id.0);
        Self::Update { id: id.0, draft: Draft { named, stages, is_default, move_to } }
    }
}

impl From<DeletePipelineInput> for Command<Draft> {
    fn from(DeletePipelineInput { id, move_to_stage_id }: DeletePipelineInput) -> Self {
        Self::Delete { id: id.0, move_to: move_to_stage_id.map(|id| id.0) }
    }
}

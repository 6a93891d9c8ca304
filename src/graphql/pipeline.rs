//! Pipelines and their stages.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};
use entity::{pipeline, pipeline_stage};

use super::{
    contact::nested::{ContactOwner, with_contacts},
    error::{ApiError, ApiResult},
    loaders::Loaders,
};
use crate::contacts::Parent;

/// An ordered list of stages that contacts move through.
#[derive(Description)]
pub(super) struct Pipeline {
    row: Arc<pipeline::Model>,
    loaders: Arc<Loaders>,
}

impl Pipeline {
    pub(super) fn new(row: Arc<pipeline::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }
}

#[Object(use_type_description)]
impl Pipeline {
    /// Globally unique.
    pub(super) async fn id(&self) -> ID {
        self.row.id.into()
    }
    /// Your own key for this pipeline; unique in the organization.
    async fn external_id(&self) -> Option<&str> {
        self.row.external_id.as_deref()
    }
    /// Never blank.
    async fn name(&self) -> &str {
        &self.row.name
    }
    /// Used when no pipeline is given.
    async fn is_default(&self) -> bool {
        self.row.is_default
    }
    /// In order; never empty, at most 200.
    async fn stages(&self) -> ApiResult<Vec<PipelineStage>> {
        let rows = self.loaders.by_owner::<pipeline_stage::Entity>(self.row.id).await?;
        let stage =
            |row: &pipeline_stage::Model| PipelineStage::new(Arc::new(row.clone()), self.loaders.clone());
        Ok(rows.iter().map(stage).collect())
    }
}

/// A stage of a pipeline.
#[derive(Description)]
pub(super) struct PipelineStage {
    row: Arc<pipeline_stage::Model>,
    loaders: Arc<Loaders>,
}

impl PipelineStage {
    pub(super) fn new(row: Arc<pipeline_stage::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }
}

impl ContactOwner for PipelineStage {
    fn contacts_of(&self, _context: &Context<'_>) -> ApiResult<(Arc<Loaders>, Option<Parent>)> {
        Ok((self.loaders.clone(), Some(Parent::Stage(self.row.id))))
    }
}

with_contacts! {
    #[Object(use_type_description)]
    impl PipelineStage {
        /// Globally unique.
        pub(super) async fn id(&self) -> ID {
            self.row.id.into()
        }
        /// Your own key for this stage; unique in the organization.
        async fn external_id(&self) -> Option<&str> {
            self.row.external_id.as_deref()
        }
        /// Never blank; where the organization uses pipelines, contacts show it as `status` and `stage`.
        async fn name(&self) -> &str {
            &self.row.name
        }
        /// Its place in the pipeline, from 0.
        async fn position(&self) -> i32 {
            self.row.position
        }
        /// The pipeline it is part of.
        async fn pipeline(&self) -> ApiResult<Pipeline> {
            self.loaders.waits()?;
            let row = self.loaders.by_id::<pipeline::Entity>(self.row.pipeline_id).await?;
            let row = row.ok_or_else(ApiError::internal)?;
            Ok(Pipeline::new(row, self.loaders.clone()))
        }
        /// Number of contacts at this stage, without deleted ones.
        async fn contacts_count(&self) -> ApiResult<i32> {
            self.loaders.contacts_count::<pipeline_stage::Entity>(self.row.id).await
        }
    }

    /// Contacts at the stage, with the arguments of `Query.contacts`. Requires `contacts:read`.
    contacts
}

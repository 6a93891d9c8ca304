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

/// Bytes for which a list of contacts counts that each stage of a list waits for.
const BYTES_PER_CONTACT_LIST: usize = 32 * 1_024;

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
    async fn stages(&self, context: &Context<'_>) -> ApiResult<Vec<PipelineStage>> {
        let rows = self.loaders.by_owner::<pipeline_stage::Entity>(self.row.id).await?;
        if context.look_ahead().field("contacts").exists() {
            self.loaders.size.add(rows.len().saturating_mul(BYTES_PER_CONTACT_LIST))?;
        }
        // Read for the whole list: 40,000 stages that each wait for their own number take a gigabyte.
        let counts = if context.look_ahead().field("contactsCount").exists() {
            let ids = rows.iter().map(|row| row.id).collect();
            Some(self.loaders.counts::<pipeline_stage::Entity>(ids).await?)
        } else {
            None
        };
        let stage = |row: &pipeline_stage::Model| PipelineStage {
            pipeline: Some(self.row.clone()),
            contacts: counts.as_ref().and_then(|counts| counts.get(&row.id).copied()),
            ..PipelineStage::new(Arc::new(row.clone()), self.loaders.clone())
        };
        Ok(rows.iter().map(stage).collect())
    }
}

/// A stage of a pipeline.
#[derive(Description)]
pub(super) struct PipelineStage {
    row: Arc<pipeline_stage::Model>,
    loaders: Arc<Loaders>,
    /// Its pipeline, if it is listed there.
    pipeline: Option<Arc<pipeline::Model>>,
    /// Number of its contacts, if that was read with the list.
    contacts: Option<i64>,
}

impl PipelineStage {
    pub(super) fn new(row: Arc<pipeline_stage::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders, pipeline: None, contacts: None }
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
            let row = match &self.pipeline {
                Some(row) => Some(row.clone()),
                None => self.loaders.by_id::<pipeline::Entity>(self.row.pipeline_id).await?,
            };
            Ok(Pipeline::new(row.ok_or_else(ApiError::internal)?, self.loaders.clone()))
        }
        /// Number of contacts at this stage, without deleted ones.
        async fn contacts_count(&self) -> ApiResult<i32> {
            match self.contacts {
                Some(contacts) => Ok(self.loaders.counted(contacts)),
                None => self.loaders.contacts_count::<pipeline_stage::Entity>(self.row.id).await,
            }
        }
    }

    /// Contacts at the stage, with the arguments of `Query.contacts`. Requires `contacts:read`.
    contacts
}

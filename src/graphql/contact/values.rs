//! Values of a contact's row, and the objects that it refers to.

use std::sync::Arc;

use async_graphql::ID;
use entity::{
    company,
    contact::{self, Column},
    pipeline, pipeline_stage, team, user,
};
use uuid::Uuid;

use super::Contact;
use crate::{
    database::{ColumnValue, Row},
    graphql::{
        answer_size,
        company::Company,
        error::ApiResult,
        loaders::Loaders,
        pipeline::{Pipeline, PipelineStage},
        scalars::{DateTime, Json},
        team::Team,
        user::User,
    },
};

impl Contact {
    /// Creates a contact from a row of which at least the id was selected.
    pub(in crate::graphql) fn new(row: Row<contact::Entity>, loaders: Arc<Loaders>) -> ApiResult<Self> {
        Ok(Self { id: row.get(Column::Id)?, row: Arc::new(row), loaders })
    }

    /// Creates a contact from a whole row.
    pub(in crate::graphql) fn written(row: Arc<contact::Model>, loaders: Arc<Loaders>) -> Self {
        Self { id: row.id, row: Arc::new(Row::written(row)), loaders }
    }

    /// Returns the row, with the columns that were selected.
    pub(in crate::graphql) fn row(&self) -> &Row<contact::Entity> {
        &self.row
    }

    pub(super) fn get<T: ColumnValue>(&self, column: Column) -> ApiResult<T> {
        Ok(self.row.get(column)?)
    }

    pub(super) fn text(&self, column: Column) -> ApiResult<Option<String>> {
        let text: Option<String> = self.get(column)?;
        // Texts may be long, so they count towards the maximum size of the answer.
        self.loaders.size.add(text.as_deref().map_or(0, answer_size::text_bytes))?;
        Ok(text)
    }

    pub(super) fn reference(&self, column: Column) -> ApiResult<Option<ID>> {
        Ok(self.get::<Option<Uuid>>(column)?.map(ID::from))
    }

    pub(super) fn time(&self, column: Column) -> ApiResult<Option<DateTime>> {
        let ms = self.get::<Option<i64>>(column)?;
        Ok(ms.map(DateTime::from_ms).transpose()?)
    }

    pub(super) fn json(&self, column: Column) -> ApiResult<Json> {
        let text = self.get::<String>(column)?;
        self.loaders.size.add(text.len().saturating_mul(answer_size::JSON_WEIGHT))?;
        Ok(Json::from_text(&text)?)
    }

    pub(super) async fn load_user(&self, column: Column) -> ApiResult<Option<User>> {
        let Some(id) = self.get::<Option<Uuid>>(column)? else {
            return Ok(None);
        };
        let user = self.loaders.by_id::<user::Entity>(id).await?;
        Ok(user.map(User::new))
    }

    pub(super) async fn load_company(&self) -> ApiResult<Option<Company>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::CompanyId)? else {
            return Ok(None);
        };
        let company = self.loaders.by_id::<company::Entity>(id).await?;
        Ok(company.map(|row| Company::new(row, self.loaders.clone())))
    }

    pub(super) async fn load_pipeline(&self) -> ApiResult<Option<Pipeline>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::PipelineId)? else {
            return Ok(None);
        };
        let pipeline = self.loaders.by_id::<pipeline::Entity>(id).await?;
        Ok(pipeline.map(|row| Pipeline::new(row, self.loaders.clone())))
    }

    pub(super) async fn load_stage(&self) -> ApiResult<Option<PipelineStage>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::PipelineStageId)? else {
            return Ok(None);
        };
        let stage = self.loaders.by_id::<pipeline_stage::Entity>(id).await?;
        Ok(stage.map(|row| PipelineStage::new(row, self.loaders.clone())))
    }

    pub(super) async fn load_team(&self) -> ApiResult<Option<Team>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::TeamId)? else {
            return Ok(None);
        };
        let team = self.loaders.by_id::<team::Entity>(id).await?;
        Ok(team.map(|row| Team::new(row, self.loaders.clone())))
    }
}

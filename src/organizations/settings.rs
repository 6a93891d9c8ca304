//! The settings that a write is prepared with, and whether they are still in force.

use std::{collections::HashSet, sync::Arc};

use entity::{change_clock, organization, pipeline, pipeline_stage, team};
use moka::sync::Cache;
use sea_orm::{ColumnTrait, sea_query::Condition};
use uuid::Uuid;

use super::Policy;
use crate::{
    database::{Read, WriteTx},
    error::DatabaseError,
};

/// The policy, pipelines and teams of an organization, as of one `settings_seq`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The clock's `settings_seq`. It must be the same when something that was prepared with these
    /// settings is written.
    pub seq: i64,
    /// Policy for contacts.
    pub policy: Policy,
    /// The live pipelines, the default one first.
    pub pipelines: Vec<Pipeline>,
    /// The live teams.
    pub teams: HashSet<Uuid>,
}

/// A pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Its id.
    pub id: Uuid,
    /// True if it is used for contacts that name no pipeline.
    pub is_default: bool,
    /// Its stages in order, at least one.
    pub stages: Vec<Stage>,
}

/// A stage of a pipeline.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its id.
    pub id: Uuid,
    /// Its pipeline.
    pub pipeline_id: Uuid,
    /// Its name.
    pub name: String,
}

impl Settings {
    /// Reads the settings. The clock is read first: what changes meanwhile makes them older than
    /// the clock says, never newer, and so they are read again before anything is written.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(read: &impl Read) -> Result<Self, DatabaseError> {
        let seq = seq(read).await?;
        let row = read.find::<organization::Entity>(Condition::all()).await?.pop();
        let row = row.ok_or_else(|| DatabaseError::internal(DURING, "no organization"))?;
        let live_teams = Condition::all().add(team::Column::DeletedAt.is_null());
        let teams = read.find::<team::Entity>(live_teams).await?;
        Ok(Self {
            seq,
            policy: row.try_into()?,
            pipelines: pipelines(read).await?,
            teams: teams.into_iter().map(|team| team.id).collect(),
        })
    }

    /// Returns the stage with this id.
    #[must_use]
    pub fn stage(&self, id: Uuid) -> Option<&Stage> {
        self.pipelines.iter().flat_map(|pipeline| &pipeline.stages).find(|stage| stage.id == id)
    }

    /// Returns the pipeline with this id.
    #[must_use]
    pub fn pipeline(&self, id: Uuid) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| pipeline.id == id)
    }
}

const DURING: &str = "reading settings";

/// Returns the clock's `settings_seq`.
async fn seq(read: &impl Read) -> Result<i64, DatabaseError> {
    let clock = read.find::<change_clock::Entity>(Condition::all()).await?.pop();
    clock.map(|clock| clock.settings_seq).ok_or_else(|| DatabaseError::internal(DURING, "no change clock"))
}

async fn pipelines(read: &impl Read) -> Result<Vec<Pipeline>, DatabaseError> {
    let live = Condition::all().add(pipeline::Column::DeletedAt.is_null());
    let mut rows = read.find::<pipeline::Entity>(live).await?;
    rows.sort_by(|a, b| b.is_default.cmp(&a.is_default).then_with(|| a.name_key.cmp(&b.name_key)));
    let live = Condition::all().add(pipeline_stage::Column::DeletedAt.is_null());
    let mut stages = read.find::<pipeline_stage::Entity>(live).await?;
    stages.sort_by_key(|stage| stage.position);
    Ok(rows
        .into_iter()
        .map(|row| Pipeline {
            id: row.id,
            is_default: row.is_default,
            stages: stages
                .iter()
                .filter(|stage| stage.pipeline_id == row.id)
                .map(|stage| Stage { id: stage.id, pipeline_id: stage.pipeline_id, name: stage.name.clone() })
                .collect(),
        })
        .collect())
}

/// Settings remembered between requests; stale ones are found out by the change clock, under
/// which every write checks them.
#[derive(Clone, Debug)]
pub struct SettingsCache(Cache<Uuid, Arc<Settings>>);

impl Default for SettingsCache {
    fn default() -> Self {
        Self(Cache::new(10_000))
    }
}

impl SettingsCache {
    /// The remembered settings, which may have changed meanwhile, else those in force. For a
    /// write, which finds out under the clock.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recent(&self, read: &impl Read) -> Result<Arc<Settings>, DatabaseError> {
        match self.0.get(&read.org_id()) {
            Some(settings) => Ok(settings),
            None => self.reload(read).await,
        }
    }

    /// The settings in force, whoever changed them: the clock is asked for their `settings_seq`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn in_force(&self, read: &impl Read) -> Result<Arc<Settings>, DatabaseError> {
        self.current(read, seq(read).await?).await
    }

    /// Returns the settings in force within a write.
    ///
    /// # Errors
    /// The database failed.
    pub async fn in_transaction(&self, tx: &WriteTx<'_>) -> Result<Arc<Settings>, DatabaseError> {
        if tx.has_changed_settings() {
            // Changed in this very transaction: nobody else may use them before it commits.
            return Ok(Arc::new(Settings::load(tx).await?));
        }
        self.current(tx, tx.clock().settings_seq).await
    }

    /// Returns the settings with this `settings_seq`.
    ///
    /// # Errors
    /// The database failed.
    async fn current(&self, read: &impl Read, seq: i64) -> Result<Arc<Settings>, DatabaseError> {
        match self.0.get(&read.org_id()) {
            Some(settings) if settings.seq == seq => Ok(settings),
            _ => self.reload(read).await,
        }
    }

    async fn reload(&self, read: &impl Read) -> Result<Arc<Settings>, DatabaseError> {
        let settings = Arc::new(Settings::load(read).await?);
        self.0.insert(read.org_id(), settings.clone());
        Ok(settings)
    }
}

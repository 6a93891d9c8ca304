//! Settings that a write is prepared with, and the cache that finds out whether they are still in force.

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
    /// Sequence of the settings. A write that was prepared with them is valid while the change clock has
    /// the same one.
    pub seq: i64,
    /// Policy.
    pub policy: Policy,
    /// Live pipelines, the default one first.
    pub pipelines: Vec<Pipeline>,
    /// Ids of the live teams.
    pub teams: HashSet<Uuid>,
}

/// A live pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Id.
    pub id: Uuid,
    /// True if it is the pipeline of contacts for which none is given.
    pub is_default: bool,
    /// Stages in order, normally at least one.
    pub stages: Vec<Stage>,
}

/// A live stage of a pipeline.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Id.
    pub id: Uuid,
    /// Id of its pipeline.
    pub pipeline_id: Uuid,
    /// Name.
    pub name: String,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(read: &impl Read) -> Result<Self, DatabaseError> {
        // The clock is read first. If the settings change meanwhile, they are newer than this sequence says,
        // so the next write finds another sequence and reads them again. Read last, the sequence could be
        // newer than the settings, and nobody would notice.
        let seq = seq(read).await?;
        let row = read.find::<organization::Entity>(Condition::all()).await?.pop();
        let row = row.ok_or_else(|| DatabaseError::internal(OPERATION, "no organization"))?;
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

/// Name of the operation, in errors.
const OPERATION: &str = "reading settings";

/// Reads the sequence of the settings from the change clock.
async fn seq(read: &impl Read) -> Result<i64, DatabaseError> {
    let clock = read.find::<change_clock::Entity>(Condition::all()).await?.pop();
    clock.map(|clock| clock.settings_seq).ok_or_else(|| DatabaseError::internal(OPERATION, "no change clock"))
}

/// Reads the live pipelines with their live stages.
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

/// Maximum number of organizations whose settings are cached.
const MAX_ORGANIZATIONS: u64 = 10_000;

/// Cache of the settings of organizations. It may hold stale ones: every write compares them with the
/// change clock while it holds that.
#[derive(Clone, Debug)]
pub struct SettingsCache(Cache<Uuid, Arc<Settings>>);

impl Default for SettingsCache {
    fn default() -> Self {
        Self(Cache::new(MAX_ORGANIZATIONS))
    }
}

impl SettingsCache {
    /// Returns the cached settings, which may be stale, else those in force. It is meant for a write, which
    /// finds out under the clock.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recent(&self, read: &impl Read) -> Result<Arc<Settings>, DatabaseError> {
        match self.0.get(&read.org_id()) {
            Some(settings) => Ok(settings),
            None => self.reload(read).await,
        }
    }

    /// Returns the settings in force, whoever changed them: it reads the change clock to compare.
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
            // They were changed in this very transaction. The cache may not have them before it commits, and
            // never if it rolls back.
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
            Some(_) | None => self.reload(read).await,
        }
    }

    /// Reads the settings in force, and caches them.
    async fn reload(&self, read: &impl Read) -> Result<Arc<Settings>, DatabaseError> {
        let settings = Arc::new(Settings::load(read).await?);
        self.0.insert(read.org_id(), settings.clone());
        Ok(settings)
    }
}

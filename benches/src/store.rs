//! A filled database: where it is, who may ask it, and values to ask for.

mod fill;
mod multiply;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{cluster::Cluster, database::Database, failure::Failure, options::Engine};

/// A filled database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) engine: Engine,
    /// URL as the gateway takes it.
    pub(crate) url: String,
    pub(crate) filled: Filled,
}

/// Facts about a filled database that it does not tell itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Filled {
    /// Organization that is asked.
    pub(crate) organization: Uuid,
    /// Its API key.
    pub(crate) key: String,
    /// Clock of the organization when the database was filled: what is newer was created by a benchmark.
    change_seq: i64,
    change_at: i64,
}

/// Values to ask for.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    /// Ids of contacts, in a random order.
    pub(crate) ids: Vec<Uuid>,
    /// Times since which to poll.
    pub(crate) times: Vec<i64>,
    /// Time of the contact at the depth of W6.
    pub(crate) deep_time: i64,
}

/// Depth of W6, where the organization has twice as many contacts.
const DEPTH: i64 = 500_000;
/// Maximum number of sampled ids.
const MAX_IDS: i64 = 10_000;
/// Maximum number of sampled times.
const MAX_TIMES: usize = 1_000;

impl Store {
    /// Opens a database with this many contacts in a folder; fills it if it is not there.
    pub(crate) async fn open(
        cluster: Option<&Cluster>,
        folder: &Path,
        gateway: &Path,
        contacts: u64,
    ) -> Result<Self, Failure> {
        let name = format!("contacts_{contacts}");
        let (engine, url) = match cluster {
            Some(cluster) => (Engine::Postgres, cluster.url(&name)),
            None => (Engine::Sqlite, format!("sqlite:{}", folder.join(format!("{name}.db")).display())),
        };
        let facts = folder.join(format!("{name}.{}.json", engine.name()));
        if let Ok(text) = fs::read(&facts) {
            let store = Self { engine, url, filled: serde_json::from_slice(&text)? };
            store.trim().await?;
            return Ok(store);
        }
        if let Some(cluster) = cluster {
            let server = Database::connect(&cluster.url("postgres")).await?;
            server.run(&format!("DROP DATABASE IF EXISTS {name}")).await?;
            server.run(&format!("CREATE DATABASE {name}")).await?;
        } else {
            for suffix in ["", "-wal", "-shm"] {
                drop(fs::remove_file(PathBuf::from(format!("{}{suffix}", &url["sqlite:".len()..]))));
            }
        }
        let filled = fill::fill(&url, gateway, contacts).await?;
        fs::write(&facts, serde_json::to_vec_pretty(&filled)?)?;
        Ok(Self { engine, url, filled })
    }

    /// Deletes what benchmarks have created, and does what an engine would do later by itself.
    pub(crate) async fn trim(&self) -> Result<(), Failure> {
        let created = self.created().await?;
        let database = Database::connect(&self.url).await?;
        let newer = self.newer(&database);
        let org = database.literal(self.filled.organization);
        let ids = format!("org_id = {org} AND contact_id IN (SELECT id FROM contact WHERE {newer})");
        let mut statements = Vec::new();
        if self.engine == Engine::Sqlite {
            statements.push(format!(
                "DELETE FROM contact_search_index WHERE rowid IN (SELECT rowid FROM contact_search WHERE {ids})"
            ));
        }
        for table in ["contact_phone", "contact_email", "contact_tag", "contact_search"] {
            statements.push(format!("DELETE FROM {table} WHERE {ids}"));
        }
        statements.push(format!("DELETE FROM contact WHERE {newer}"));
        if created > 0 {
            // Nothing refers to what is deleted, and no index tells PostgreSQL that no contact was merged into it.
            if self.engine == Engine::Postgres {
                statements.insert(0, "SET LOCAL session_replication_role = replica".to_owned());
            }
            database.run(&format!("BEGIN; {}; COMMIT", statements.join("; "))).await?;
        }
        match self.engine {
            Engine::Sqlite => database.rows("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop),
            Engine::Postgres if created > 0 => {
                let tables =
                    "contact, contact_phone, contact_email, contact_tag, contact_search, change_clock";
                database.run(&format!("VACUUM {tables}")).await?;
                database.run("CHECKPOINT").await
            }
            Engine::Postgres => Ok(()),
        }
    }

    /// Returns the number of contacts that benchmarks have created.
    pub(crate) async fn created(&self) -> Result<i64, Failure> {
        let database = Database::connect(&self.url).await?;
        let count = format!("SELECT count(*) FROM contact WHERE {}", self.newer(&database));
        let [created] = database.numbers(&count).await?;
        Ok(created)
    }

    /// Returns the condition that a contact was created by a benchmark.
    fn newer(&self, database: &Database) -> String {
        let Filled { organization, change_seq, change_at, .. } = &self.filled;
        format!(
            "org_id = {} AND deleted_at IS NULL AND created_at >= {change_at} AND created_seq > {change_seq}",
            database.literal(*organization)
        )
    }

    /// Returns values to ask for.
    pub(crate) async fn samples(&self) -> Result<Samples, Failure> {
        let database = Database::connect(&self.url).await?;
        let org = database.literal(self.filled.organization);
        let live = format!("FROM contact WHERE org_id = {org} AND deleted_at IS NULL");
        let [contacts] = database.numbers(&format!("SELECT count(*) {live}")).await?;
        let step = (contacts / MAX_IDS).max(1);
        let rows = format!("SELECT id, updated_at {live} AND change_seq % {step} = 0 LIMIT {MAX_IDS}");
        let mut sampled = Vec::new();
        for row in database.rows(&rows).await? {
            let id = row.first().and_then(|id| Uuid::parse_str(id).ok());
            sampled.extend(id.zip(row.get(1).and_then(|time| time.parse::<i64>().ok())));
        }
        // Their last characters are random.
        sampled.sort_by_key(|(id, _)| id.as_u128().reverse_bits());
        let depth = DEPTH.min(contacts / 2);
        let deep = format!(
            "SELECT updated_at {live} ORDER BY updated_at DESC, change_seq DESC LIMIT 1 OFFSET {depth}"
        );
        let [deep_time] = database.numbers(&deep).await?;
        let (ids, times): (Vec<_>, Vec<_>) = sampled.into_iter().unzip();
        let times = times.into_iter().take(MAX_TIMES).collect();
        Ok(Samples { ids, times, deep_time })
    }

    /// Returns time and sequence of a contact's latest change.
    pub(crate) async fn position(&self, id: Uuid) -> Result<[i64; 2], Failure> {
        let database = Database::connect(&self.url).await?;
        let (org, id) = (database.literal(self.filled.organization), database.literal(id));
        database
            .numbers(&format!(
                "SELECT updated_at, change_seq FROM contact WHERE org_id = {org} AND id = {id}"
            ))
            .await
    }
}

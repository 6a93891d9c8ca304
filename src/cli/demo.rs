//! `demo`: adds realistic contacts, through the same write path as any others.

mod people;

use std::{collections::HashSet, time::Duration};

use clap::Args;
use entity::api_key;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use rand::{SeedableRng as _, rngs::StdRng};

use super::{Failure, first_start, say};
use crate::{
    access::{Caller, Scopes},
    config::Settings,
    contacts::{
        ContactDraft,
        commands::{CreateContacts, MAX_IDS, OnConflict},
    },
    database::{Database, KeyStore, WriteError},
    input::problem::ProblemCode,
    organizations::SettingsCache,
    writing::{Execute as _, Request, idempotency::Answered},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Number of contacts to add
    #[arg(long, value_name = "N")]
    contacts: u64,
    /// Name or id of the organization that gets them; not needed if only one exists
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Seed of the random contacts; another seed gives others
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Maximum number of concurrent writes: as many as fill a batch while another one commits.
const MAX_WRITES: usize = 20;

/// Maximum number of attempts for one contact while the database is slow or cannot be reached.
const MAX_ATTEMPTS: u32 = 20;
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), Failure> {
    let database = Database::open(&settings.database()).await?;
    let store = KeyStore::open(&settings.database()).await?;
    if let Some(key) = first_start::ensure(&store).await? {
        say(&"Made your organization and an API key for it. The key is not shown again:");
        say(&format!("  {}", key.reveal()));
    }
    let caller = caller(&store, arguments.organization.as_deref()).await?;
    let cache = SettingsCache::default();
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} contacts, {per_sec}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    let progress = ProgressBar::new(arguments.contacts).with_style(style);

    let mut random = StdRng::seed_from_u64(arguments.seed);
    let seed = arguments.seed;
    stream::iter((0..arguments.contacts).map(|number| people::draft(&mut random, seed, number)))
        .chunks(MAX_IDS)
        .map(|drafts| add(&database, &cache, &caller, drafts, seed))
        .buffer_unordered(MAX_WRITES)
        .try_for_each(|added| {
            progress.inc(added);
            std::future::ready(Ok(()))
        })
        .await?;
    progress.finish_and_clear();
    say(&format!("added {} contacts", arguments.contacts));
    database.close().await;
    Ok(())
}

/// Adds contacts, all or none, and tries again while the database is slow or cannot be reached. Returns their number.
async fn add(
    database: &Database,
    cache: &SettingsCache,
    caller: &Caller,
    drafts: Vec<ContactDraft>,
    seed: u64,
) -> Result<u64, Failure> {
    let added = drafts.len() as u64;
    let command = CreateContacts::new(drafts, OnConflict::Fail, None, true);
    let (mut attempts, mut may_exist) = (0, false);
    loop {
        attempts += 1;
        let request = Request { database, settings: cache, caller, repeatable: None };
        let codes = match command.clone().execute(&request).await {
            Ok(Answered::Answer(written)) => {
                let mut codes: Vec<_> = written.problems.into_iter().map(|problem| problem.code).collect();
                codes.dedup();
                codes
            }
            // Only a request with an idempotency key gets this answer.
            Ok(Answered::KeyReused) => Vec::new(),
            Err(error @ (WriteError::Overloaded | WriteError::Unavailable | WriteError::OutcomeUnknown))
                if attempts < MAX_ATTEMPTS =>
            {
                // If the write was committed, the next attempt finds the external ids taken by these very
                // contacts.
                may_exist |= error == WriteError::OutcomeUnknown;
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(Failure::Failed(error.to_string())),
        };
        let exists = codes.contains(&ProblemCode::ExternalIdTaken);
        return if codes.is_empty() || (exists && may_exist) {
            Ok(added)
        } else if exists {
            Err(Failure::Failed(format!("the contacts of seed {seed} exist already; give another --seed")))
        } else {
            Err(Failure::Failed(format!("the organization's policy refuses these contacts: {codes:?}")))
        };
    }
}

/// Returns a caller with the organization's oldest key.
async fn caller(store: &KeyStore, organization: Option<&str>) -> Result<Caller, Failure> {
    let organizations = store.organizations().await?;
    let named = organizations
        .iter()
        .filter(|known| organization.is_none_or(|name| known.name == name || known.id.to_string() == name))
        .collect::<Vec<_>>();
    let [organization] = named[..] else {
        return Err(Failure::Setting(
            "name one organization with --organization; `contacts-gateway keys list` shows them".to_owned(),
        ));
    };
    let key: Option<api_key::Model> =
        store.keys().await?.into_iter().find(|key| key.org_id == organization.id && key.removed_at.is_none());
    let key = key.ok_or_else(|| {
        Failure::Setting(
            "the organization has no key; create one with `contacts-gateway keys create`".to_owned(),
        )
    })?;
    Ok(Caller {
        org_id: organization.id,
        key_id: key.id,
        user_id: None,
        scopes: Scopes::from_bits(key.scopes),
        teams: None::<HashSet<_>>,
    })
}

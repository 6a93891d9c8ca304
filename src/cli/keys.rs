//! `keys`: making, listing and revoking API keys.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use entity::organization;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use super::{Failure, complain, say};
use crate::{
    access::{Key, Scope, Scopes, mint},
    clock::now_ms,
    config::Settings,
    database::{KeyStore, MAX_LIVE_KEYS},
    organizations,
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make a key, and print it once
    Create(Create),
    /// List every key, without its secret
    List,
    /// Revoke a key and those it has made; they stop working within 5 seconds
    Revoke {
        /// The key's first 16 characters, as `list` shows them
        #[arg(value_name = "PREFIX")]
        prefix: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// A name that tells the purpose of the key
    #[arg(long)]
    name: String,
    /// Its scopes: `all`, or some of contacts:read, contacts:write, contacts:purge,
    /// settings:write and keys:manage, separated by commas
    #[arg(long, value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// The name or id of its organization; not needed if only one exists
    #[arg(long, value_name = "NAME", conflicts_with = "new_organization")]
    organization: Option<String>,
    /// Make an organization of this name, and the key for it
    #[arg(long, value_name = "NAME")]
    new_organization: Option<String>,
    /// The time at which it stops working by itself, as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<DateTime<Utc>>,
}

pub(super) async fn run(settings: &Settings, command: KeysCommand) -> Result<(), Failure> {
    let store = KeyStore::open(&settings.database()).await?;
    match command {
        KeysCommand::Create(create) => make(&store, create).await,
        KeysCommand::List => list(&store).await,
        KeysCommand::Revoke { prefix } => revoke(&store, &prefix).await,
    }
}

async fn make(store: &KeyStore, create: Create) -> Result<(), Failure> {
    let scopes = scopes(&create.scopes)?;
    if create.name.trim().is_empty() {
        return Err(Failure::Setting("--name is blank; say what the key is for".to_owned()));
    }
    let (organization, founded) = organization(store, &create).await?;
    let expires_at = create.expires_at.map(|time| time.timestamp_millis());
    let (key, row) = mint(organization.id, create.name.trim(), scopes, expires_at);
    let founded = founded.then(|| organization.clone().into_active_model().reset_all());
    if !store.add(founded, row).await? {
        return Err(Failure::Failed(format!(
            "\"{}\" has {MAX_LIVE_KEYS} keys already, the maximum; revoke one that is not needed",
            organization.name
        )));
    }
    // Standard output has nothing but the key, for scripts; the rest goes to standard error.
    say(&key.reveal());
    complain(&format!("made for \"{}\" with {scopes}; it is not shown again", organization.name));
    Ok(())
}

fn scopes(names: &[String]) -> Result<Scopes, Failure> {
    if names == ["all"] {
        return Ok(Scope::ALL.into_iter().collect());
    }
    names
        .iter()
        .map(|name| name.trim().parse::<Scope>())
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Setting(error.to_string()))
}

/// Returns the organization that was named, or the only one, or a new one; and whether it is new.
async fn organization(store: &KeyStore, create: &Create) -> Result<(organization::Model, bool), Failure> {
    if let Some(name) = &create.new_organization {
        if name.trim().is_empty() {
            return Err(Failure::Setting("--new-organization is blank; give it a name".to_owned()));
        }
        return Ok((organizations::new(Uuid::now_v7(), name.trim(), now_ms()), true));
    }
    let mut known = store.organizations().await?;
    let names = || known.iter().map(|known| known.name.clone()).collect::<Vec<_>>().join(", ");
    let Some(wanted) = &create.organization else {
        return match known.len() {
            0 => Ok((organizations::new(Uuid::now_v7(), "My organization", now_ms()), true)),
            1 => Ok((known.remove(0), false)),
            _ => Err(Failure::Setting(format!(
                "several organizations exist; choose one with --organization: {}",
                names()
            ))),
        };
    };
    let is_wanted = |known: &&organization::Model| known.name == *wanted || known.id.to_string() == *wanted;
    match known.iter().filter(is_wanted).count() {
        1 => {
            known.retain(|known| is_wanted(&known));
            Ok((known.remove(0), false))
        }
        0 => Err(Failure::Setting(format!(
            "no organization is called \"{wanted}\"; these exist: {}; or make it with --new-organization",
            names()
        ))),
        _ => Err(Failure::Setting(format!(
            "several organizations are called \"{wanted}\"; give an id instead"
        ))),
    }
}

async fn list(store: &KeyStore) -> Result<(), Failure> {
    let organizations = store.organizations().await?;
    say(
        &"KEY               NAME                      ORGANIZATION          LAST USED                 STATE    SCOPES",
    );
    for key in store.keys().await?.into_iter().filter(|key| key.removed_at.is_none()) {
        let organization = organizations.iter().find(|organization| organization.id == key.org_id);
        let state = if key.revoked_at.is_some() {
            "revoked"
        } else if key.expires_at.is_some_and(|at| at <= now_ms()) {
            "expired"
        } else {
            "valid"
        };
        say(&format!(
            "{:<17} {:<25} {:<21} {:<25} {state:<8} {}",
            Key::prefix_of(&key.public_id),
            key.name,
            organization.map_or("", |organization| &organization.name),
            key.last_used_at.and_then(DateTime::from_timestamp_millis).map_or_else(
                || "never".to_owned(),
                |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
            ),
            Scopes::from_bits(key.scopes),
        ));
    }
    Ok(())
}

async fn revoke(store: &KeyStore, prefix: &str) -> Result<(), Failure> {
    let public_id = prefix.strip_prefix("cgw_").unwrap_or(prefix);
    // A whole key is understood too; only its public part is looked at.
    let public_id = public_id.get(..12).unwrap_or(public_id);
    if store.revoke(public_id).await? {
        say(&"revoked; it stops working within 5 seconds");
        Ok(())
    } else {
        Err(Failure::Failed(format!(
            "no valid key starts with {prefix}; `contacts-gateway keys list` shows them"
        )))
    }
}

//! `backup` and `restore`.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, say};
use crate::{
    config::Settings,
    database::{self, BackupError, Restored},
};

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    /// File to write; it must not exist yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    /// Backup to put in place; it stays as it is
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) async fn back_up(settings: &Settings, arguments: BackupArguments) -> Result<(), Failure> {
    let told = format!("{}", arguments.file.display());
    let bytes = database::back_up(&settings.database(), arguments.file).await?;
    say(&format!("wrote {told}, {bytes} bytes"));
    Ok(())
}

pub(super) async fn restore(settings: &Settings, arguments: RestoreArguments) -> Result<(), Failure> {
    let told = format!("{}", arguments.file.display());
    let Restored { database, replaced } = database::restore(&settings.database(), arguments.file).await?;
    say(&format!("{} is what {told} has", database.display()));
    if let Some(replaced) = replaced {
        say(&format!("the database that was there is now {}", replaced.display()));
    }
    Ok(())
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Open(error) => Self::Open(error),
            error @ (BackupError::Postgres
            | BackupError::Exists(_)
            | BackupError::Itself(_)
            | BackupError::Missing(_)
            | BackupError::Name(_)) => Self::Setting(error.to_string()),
            error => Self::Failed(error.to_string()),
        }
    }
}

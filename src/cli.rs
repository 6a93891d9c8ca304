//! The command line.

mod demo;
mod first_start;
mod keys;
mod serve;

use std::{fmt, io, io::Write as _};

use clap::{Parser, Subcommand};

use crate::{
    config::{ServeSettings, Settings},
    database::{self, Database, OpenError},
    error::DatabaseError,
    graphql, telemetry,
};

/// A GraphQL gateway over contacts: one binary, with SQLite inside or PostgreSQL beside.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    serve: ServeSettings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and GraphiQL (the default)
    Serve(ServeSettings),
    /// Bring the database's tables up to date, and exit
    Migrate,
    /// Print the GraphQL schema
    Schema,
    /// Make, list and revoke API keys; also while a server runs
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Refuse all change cursors made so far: required after a backup was restored
    NewEpoch,
    /// Fill an organization with believable contacts
    Demo(demo::Arguments),
}

/// Reason why a command failed, in a line.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each means")]
pub enum Failure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{0}")]
    Setting(String),
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// Returns whether a setting has to be mended.
    #[must_use]
    pub fn is_setting(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Setting(_))
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        let kind = error.log().kind;
        Self::Failed(format!("the database failed ({kind:?}); the log has the cause"))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// See [`Failure`].
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { command, settings, serve } = cli;
    // Before anything that could have something to log.
    telemetry::start(&settings).map_err(Failure::Setting)?;
    match command.unwrap_or(Command::Serve(serve)) {
        Command::Serve(serve) => serve::run(&settings, &serve).await,
        Command::Migrate => {
            Database::open(&settings.database()).await?.close().await;
            say(&"the tables are up to date");
            Ok(())
        }
        Command::Schema => {
            say_text(&graphql::sdl());
            Ok(())
        }
        Command::Keys(command) => keys::run(&settings, command).await,
        Command::NewEpoch => {
            database::new_epoch(&settings.database()).await?;
            say(&"change cursors made so far are refused from now on");
            Ok(())
        }
        Command::Demo(arguments) => demo::run(&settings, &arguments).await,
    }
}

/// Prints a line to standard output. That it is closed, as by `| head`, is not an error.
pub fn say(line: &impl fmt::Display) {
    drop(writeln!(io::stdout().lock(), "{line}"));
}

fn say_text(text: &str) {
    drop(io::stdout().lock().write_all(text.as_bytes()));
}

/// Prints a line to standard error.
pub fn complain(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

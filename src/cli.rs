//! The command line.

mod backup;
mod demo;
mod first_start;
mod keys;
mod serve;

use std::{fmt, io, io::Write as _, process::ExitCode};

use clap::{Parser, Subcommand, error::ErrorKind};

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
    Serve(Box<ServeSettings>),
    /// Bring the database's tables up to date, and exit
    Migrate,
    /// Print the GraphQL schema
    Schema,
    /// Make, list and revoke API keys; also while a server runs
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Refuse all change cursors made so far: required after a backup was restored
    NewEpoch,
    /// Copy the SQLite database into a new file, whole, also while a server runs
    Backup(backup::BackupArguments),
    /// Put a backup in the place of the SQLite database, while no server runs
    Restore(backup::RestoreArguments),
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
    /// Returns true if a setting has to be mended.
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

/// Exit code of a wrong setting (`EX_CONFIG` of sysexits.h).
const EXIT_BAD_SETTING: u8 = 78;

/// Stack of a thread, in bytes: room for a deep document, and for the deep futures of a build without
/// optimisation.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Runs the program: parses the command line, and runs a command on a runtime of its own.
///
/// It stands here and not in the binary, which would compile every future of the program once more.
#[must_use]
pub fn main() -> ExitCode {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    match runtime.thread_stack_size(STACK_BYTES).enable_all().build() {
        // The command runs on a worker too, because the system decides on the main thread's stack.
        Ok(runtime) => {
            let code = runtime.block_on(async { tokio::spawn(command()).await.unwrap_or(ExitCode::FAILURE) });
            // Without waiting for what blocks a thread.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            complain(&format!("error: no threads can be started: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn command() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            say(&error);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let message = error.to_string();
            // The first paragraph says what is wrong and which arguments are meant; the rest is usage.
            let line: Vec<&str> =
                message.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            complain(&format!("{}; see --help", line.join(" ")));
            return ExitCode::from(EXIT_BAD_SETTING);
        }
    };
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&format!("error: {failure}"));
            ExitCode::from(if failure.is_setting() { EXIT_BAD_SETTING } else { 1 })
        }
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
    match command.unwrap_or(Command::Serve(Box::new(serve))) {
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
        Command::Backup(arguments) => backup::back_up(&settings, arguments).await,
        Command::Restore(arguments) => backup::restore(&settings, arguments).await,
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

//! The binary: parses the command line, runs a command, and exits.

use std::process::ExitCode;

use clap::{Parser as _, error::ErrorKind};
use contacts_gateway::cli::{self, Cli};

/// Allocates faster than the system's allocator under many small requests.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for a wrong setting: `EX_CONFIG` of sysexits.h.
const BAD_SETTING: u8 = 78;

/// Size of a thread's stack, in bytes: room for a deep document, and for the deep futures of a build
/// without optimisation.
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build();
    match runtime {
        // The command runs on a worker too: the main thread's stack is the system's affair.
        Ok(runtime) => runtime.block_on(async { tokio::spawn(command()).await.unwrap_or(ExitCode::FAILURE) }),
        Err(error) => {
            cli::complain(&format!("error: no threads can be started: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn command() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            cli::say(&error);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let message = error.to_string();
            // The first paragraph tells what is wrong and in which arguments; usage and hints follow it.
            let line: Vec<&str> =
                message.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            cli::complain(&format!("{}; see --help", line.join(" ")));
            return ExitCode::from(BAD_SETTING);
        }
    };
    match cli::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            cli::complain(&format!("error: {failure}"));
            ExitCode::from(if failure.is_setting() { BAD_SETTING } else { 1 })
        }
    }
}

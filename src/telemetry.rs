//! The log.
//!
//! It carries ids, counts and codes; never names, addresses, numbers, documents, variables or
//! keys.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

/// Starts logging to standard error.
///
/// # Errors
/// The filter cannot be read.
pub fn start(settings: &Settings) -> Result<(), String> {
    // A migration tells about itself at every start; what came of it is told by this program.
    let filter = EnvFilter::try_new(format!("sea_orm_migration=warn,{}", settings.log))
        .map_err(|error| format!("--log cannot be read: {error}; give a level such as info"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

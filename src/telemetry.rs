//! The log.
//!
//! Its lines carry ids, counts and codes; never names, addresses, numbers, documents, variables or keys.
//! Only this program's own lines are logged, at any level. What libraries say is not: the driver
//! logs statements and notices of the database, the library of phone numbers logs numbers, and an
//! HTTP stack logs headers. What of that matters reaches this program as an error.

use std::{
    io,
    panic::{self, PanicHookInfo},
};

use tracing::Metadata;
use tracing_subscriber::{
    EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{LogFormat, Settings};
use crate::request_id;

/// Starts logging to standard error.
///
/// # Errors
/// The filter cannot be read.
pub fn start(settings: &Settings) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.log)
        .map_err(|error| format!("--log cannot be read: {error}; give a level such as info"))?;
    let lines = fmt::layer().with_writer(io::stderr);
    // The setting comes on top and can take lines away, but never add one that is not ours.
    let log = tracing_subscriber::registry().with(filter_fn(is_ours)).with(filter);
    match settings.log_format {
        LogFormat::Text => log.with(lines).init(),
        LogFormat::Json => log.with(lines.json()).init(),
    }
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target().strip_prefix(env!("CARGO_CRATE_NAME"));
    target.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Logs the place of a panic, and its text if a programmer wrote it word for word: a text that was put
/// together may hold whatever was being worked on.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(tracing::field::display);
    let text = panic.payload().downcast_ref::<&'static str>();
    tracing::error!(request_id = request_id::current(), place, text, "a panic");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The metadata of a line of this module, with another target.
    macro_rules! ours {
        ($target:literal) => {{
            let callsite = tracing::callsite!(
                name: "line",
                kind: tracing::metadata::Kind::EVENT,
                target: $target,
                level: tracing::Level::ERROR,
                fields:
            );
            is_ours(tracing::callsite::Callsite::metadata(callsite))
        }};
    }

    #[test]
    fn only_lines_of_this_program_are_logged() {
        assert!(ours!("contacts_gateway") && ours!("contacts_gateway::http::observe"));
        assert!(!ours!("sqlx::query") && !ours!("hyper") && !ours!("log"));
        assert!(!ours!("contacts_gateway_of_another") && !ours!(""));
    }
}

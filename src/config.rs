//! Settings: every one is a flag and an environment variable. Only here is the environment read.

mod documents;

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

pub use self::documents::{DocumentSettings, RateSettings};
use crate::{access::Failures, database::Options};

/// What every command needs.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Where the contacts are: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:contacts.db",
        value_name = "URL",
        global = true
    )]
    pub database_url: String,

    /// How many connections read at the same time; writes have their own
    #[arg(
        long,
        env = "READ_CONNECTIONS",
        default_value_t = 8,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1000),
        global = true
    )]
    pub read_connections: u32,

    /// What is logged: a level (error, warn, info, debug, trace), or levels by module as in
    /// `info,contacts_gateway::http=warn`; only lines of this program are, which hold no data
    #[arg(long, env = "LOG", default_value = "info", value_name = "FILTER", global = true)]
    pub log: String,

    /// How it is logged
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_name = "FORMAT", global = true)]
    pub log_format: LogFormat,
}

impl Settings {
    /// How to open the store.
    #[must_use]
    pub fn database(&self) -> Options {
        Options { readers: self.read_connections, ..Options::new(&self.database_url) }
    }
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// What serving needs besides.
#[derive(Clone, Debug, Args)]
pub struct ServeSettings {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// A web origin whose pages may call the API, as `https://app.example`, or `*` for all; may
    /// be given several times, in the variable separated by commas
    #[arg(long = "cors-origin", env = "CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// Requests with a key that is not valid, from one address in a minute, on average and at once;
    /// beyond them: `RATE_LIMITED`. 0: as many as they like. Addresses of one IPv6 /64 count as one
    #[arg(long, env = "FAILED_KEYS", default_value_t = Failures::PER_MINUTE, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub failed_keys: u32,

    /// The address that answers Prometheus at `/metrics`, without a key: keep it from the internet;
    /// port 0 takes a free one [default: none]
    #[arg(long, env = "METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its own")]
    pub documents: DocumentSettings,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its own")]
    pub rate: RateSettings,
}

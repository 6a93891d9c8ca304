//! The command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::workload::Workload;

/// Options of a measurement.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Binary of the gateway, or `LABEL=PATH`; several to compare builds
    #[arg(long, default_value = "target/release/contacts-gateway")]
    pub(crate) gateway: Vec<Gateway>,
    /// Database engine
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    pub(crate) engine: Engines,
    /// Numbers of contacts in the database, 70 % of them in the asked organization
    #[arg(long, value_delimiter = ',', default_value = "1000000")]
    pub(crate) contacts: Vec<u64>,
    /// Workloads to run [default: all]
    #[arg(long, value_enum, value_delimiter = ',', ignore_case = true)]
    pub(crate) only: Vec<Workload>,
    /// Numbers of connections of the load generator
    #[arg(long, value_delimiter = ',', default_value = "32")]
    pub(crate) connections: Vec<usize>,
    /// Seconds of one run, after a warm-up of a quarter as long
    #[arg(long, default_value_t = 3.0)]
    pub(crate) seconds: f64,
    /// Number of runs of each target, in turn; figures are their medians
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Number of connections with which the bare handlers read
    #[arg(long, default_value_t = 4)]
    pub(crate) limit_connections: usize,
    /// Folder in which filled databases are kept for the next time
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Server of PostgreSQL, whose user may create databases; without it, one is started
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Measure Mercurius too, on PostgreSQL; takes `npm ci --prefix benches/mercurius` before
    #[arg(long)]
    pub(crate) mercurius: bool,
    /// Folder of Mercurius
    #[arg(long, default_value = "benches/mercurius", hide_default_value = true)]
    pub(crate) mercurius_folder: PathBuf,
    /// File for the figures, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Choice of engines.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engines {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
    /// One after the other
    Both,
}

/// Database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engines {
    pub(crate) fn each(self) -> &'static [Engine] {
        match self {
            Self::Sqlite => &[Engine::Sqlite],
            Self::Postgres => &[Engine::Postgres],
            Self::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Build of the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    pub(crate) label: String,
    pub(crate) path: PathBuf,
}

impl std::str::FromStr for Gateway {
    type Err = std::io::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (label, path) = text.split_once('=').unwrap_or(("gateway", text));
        // Programs are started in other folders.
        Ok(Self { label: label.to_owned(), path: std::path::absolute(path)? })
    }
}

impl Options {
    pub(crate) fn workloads(&self) -> &[Workload] {
        if self.only.is_empty() { Workload::value_variants() } else { &self.only }
    }
}

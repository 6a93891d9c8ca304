//! Measures the gateway against bare handlers on the same database. See `README.md`.

mod cluster;
mod columns;
mod compare;
mod database;
mod failure;
mod limit;
mod load;
mod measure;
mod options;
mod process;
mod report;
mod store;
mod target;
mod trigrams;
mod workload;

use std::{path::Path, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    cluster::Cluster,
    failure::Failure,
    measure::{Lab, Measured},
    options::{Engine, Options},
    report::say,
    store::Store,
    target::Target,
};

/// Allocator of the gateway too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the gateway against bare handlers on the same database
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the bare handlers
    #[command(hide = true)]
    Limit(limit::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { command, options } = Arguments::parse();
    let done = match command {
        Some(Command::Limit(arguments)) => limit::run(arguments).await,
        None => tokio::select! {
            done = run(&options) => done,
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    let temporary = tempfile::tempdir()?;
    let folder = options.data.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder)?;
    let mut all = Vec::new();
    for engine in options.engine.each() {
        let cluster = match (engine, &options.database_url) {
            (Engine::Sqlite, _) => None,
            (Engine::Postgres, Some(url)) => Some(Cluster::given(url)?),
            (Engine::Postgres, None) => Some(Cluster::start(&folder.join("postgres")).await?),
        };
        for contacts in &options.contacts {
            let measured = measure(options, cluster.as_ref(), folder, *contacts).await?;
            report::print(&measured);
            all.extend(measured);
            if let Some(path) = &options.out {
                report::save(path, &all)?;
            }
        }
    }
    let errors: u64 = all.iter().map(|measured| measured.median.errors).sum();
    if errors > 0 { Err(format!("{errors} requests have failed").into()) } else { Ok(()) }
}

/// Fills a database, compares the answers of all targets, and measures them.
async fn measure(
    options: &Options,
    cluster: Option<&Cluster>,
    folder: &Path,
    contacts: u64,
) -> Result<Vec<Measured>, Failure> {
    let gateway = options.gateway.first().ok_or("give a --gateway")?;
    let folder = folder.canonicalize()?;
    let store = Store::open(cluster, &folder, &gateway.path, contacts).await?;
    let samples = store.samples().await?;
    let mut found = None;
    for build in &options.gateway {
        let target = Target::Gateway { build: build.clone(), cached: false };
        let server = target.start(&store).await?;
        let deep = compare::deep(&server, &store, &samples).await?;
        let limits = Target::limits(store.engine, options.limit_connections);
        for limit in limits.into_iter().chain(Target::mercurius(options, store.engine)) {
            let limit_server = limit.start(&store).await?;
            let sides = [(&target, &server), (&limit, &limit_server)];
            compare::compare(&store, (&samples, &deep), sides).await?;
            compare::compare_created(&store, (&samples, &deep), sides).await?;
        }
        found = Some(deep);
    }
    let deep = found.ok_or("give a --gateway")?;
    store.trim().await?;
    say("all answer the same");
    let lab = Lab { options, cluster, store: &store, samples: &samples, deep: &deep, contacts };
    let mut measured = Vec::new();
    for connections in &options.connections {
        measured.extend(lab.measure(*connections).await?);
    }
    Ok(measured)
}

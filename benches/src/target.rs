//! The servers that are measured.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    cluster::free_port,
    failure::Failure,
    limit::create,
    load::Connection,
    options::{Engine, Gateway, Options},
    process::{Process, command},
    store::Store,
    workload::Dialect,
};

/// Kind of server.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A build of the gateway; `cached` if it keeps answers.
    Gateway { build: Gateway, cached: bool },
    /// The bare handlers with a driver, named as on their command line.
    Limit { driver: &'static str, connections: usize },
    /// Mercurius, in a folder where its packages are installed.
    Mercurius(PathBuf),
}

/// Server that is running.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) port: u16,
    metrics: Option<u16>,
}

/// Option that turns the memory of answers off.
const CACHE_OPTION: &str = "--answer-cache-bytes";

/// Maximum time until a server answers: it may renew statistics first.
const MAX_START: Duration = Duration::from_mins(2);

impl Target {
    /// Returns the handlers of an engine, with this many connections that read.
    pub(crate) fn limits(engine: Engine, connections: usize) -> Vec<Self> {
        let drivers: &[&'static str] = match engine {
            Engine::Sqlite => &["sqlx", "rusqlite"],
            Engine::Postgres => &["postgres"],
        };
        drivers.iter().map(|driver| Self::Limit { driver, connections }).collect()
    }

    /// Returns Mercurius, if it is asked for and serves the engine.
    pub(crate) fn mercurius(options: &Options, engine: Engine) -> Option<Self> {
        (options.mercurius && engine == Engine::Postgres)
            .then(|| Self::Mercurius(options.mercurius_folder.clone()))
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Gateway { build, cached: false } => build.label.clone(),
            Self::Gateway { build, cached: true } => format!("{} with memory", build.label),
            Self::Limit { driver: "postgres", .. } => "limit".to_owned(),
            Self::Limit { driver, .. } => format!("limit, {driver}"),
            Self::Mercurius(_) => "Mercurius".to_owned(),
        }
    }

    pub(crate) fn is_limit(&self) -> bool {
        matches!(self, Self::Limit { .. })
    }

    /// Returns the minimum time until its figures count: Node compiles what has run for a while.
    pub(crate) fn min_warm_up(&self) -> Duration {
        match self {
            Self::Gateway { .. } | Self::Limit { .. } => Duration::ZERO,
            Self::Mercurius(_) => Duration::from_secs(3),
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        if self.is_limit() { Dialect::Bare } else { Dialect::GraphQl }
    }

    /// Starts a server and waits until it is ready.
    pub(crate) async fn start(&self, store: &Store) -> Result<Server, Failure> {
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let (mut command, metrics) = match self {
            Self::Gateway { build, cached } => {
                let metrics = free_port()?;
                let mut command = command(&build.path, "TERM", None);
                command.args(["serve", "--listen", &listen, "--database-url", &store.url]);
                // The organization's rate is not what is measured.
                command.args(["--rate-points", "0", "--metrics-listen", &format!("127.0.0.1:{metrics}")]);
                if !cached && has_cache(build)? {
                    command.args([CACHE_OPTION, "0"]);
                }
                (command, Some(metrics))
            }
            Self::Limit { driver, connections } => {
                let database = store.url.strip_prefix("sqlite:").unwrap_or(&store.url);
                let organization = store.filled.organization.to_string();
                let mut command = command(this_program()?, "TERM", None);
                command.args(["limit", "--driver", driver, "--database", database]);
                command.args(["--organization", &organization, "--listen", &listen]);
                command.args(["--readers", &connections.to_string()]);
                (command, None)
            }
            Self::Mercurius(folder) => {
                let mut command = command("node", "TERM", None);
                command.arg("server.js").current_dir(folder).env("NODE_ENV", "production");
                command.env("DATABASE_URL", &store.url).env("PORT", port.to_string());
                command.env("ORGANIZATION", store.filled.organization.to_string());
                command.env("CREATE_STATEMENT", create::POSTGRES.as_str());
                (command, None)
            }
        };
        let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = Process::start(output, "TERM")?;
        let started = Instant::now();
        while !is_ready(port).await {
            process.check().map_err(|failure| format!("{}: {failure}", self.name()))?;
            if started.elapsed() > MAX_START {
                return Err(format!("{} does not become ready", self.name()).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Server { process, port, metrics })
    }
}

/// Returns true if a build of the gateway keeps answers.
pub(crate) fn has_cache(build: &Gateway) -> Result<bool, Failure> {
    let output = Command::new(&build.path).args(["serve", "--help"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).contains(CACHE_OPTION))
}

fn this_program() -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?)
}

async fn is_ready(port: u16) -> bool {
    let request = format!("GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n");
    match Connection::open(port).await {
        Ok(mut connection) => {
            connection.ask(request.as_bytes()).await.is_ok_and(|answer| answer.status == b"200")
        }
        Err(_) => false,
    }
}

impl Server {
    /// Returns the number of statements so far, if the server counts them.
    pub(crate) async fn statements(&self) -> Result<Option<f64>, Failure> {
        let Some(port) = self.metrics else { return Ok(None) };
        let mut connection = Connection::open(port).await?;
        let request = format!("GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n");
        let answer = connection.ask(request.as_bytes()).await?;
        let text = String::from_utf8_lossy(answer.body);
        let counts =
            text.lines().filter(|line| line.starts_with("contacts_gateway_statement_duration_seconds_count"));
        Ok(Some(counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()))
    }
}

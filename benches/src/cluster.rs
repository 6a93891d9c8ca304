//! A PostgreSQL server of our own, or one that is given.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use tokio_postgres::NoTls;

use crate::{
    failure::Failure,
    process::{Process, command},
};

/// PostgreSQL server.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// URL without a database.
    base: String,
    server: Option<Process>,
}

/// Settings of a server that has the machine for itself but for two processes. What a commit promises is as
/// PostgreSQL has it by default. Autovacuum would come and go between runs; the harness does its work.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 1GB
maintenance_work_mem = 512MB
max_wal_size = 2GB
checkpoint_timeout = 30min
autovacuum = off
log_min_messages = error
";

/// Signal for a fast shutdown.
const SHUTDOWN: &str = "INT";

impl Cluster {
    /// Uses the server of a URL; the database that it names is not touched.
    pub(crate) fn given(url: &str) -> Result<Self, Failure> {
        let scheme =
            url.find("://").ok_or("--database-url: give postgres://USER:PASSWORD@HOST/DATABASE")? + 3;
        let end = url[scheme..].find('/').map_or(url.len(), |slash| scheme + slash);
        Ok(Self { base: url[..end].to_owned(), server: None })
    }

    /// Starts a server on the data in a folder, which is made if it does not exist.
    pub(crate) async fn start(folder: &Path) -> Result<Self, Failure> {
        let programs = programs()?;
        fs::create_dir_all(folder)?;
        let user = (fs::metadata("/proc/self")?.uid() == 0).then_some("postgres");
        let data = folder.join("data");
        if !data.join("PG_VERSION").exists() {
            give(folder, user)?;
            let mut initdb = command(programs.join("initdb"), "KILL", user);
            initdb.args(["--username=benches", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
            let output = initdb.arg("--pgdata").arg(&data).current_dir("/").output()?;
            if !output.status.success() {
                return Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr)).into());
            }
        }
        let port = free_port()?;
        let mut server = command(programs.join("postgres"), SHUTDOWN, user);
        server.arg("-D").arg(&data).arg("-c").arg(format!("port={port}"));
        for setting in SETTINGS.lines().filter(|line| !line.is_empty()) {
            server.arg("-c").arg(setting.replace(" = ", "=").replace('\'', ""));
        }
        let server = server.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        let server = Process::start(server, SHUTDOWN)?;
        let mut cluster = Self { base: format!("postgres://benches@127.0.0.1:{port}"), server: Some(server) };
        while tokio_postgres::connect(&cluster.url("postgres"), NoTls).await.is_err() {
            cluster.server.as_mut().map_or(Ok(()), Process::check)?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(cluster)
    }

    /// Returns the URL of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// Returns the processor time of the server's processes; `None` for a server that was given.
    pub(crate) fn cpu(&self) -> Result<Option<Duration>, Failure> {
        self.server.as_ref().map(Process::cpu_of_family).transpose()
    }
}

/// Returns a port that is free at the moment.
pub(crate) fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Returns the folder of the newest PostgreSQL's programs.
fn programs() -> Result<PathBuf, Failure> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let folders =
        versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    folders.max().ok_or_else(|| "PostgreSQL's programs are not installed; give --database-url".into())
}

/// Gives a folder to a user; PostgreSQL does not run as root.
fn give(folder: &Path, user: Option<&str>) -> Result<(), Failure> {
    let Some(user) = user else { return Ok(()) };
    let output = Command::new("id").args(["-u", user]).output()?;
    let id = String::from_utf8_lossy(&output.stdout).trim().parse();
    let id = id.map_err(|_| format!("root needs a user {user} to run PostgreSQL as"))?;
    Ok(chown(folder, Some(id), None)?)
}

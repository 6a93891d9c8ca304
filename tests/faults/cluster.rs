//! A PostgreSQL cluster of a test's own, which it may do anything to.

use std::{
    fs::{self, File, Permissions},
    io::Write as _,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use sea_orm::ConnectionTrait as _;

use crate::{
    rows,
    support::server::{self, BIN_DIR, Owner},
};

/// What a server that is ended hard must not have answered before it was in its log.
const SETTINGS: &str = "synchronous_commit = on";

/// What a server needs that standbys follow.
const REPLICATED: &str = "wal_level = replica
max_wal_senders = 4";

/// Ends by itself some time after it is dropped.
pub(crate) struct Cluster {
    dir: PathBuf,
    /// The URL without a database.
    server: String,
    owner: Owner,
    _user: File,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        Self::with(SETTINGS)
    }

    /// Starts one whose server standbys can follow.
    pub(crate) fn replicated() -> Self {
        Self::with(&format!("{SETTINGS}\n{REPLICATED}"))
    }

    fn with(settings: &str) -> Self {
        let (dir, user, owner) = tokio::task::block_in_place(|| server::start(settings));
        let ready = fs::read_to_string(dir.join("ready")).expect("a cluster says when it is ready");
        let server = ready.lines().next().expect("its URL").to_owned();
        Self { dir, server, owner, _user: user }
    }

    /// Makes a database; its URL.
    pub(crate) async fn database(&self) -> String {
        let admin = rows::connect(&format!("{}/postgres", self.server)).await;
        admin.execute_unprepared("CREATE DATABASE contacts").await.expect("a database can be made");
        format!("{}/contacts", self.server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        address(&self.server)
    }

    /// Starts a standby of the server, with all that it has now.
    pub(crate) fn standby(&self) -> Standby<'_> {
        let port = server::free_port();
        let own = self.server.replace(&self.address().to_string(), &format!("127.0.0.1:{port}"));
        let standby = Standby { cluster: self, data: self.dir.join(format!("standby-{port}")), server: own };
        let (from, data) = (format!("{}/postgres", self.server), text(&standby.data));
        self.run(
            "pg_basebackup",
            &["--dbname", &from, "--pgdata", data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"],
        );
        let settings = File::options().append(true).open(standby.data.join("postgresql.conf"));
        writeln!(settings.expect("its settings"), "port = {port}").expect("they can be written");
        standby.control("start", &["--log", text(&self.dir.join(format!("log-{port}")))]);
        standby
    }

    /// Lets the server answer a commit once its standbys have it, and waits until they follow.
    pub(crate) async fn wait_for_standbys(&self) {
        let admin = rows::connect(&format!("{}/postgres", self.server)).await;
        admin
            .execute_unprepared("ALTER SYSTEM SET synchronous_standby_names = '*'")
            .await
            .expect("a setting");
        rows::query(&admin, "SELECT pg_reload_conf()").await;
        let following = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
        while rows::query(&admin, following).await.is_empty() {}
    }

    /// Lets the server speak TLS with this certificate from now on.
    pub(crate) async fn certify(&self, certificate: &str, key: &str) {
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.dir.join("data").join(name);
            fs::write(&file, content).expect("the certificate can be written");
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it can be closed");
            self.owner.give(&file);
        }
        let admin = rows::connect(&format!("{}/postgres?sslmode=disable", self.server)).await;
        admin.execute_unprepared("ALTER SYSTEM SET ssl = on").await.expect("a setting");
        rows::query(&admin, "SELECT pg_reload_conf()").await;
    }

    /// Ends the server as a crash would, for good.
    pub(crate) fn stop(&self) {
        self.run(
            "pg_ctl",
            &["stop", "--mode=immediate", "--silent", "--pgdata", text(&self.dir.join("data"))],
        );
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        self.owner.run(&Path::new(BIN_DIR).join(program), arguments);
    }

    /// Ends the server as a crash would and starts it again; returns once it takes connections.
    pub(crate) fn restart(&self) {
        let (data, log) = (self.dir.join("data"), self.dir.join("log"));
        self.run(
            "pg_ctl",
            &[
                "restart",
                "--mode=immediate",
                "--wait",
                "--silent",
                "--pgdata",
                text(&data),
                "--log",
                text(&log),
            ],
        );
    }
}

/// A server that follows that of a cluster. Ends when it is dropped.
pub(crate) struct Standby<'a> {
    cluster: &'a Cluster,
    data: PathBuf,
    /// The URL without a database.
    server: String,
}

impl Standby<'_> {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        address(&self.server)
    }

    /// The URL of the database that [`Cluster::database`] has made.
    pub(crate) fn url(&self) -> String {
        format!("{}/contacts", self.server)
    }

    /// Lets it take writes, without the cluster.
    pub(crate) fn promote(&self) {
        self.control("promote", &[]);
    }

    fn control(&self, what: &str, more: &[&str]) {
        let arguments = [&[what, "--wait", "--silent", "--pgdata", text(&self.data)], more].concat();
        self.cluster.run("pg_ctl", &arguments);
    }
}

impl Drop for Standby<'_> {
    fn drop(&mut self) {
        let stop = ["stop", "--mode=immediate", "--silent", "--pgdata", text(&self.data)];
        self.cluster.owner.try_run(&Path::new(BIN_DIR).join("pg_ctl"), &stop).ok();
    }
}

fn address(server: &str) -> SocketAddr {
    let address = server.rsplit('@').next().and_then(|address| address.parse().ok());
    address.expect("the address of a server")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

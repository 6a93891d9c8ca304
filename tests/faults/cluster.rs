//! A PostgreSQL cluster of a test's own, which it may do anything to.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use sea_orm::ConnectionTrait as _;

use crate::{
    rows,
    support::server::{self, BIN_DIR, Owner},
};

/// What a server that is ended hard must not have answered before it was in its log.
const SETTINGS: &str = "synchronous_commit = on";

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
        let (dir, user, owner) = tokio::task::block_in_place(|| server::start(SETTINGS));
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
        let address = self.server.rsplit('@').next().and_then(|address| address.parse().ok());
        address.expect("the address of a server")
    }

    /// Ends the server as a crash would and starts it again; returns once it takes connections.
    pub(crate) fn restart(&self) {
        let (data, log) = (self.dir.join("data"), self.dir.join("log"));
        let (data, log) = (data.to_str().expect("UTF-8"), log.to_str().expect("UTF-8"));
        self.owner.run(
            &Path::new(BIN_DIR).join("pg_ctl"),
            &["restart", "--mode=immediate", "--wait", "--silent", "--pgdata", data, "--log", log],
        );
    }
}

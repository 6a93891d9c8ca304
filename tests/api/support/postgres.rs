//! One throwaway PostgreSQL cluster for all test processes of a target directory.
//!
//! The first process starts it, under a file lock; the others find it through a file in the target
//! directory. It lies in a temporary folder of its own, in memory if there is room:
//!
//! | file | what it is |
//! | --- | --- |
//! | `users` | a named pipe that every process which uses the cluster holds open for writing |
//! | `ready` | present while the cluster takes users: its URL and the programs it runs on |
//! | `data`, `log` | PostgreSQL's own |
//!
//! A detached shell reads the pipe. It learns from the system that the last user is gone, even one
//! that was killed; if nobody new comes for some seconds it stops the server and removes the folder.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use self::server::{BIN_DIR, become_user, start};
use super::engine::{SHARED_DIR, Start, build_key, connect, lock, wait};

mod server;

/// Creates a database with a name that no test had before.
pub(super) fn create(start: Start) -> Owned {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (process, count) = (process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let name = format!("t_{process}_{count}_{:08x}", rand::random::<u32>());
    let template = match start {
        Start::Empty => "template1",
        Start::Migrated => &CLUSTER.template,
    };
    CLUSTER
        .execute(format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        .expect("a test database can be created");
    Owned { name }
}

/// A database that is dropped with this value.
#[derive(Debug)]
pub(super) struct Owned {
    name: String,
}

impl Owned {
    /// Without parameters, as a user would write it.
    pub(super) fn url(&self) -> String {
        format!("{}/{}", CLUSTER.server, self.name)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let name = &self.name;
        let dropped = CLUSTER
            .execute(format!("DO $$ {} $$", EMPTY.replace("$name", name)))
            .and_then(|()| CLUSTER.execute(format!("DROP DATABASE {name} WITH (FORCE)")));
        if !std::thread::panicking() {
            dropped.expect("a test database can be dropped");
        }
    }
}

/// Cuts the connections to a database. `DROP DATABASE` does so too, but looks whether they are gone
/// only every tenth of a second; they are within milliseconds.
const EMPTY: &str = "
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$name';
    FOR milliseconds IN 1..100 LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '$name');
        PERFORM pg_sleep(0.001);
    END LOOP;
END";

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    let mut address = lock(&Path::new(SHARED_DIR).join("postgres-cluster"));
    let mut dir = String::new();
    address.read_to_string(&mut dir).expect("the cluster's address can be read");
    let joined = if dir.is_empty() { None } else { Cluster::join(Path::new(&dir)) };
    let cluster = joined.unwrap_or_else(|| {
        let (dir, _user, _) = start("");
        address.rewind().and_then(|()| address.set_len(0)).expect("the address can be emptied");
        write!(address, "{}", dir.display()).expect("the address can be written");
        Cluster::join(&dir).expect("a cluster that was just started takes users")
    });
    cluster.make_template();
    cluster
});

/// A user of the cluster, which runs at least until this process ends.
struct Cluster {
    /// The URL without a database.
    server: String,
    /// The name of the migrated template.
    template: String,
    admin: DatabaseConnection,
    _user: File,
}

impl Cluster {
    /// `None` where there is no such cluster (any more), or one of other programs. What a crash
    /// left behind is removed.
    fn join(dir: &Path) -> Option<Self> {
        let user = become_user(dir)?;
        let ready = fs::read_to_string(dir.join("ready")).ok()?;
        let (server, programs) = ready.split_once('\n')?;
        if programs != BIN_DIR {
            return None;
        }
        let address = server.rsplit('@').next().and_then(|address| address.parse::<SocketAddr>().ok())?;
        if TcpStream::connect(address).is_err() {
            fs::remove_dir_all(dir).expect("the folder of a cluster that crashed can be removed");
            return None;
        }
        let url = format!("{server}/postgres");
        let admin = wait(async move { connect(&url, Some(4)).await }).unwrap_or_else(|error| {
            panic!("the cluster in {} refuses a connection: {error}", dir.display());
        });
        let template = format!("template_{}", build_key());
        Some(Self { server: server.to_owned(), template, admin, _user: user })
    }

    fn execute(&self, sql: String) -> Result<(), DbErr> {
        let admin = self.admin.clone();
        wait(async move { admin.execute_unprepared(&sql).await.map(drop) })
    }

    /// Unless an earlier process of the same build made it. The caller holds the lock. The template
    /// gets its name last, so that one of that name is whole.
    fn make_template(&self) {
        let name = self.template.clone();
        let url = format!("{}/unfinished_{name}", self.server);
        let admin = self.admin.clone();
        wait(async move {
            let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
            let known = Statement::from_string(DbBackend::Postgres, known);
            if admin.query_one_raw(known).await?.is_some() {
                return Ok(());
            }
            let run = |sql: String| {
                let admin = &admin;
                async move { admin.execute_unprepared(&sql).await }
            };
            run(format!("DROP DATABASE IF EXISTS unfinished_{name} WITH (FORCE)")).await?;
            run(format!("CREATE DATABASE unfinished_{name}")).await?;
            let db = connect(&url, Some(1)).await?;
            migration::up(&db).await?;
            db.close().await?;
            run(format!("ALTER DATABASE unfinished_{name} RENAME TO {name}")).await?;
            Ok::<_, DbErr>(())
        })
        .expect("the migrations run on PostgreSQL");
    }
}

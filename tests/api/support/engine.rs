//! The two engines, and a database of its own for every test.

use std::fs::{self, File};
use std::path::Path;
use std::sync::{LazyLock, mpsc};
use std::time::UNIX_EPOCH;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::folder::temporary_folder;
#[cfg(postgres_found)]
use super::postgres;

/// A folder below the target directory that every test process of this checkout shares.
pub(super) const SHARED_DIR: &str = env!("CARGO_TARGET_TMPDIR");

/// What a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file.
    Sqlite,
    /// A database in the cluster that the tests share.
    #[cfg_attr(not(postgres_found), expect(dead_code, reason = "PostgreSQL was not found"))]
    Postgres,
}

/// What [`on_each_engine!`] can hand to a test.
pub(crate) trait ForEngine {
    /// Made anew for every test.
    async fn for_engine(engine: Engine) -> Self;
}

impl ForEngine for Engine {
    async fn for_engine(engine: Engine) -> Self {
        engine
    }
}

impl ForEngine for TestDatabase {
    async fn for_engine(engine: Engine) -> Self {
        Self::migrated(engine)
    }
}

/// Makes of each function the tests `<name>::sqlite` and, where PostgreSQL was found,
/// `<name>::postgres`.
///
/// The one argument says by its type what the test needs; the type implements [`ForEngine`].
macro_rules! on_each_engine {
    ($($(#[$meta:meta])* async fn $name:ident($($argument:ident)+: $type:ty) $body:block)+) => {$(
        $(#[$meta])*
        async fn $name(engine: $crate::support::engine::Engine) {
            let $($argument)+ = <$type as $crate::support::engine::ForEngine>::for_engine(engine).await;
            $body
        }

        mod $name {
            use $crate::support::engine::Engine;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(Engine::Sqlite).await;
            }

            #[cfg(postgres_found)]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(Engine::Postgres).await;
            }
        }
    )+};
}
pub(crate) use on_each_engine;

/// A database that nobody else uses and that is removed when this is dropped.
///
/// Whoever holds connections to it should be dropped first; PostgreSQL cuts those that are left.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    /// As a user would write it into `DATABASE_URL`.
    pub(crate) url: String,
    _storage: Storage,
}

#[derive(Debug)]
enum Storage {
    Sqlite(#[expect(dead_code, reason = "removes the folder when it is dropped")] TempDir),
    #[cfg(postgres_found)]
    Postgres(#[expect(dead_code, reason = "drops the database when it is dropped")] postgres::Owned),
}

impl TestDatabase {
    /// A database with all migrations applied: a copy of a template, which takes milliseconds.
    pub(crate) fn migrated(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::in_file(&SQLITE_TEMPLATE),
            Engine::Postgres => Self::in_cluster(Start::Migrated),
        }
    }

    /// A database without a table, for the tests of the migrations themselves.
    pub(crate) fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::in_file(&[]),
            Engine::Postgres => Self::in_cluster(Start::Empty),
        }
    }

    fn in_file(content: &[u8]) -> Self {
        let dir = temporary_folder();
        let file = dir.path().join("contacts.db");
        fs::write(&file, content).expect("the database's file can be written");
        Self { url: sqlite_url(&file), _storage: Storage::Sqlite(dir) }
    }

    #[cfg(postgres_found)]
    fn in_cluster(start: Start) -> Self {
        let database = postgres::create(start);
        Self { url: database.url(), _storage: Storage::Postgres(database) }
    }

    #[cfg(not(postgres_found))]
    fn in_cluster(_: Start) -> Self {
        panic!("PostgreSQL was not found when the tests were built");
    }
}

/// What a new database holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// Nothing.
    Empty,
    /// The tables, without rows.
    Migrated,
}

/// A migrated SQLite database. It is made once per build of the tests and kept in a file, because
/// each test may be a process of its own.
static SQLITE_TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = Path::new(SHARED_DIR);
    let _lock = lock(&folder.join("sqlite-template.lock"));
    let (key_file, template) = (folder.join("sqlite-template.key"), folder.join("sqlite-template.db"));
    let key = build_key();
    if fs::read_to_string(&key_file).is_ok_and(|made_for| made_for == key) {
        return fs::read(&template).expect("the SQLite template can be read");
    }
    // The key goes first and comes last: a template that was interrupted is never taken for whole.
    let _ = fs::remove_file(&key_file);
    fs::write(&template, []).expect("the SQLite template can be written");
    let url = sqlite_url(&template);
    wait(async move {
        let db = connect(&url, Some(1)).await.expect("the SQLite template can be opened");
        // Written into the file's header. Closing the only connection empties and removes the log.
        db.execute_unprepared("PRAGMA journal_mode = WAL").await.expect("SQLite can log ahead");
        migration::up(&db).await.expect("the migrations run on SQLite");
        db.close().await.expect("the SQLite template can be closed");
    });
    let content = fs::read(&template).expect("the SQLite template can be read");
    fs::write(&key_file, key).expect("the SQLite template's key can be written");
    content
});

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.to_str().expect("the temporary folder's name is UTF-8"))
}

/// Differs whenever the tests, and so perhaps the migrations, were built anew.
pub(super) fn build_key() -> String {
    let program = std::env::current_exe().expect("the test program knows its file");
    let about = fs::metadata(&program).expect("the test program's file is there");
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    format!("{:x}_{:x}", modified.expect("files have times").as_nanos(), about.len())
}

/// Holds the lock until the file is dropped, against every thread and process.
pub(super) fn lock(path: &Path) -> File {
    fs::create_dir_all(SHARED_DIR).expect("the shared folder can be made");
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.unwrap_or_else(|error| panic!("{} cannot be opened: {error}", path.display()));
    file.lock().expect("files can be locked");
    file
}

/// A plain pool, for what the harness itself does. Without a number it has as many connections as the library finds
/// right: one to SQLite.
pub(super) async fn connect(url: &str, connections: Option<u32>) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).test_before_acquire(false);
    if let Some(connections) = connections {
        options.max_connections(connections);
    }
    // The task that looks after these may go round for ever, when it counts a connection that another thread takes and
    // gives back.
    options.idle_timeout(None).max_lifetime(None);
    Database::connect(options).await
}

/// Runs the future to its end on the harness's own runtime, for callers that cannot await, such as
/// `drop`. It may be called inside another runtime, whose thread then stands still.
pub(super) fn wait<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("the harness's runtime starts")
    });
    let (sender, receiver) = mpsc::sync_channel(1);
    RUNTIME.spawn(async move {
        let _ = sender.send(future.await);
    });
    receiver.recv().expect("the harness did what was asked; if not, a panic above says why")
}

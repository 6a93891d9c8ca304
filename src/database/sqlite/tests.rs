use std::{
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};

use entity::{company, contact_tag};
use futures_util::FutureExt as _;
use sea_orm::{DbBackend, Statement, sqlx};
use uuid::Uuid;

use super::{File, Worker};
use crate::{
    database::{
        connect::Access,
        connection::Work,
        sink::{RawRow, Receiver, Sink},
    },
    error::DatabaseError,
};

/// A statement that does not end by itself.
const ENDLESS: &str =
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT n FROM numbers";

/// A connection to a file of its own.
struct Store {
    reader: Worker,
    work: Arc<Work>,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Store {
    /// Opens a connection to a file that these statements have filled.
    async fn filled(sql: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("some contacts.db");
        let writer = rusqlite::Connection::open(&file).expect("a file");
        writer.execute_batch(&format!("PRAGMA journal_mode = WAL; {sql}")).expect("statements that run");
        let work = Arc::new(Work::default());
        let reader = Worker::open(File::new(&file, "sqlite:x"), Access::Read, work.clone())
            .await
            .expect("a connection");
        Self { reader, work, file, _folder: folder }
    }
}

fn asking(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, sql)
}

/// Returns the code by which SQLite tells its failures apart.
fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// Texts of the first column.
#[derive(Debug, Default)]
struct Texts(Vec<Option<String>>);

impl Sink for Texts {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        self.0.push(row.text(0)?.map(str::to_owned));
        Ok(())
    }
}

/// A sink that panics at the first row.
struct Broken;

impl Sink for Broken {
    fn row(&mut self, _: &RawRow<'_>) -> Result<(), DatabaseError> {
        panic!("broken")
    }
}

/// A sink that tells of its 10,000th row, and then waits for a word.
struct Slow {
    rows: usize,
    tells: mpsc::Sender<()>,
    word: mpsc::Receiver<()>,
}

impl Sink for Slow {
    fn row(&mut self, _: &RawRow<'_>) -> Result<(), DatabaseError> {
        self.rows += 1;
        if self.rows == 10_000 {
            self.tells.send(()).expect("somebody listens");
            assert!(self.word.recv().is_err(), "it waits until the other side has gone");
        }
        Ok(())
    }
}

#[tokio::test]
async fn values_go_in_and_come_out_as_what_they_are() {
    let store = Store::filled("").await;
    let id = Uuid::now_v7();
    let values = [
        true.into(),
        7_i32.into(),
        i64::MAX.into(),
        "Zoë".into(),
        vec![0_u8, 255].into(),
        id.into(),
        20_u64.into(),
        Option::<String>::None.into(),
    ];
    let sql =
        "SELECT ? AS flag, ? AS small, ? AS large, ? AS text, ? AS bytes, ? AS id, ? AS maximum, ? AS none";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    for prepare in [false, true, true] {
        let rows = store.reader.rows(&statement, prepare).await.expect("rows");
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(row.get::<bool>("flag"), Ok(true));
        assert_eq!(row.get::<i32>("small"), Ok(7));
        assert_eq!(row.get::<i64>("large"), Ok(i64::MAX));
        assert_eq!(row.get::<String>("text").as_deref(), Ok("Zoë"));
        assert_eq!(row.get::<Vec<u8>>("bytes"), Ok(vec![0, 255]));
        assert_eq!(row.get::<Uuid>("id"), Ok(id));
        assert_eq!(row.get::<Option<i64>>("maximum"), Ok(Some(20)));
        assert_eq!(row.get::<Option<String>>("none"), Ok(None));
        assert_eq!(row.get::<Option<Uuid>>("none"), Ok(None));
        assert!(row.get::<String>("none").is_err(), "null is not a text");
        assert!(row.get::<i32>("large").is_err(), "it is too large");
        assert!(row.get::<Option<i64>>("text").is_err(), "a text is not a number");
        assert!(row.get::<Option<i64>>("other").is_err(), "it was not selected");
    }
}

#[tokio::test]
async fn a_sink_takes_rows_in_their_order_and_comes_back() {
    let store = Store::filled("CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('b'), (NULL), ('a')").await;
    let mut receiver = Some(Receiver::new(Texts::default()));
    store
        .reader
        .rows_into(&[asking("SELECT x FROM t ORDER BY rowid")], true, &mut receiver)
        .await
        .expect("rows");
    let texts = receiver.expect("it comes back").finish().expect("no refusal").0;
    assert_eq!(texts, [Some("b".to_owned()), None, Some("a".to_owned())]);
}

#[tokio::test]
async fn a_model_is_read_by_the_types_of_its_columns() {
    let (org_id, id) = (Uuid::now_v7(), Uuid::now_v7());
    let store = Store::filled("").await;
    let sql = "SELECT ? AS position, ? AS tag_id, ? AS contact_id, ? AS org_id";
    let values = [3.into(), id.into(), id.into(), org_id.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    let rows = store.reader.rows(&statement, false).await.expect("rows");
    let model = rows[0].model::<contact_tag::Entity>();
    assert_eq!(model, Ok(contact_tag::Model { org_id, contact_id: id, tag_id: id, position: 3 }));
    assert!(rows[0].model::<company::Entity>().is_err(), "its columns were not selected");
}

#[tokio::test]
async fn a_panic_of_a_sink_fails_its_own_read_only() {
    let store = Store::filled("").await;
    let mut receiver = Some(Receiver::new(Broken));
    let failed = store.reader.rows_into(&[asking("SELECT 1")], true, &mut receiver).await;
    assert!(matches!(failed, Err(sqlx::Error::Decode(_))), "{failed:?}");
    assert!(receiver.is_none());
    assert_eq!(store.reader.rows(&asking("SELECT 1 AS one"), true).await.expect("rows").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_is_ended_from_elsewhere_and_its_processor_time_is_known_meanwhile() {
    let Store { reader, work, _folder, .. } = Store::filled("").await;
    let (tells, told) = mpsc::channel();
    let (go_on, word) = mpsc::channel();
    let running = tokio::spawn(async move {
        let mut receiver = Some(Receiver::new(Slow { rows: 0, tells, word }));
        let failed = reader.rows_into(&[asking(ENDLESS)], false, &mut receiver).await;
        (reader, failed)
    });
    tokio::task::spawn_blocking(move || told.recv()).await.expect("no panic").expect("rows");
    assert!(work.processor_time() > Duration::ZERO);
    work.stop();
    drop(go_on);
    let (reader, failed) = running.await.expect("no panic");
    assert_eq!(failed.as_ref().err().and_then(code).as_deref(), Some("9"), "{failed:?}");
    assert!(reader.ping().await.is_ok(), "no step is needed to answer");
}

#[tokio::test]
async fn a_statement_whose_caller_has_gone_goes_on_until_it_is_ended() {
    let store = Store::filled("").await;
    assert!(store.reader.rows(&asking(ENDLESS), false).now_or_never().is_none());
    assert!(store.reader.ping().now_or_never().is_none(), "the thread is busy");
    store.work.stop();
    store.reader.ping().await.expect("an answer");
    store.work.allow();
    assert_eq!(store.reader.rows(&asking("SELECT 1"), false).await.expect("rows").len(), 1);
}

#[tokio::test]
async fn a_reader_sees_what_was_committed_before_each_statement_and_cannot_write() {
    let store = Store::filled("CREATE TABLE t (x)").await;
    let writer = rusqlite::Connection::open(&store.file).expect("a file");
    let count = asking("SELECT COUNT(*) AS count FROM t");
    for expected in 0..4 {
        let rows = store.reader.rows(&count, true).await.expect("rows");
        assert_eq!(rows[0].get::<i64>("count"), Ok(expected));
        writer.execute("INSERT INTO t VALUES (1)", []).expect("a row");
    }
    let refused = store.reader.rows(&asking("INSERT INTO t VALUES (1)"), false).await;
    assert_eq!(refused.as_ref().err().and_then(code).as_deref(), Some("8"), "{refused:?}");
}

#[tokio::test]
async fn a_closed_connection_has_let_go_of_its_file() {
    let store = Store::filled("CREATE TABLE t (x)").await;
    store.reader.rows(&asking("SELECT x FROM t"), true).await.expect("rows");
    let log = store.file.with_extension("db-wal");
    assert!(log.exists());
    store.reader.close().await;
    assert!(!log.exists(), "the last connection takes the log away");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_by_a_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = File::new(&folder.path().join("none").join("contacts.db"), "sqlite:x");
    let failed = Worker::open(file, Access::Read, Arc::default()).await.err();
    assert_eq!(failed.as_ref().and_then(code).as_deref(), Some("14"), "{failed:?}");
    let path = folder.path().join("text.db");
    std::fs::write(&path, "no database ".repeat(1_000)).expect("a file");
    let opened = Worker::open(File::new(&path, "sqlite:x"), Access::Read, Arc::default()).await;
    let failed = match opened {
        Ok(reader) => reader.rows(&asking("SELECT * FROM t"), false).await.map(drop).err(),
        Err(error) => Some(error),
    };
    assert_eq!(failed.as_ref().and_then(code).as_deref(), Some("26"), "{failed:?}");
}

#[test]
fn parameters_of_the_url_mean_what_they_mean_to_the_driver_that_writes() {
    let of = |url: &str| format!("{:?}", File::new(&PathBuf::from("a b.db"), url));
    assert!(of("sqlite:a%20b.db").contains("\"a b.db\""));
    assert!(of("sqlite:a%20b.db?mode=rw").contains("READ_WRITE"));
    assert!(of("sqlite:a%20b.db?mode=ro").contains("READ_ONLY"));
    assert!(of("sqlite:a%20b.db").contains("PRIVATE_CACHE"));
    assert!(of("sqlite:a%20b.db?cache=shared").contains("SHARED_CACHE"));
    assert!(of("sqlite:a%20b.db?vfs=unix-excl").contains("unix-excl"));
    assert!(of("sqlite:a%20b.db?immutable=true").contains("file:a%20b%2Edb?immutable=1"));
}

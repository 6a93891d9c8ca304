use sea_orm::{ConnectOptions, Database};
use tempfile::TempDir;

use super::*;

/// A hundredth of the true ones.
const SHORT: Limits = Limits { copied_pages: 80, max_remaining_pages: 10, max_bytes: 640 * 4_096 };

struct Store {
    folder: TempDir,
    writer: DatabaseConnection,
    checkpointer: Checkpointer,
    slow_lane_is_closed: Arc<AtomicBool>,
}

impl Store {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let writer = connect(&folder).await;
        let schema =
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE filled (bytes BLOB)";
        writer.execute_unprepared(schema).await.expect("a table");
        let slow_lane_is_closed = Arc::new(AtomicBool::new(false));
        let lane = slow_lane_is_closed.clone();
        let close_slow_lane = move |closed| lane.store(closed, Ordering::Relaxed);
        let checkpointer = Checkpointer::new(connect(&folder).await, close_slow_lane).await;
        let checkpointer = Checkpointer { limits: SHORT, ..checkpointer.expect("a checkpointer") };
        Self { folder, writer, checkpointer, slow_lane_is_closed }
    }

    async fn write(&self, pages: u32) {
        let sql = format!("INSERT INTO filled VALUES (zeroblob({pages} * 4096))");
        self.writer.execute_unprepared(&sql).await.expect("written");
    }

    async fn look(&self) -> Next {
        self.checkpointer.look().await.expect("a look")
    }

    /// A read that has begun, and lasts until it is closed.
    async fn read(&self) -> DatabaseConnection {
        let reader = connect(&self.folder).await;
        reader.execute_unprepared("BEGIN; SELECT count(*) FROM filled").await.expect("a read");
        reader
    }

    fn slow_lane_is_closed(&self) -> bool {
        self.slow_lane_is_closed.load(Ordering::Relaxed)
    }

    fn file_pages(&self) -> u64 {
        self.checkpointer.wal.file_bytes() / 4_120
    }
}

async fn connect(folder: &TempDir) -> DatabaseConnection {
    let file = folder.path().join("contacts.db");
    let url = format!("sqlite://{}?mode=rwc", file.to_str().expect("UTF-8"));
    let options = ConnectOptions::new(url).max_connections(1).sqlx_logging(false).to_owned();
    Database::connect(options).await.expect("a connection")
}

#[tokio::test]
async fn a_short_log_is_left_alone_and_a_long_one_starts_again() {
    let store = Store::new().await;
    store.write(50).await;
    assert_eq!(store.look().await, Next::AfterABatch);
    for _ in 0..20 {
        store.write(50).await;
        assert_eq!(store.look().await, Next::AfterABatch);
        assert!(store.file_pages() < 130, "{}", store.file_pages());
    }
}

#[tokio::test]
async fn overlapping_reads_are_waited_for_and_let_no_long_read_begin_once_the_log_is_too_long() {
    let store = Store::new().await;
    store.write(50).await;
    let mut reader = store.read().await;
    for written in (100..600).step_by(50) {
        // There is always one that has begun before the last writes.
        let next = store.read().await;
        reader.close().await.expect("closed");
        reader = next;
        store.write(50).await;
        let expected = if written < 100 { Next::AfterABatch } else { Next::Again };
        assert_eq!(store.look().await, expected, "{written}");
        assert!(!store.slow_lane_is_closed(), "{written}");
    }
    store.write(100).await;
    assert_eq!(store.look().await, Next::Again);
    assert!(store.slow_lane_is_closed() && store.file_pages() > 640);
    assert_eq!(store.look().await, Next::Again);

    reader.close().await.expect("closed");
    store.checkpointer.checkpoint("PASSIVE").await.expect("a checkpoint");
    // It begins after all that is in the log was copied, and so is not in the way.
    let reader = store.read().await;
    assert_eq!(store.look().await, Next::AfterABatch);
    assert!(!store.slow_lane_is_closed());
    let before = store.file_pages();
    for _ in 0..10 {
        store.write(50).await;
        store.look().await;
    }
    assert_eq!(store.file_pages(), before, "the log has started again");
    reader.close().await.expect("closed");
}

#[tokio::test]
async fn a_batch_keeps_the_log_from_being_started_again_to_its_end() {
    let store = Store::new().await;
    store.write(100).await;
    let turn = store.checkpointer.wal.turn().await;
    let look = store.look();
    tokio::pin!(look);
    assert!(tokio::time::timeout(MAX_BUSY_TIME * 4, &mut look).await.is_err());
    drop(turn);
    assert_eq!(look.await, Next::AfterABatch);
}

//! SQLite's write-ahead log, which is started again and again.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use sea_orm::{ConnectOptions, ConnectionTrait as _};
use serde_json::json;

use crate::support::{App, engine::Engine};

/// Writes of 1 MiB. A log that grows without end would have 400 MiB after them.
const MAX_WRITES: usize = 400;

/// A write past the gateway that leaves the log alone as the gateway's writes do: it runs no checkpoint, and
/// cuts the file if it is the first after a start.
const WRITE: &str = "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 32000000;
    INSERT INTO filled VALUES (zeroblob(1048576))";

/// Reads one after the other, each some milliseconds long, until told to stop.
async fn read_on(app: &App, stop: &AtomicBool) {
    let options = ConnectOptions::new(app.url()).sqlx_logging(false).max_connections(1).to_owned();
    let reader = sea_orm::Database::connect(options).await.expect("a connection");
    while !stop.load(Ordering::Relaxed) {
        let read = "SELECT (SELECT COUNT(*) FROM contact), (WITH RECURSIVE numbers(n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000) SELECT max(n) FROM numbers)";
        reader.execute_unprepared(read).await.expect("a read");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_starts_again_while_reads_overlap() {
    let app = App::new(Engine::Sqlite).await;
    app.raw_execute("CREATE TABLE filled (bytes BLOB)").await;
    let stop = AtomicBool::new(false);
    let write = async {
        let (mut last, mut restarts) = (0, 0);
        for _ in 0..MAX_WRITES {
            app.raw_execute(WRITE).await;
            app.created(json!({"firstName": "Jane"})).await;
            let length = app.database.load().wal_bytes;
            // The first write after a start cuts the file.
            restarts += usize::from(length < last);
            last = length;
            if restarts == 2 {
                break;
            }
        }
        stop.store(true, Ordering::Relaxed);
        restarts
    };
    let reads = join_all((0..3).map(|_| read_on(&app, &stop)));
    let (restarts, _) = tokio::join!(write, reads);
    assert_eq!(restarts, 2);
}

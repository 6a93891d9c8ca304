//! A disk that fills up under SQLite, and has room again.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use rand::RngExt as _;
use tempfile::TempDir;

use crate::{
    alone,
    client::{Answer, Client, created},
    program::{Server, folder},
    rows, seeded,
};

/// How often the disk is filled.
const ROUNDS: usize = 5;

/// A small disk, in memory, with room for SQLite's log, which is started again at 32 MiB; goes when it is
/// dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where it cannot be made: only root can, and not everywhere.
    fn mount() -> Option<Self> {
        let at = folder();
        let mounted = mount_command("mount", &["-t", "tmpfs", "-o", "size=64m", "tmpfs"], at.path());
        mounted.then(|| Self(at))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no byte.
    fn fill(&self) {
        let mut filler = File::create(self.filler()).expect("an empty file fits");
        for size in [64 << 10, 1] {
            let piece = vec![0; size];
            while filler.write_all(&piece).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).expect("a file can be removed");
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        mount_command("umount", &["--lazy"], self.path());
    }
}

fn mount_command(program: &str, arguments: &[&str], at: &Path) -> bool {
    Command::new(program).args(arguments).arg(at).output().is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_until_there_is_room_and_loses_none() {
    let _alone = alone().await;
    let mut random = seeded("full disk");
    let Some(disk) = SmallDisk::mount() else {
        let required = std::env::var_os("REQUIRE_TMPFS").is_some_and(|value| value == "1");
        assert!(!required, "REQUIRE_TMPFS is set, and a tmpfs cannot be mounted");
        println!("full disk: NOT TESTED, since a tmpfs cannot be mounted (it takes root)");
        return;
    };
    let folder = folder();
    let url = format!("sqlite://{}", disk.path().join("contacts.db").display());
    let mut server = Server::start(folder.path(), &["--database-url", &url]);
    let client = Client::new(&server, server.key().expect("a key"));
    let mut answered = HashMap::new();
    let (mut refusals, mut slowest) = (0, Duration::ZERO);
    for round in 0..ROUNDS {
        for number in 0..random.random_range(1..100) {
            write(&client, format!("{round}-{number}"), &mut answered).await.expect("there is room");
        }
        disk.fill();
        // SQLite's log has room for some more, and a small write for longer than a large one.
        let (mut number, mut refused) = (0, 0);
        while refused < 20 {
            number += 1;
            assert!(number < 2_000, "the disk is never full");
            if let Err(code) = write(&client, format!("{round}-full-{number}"), &mut answered).await {
                assert_eq!(code, "STORAGE_FULL");
                refused += 1;
            }
            assert!(matches!(client.list().await, Answer::Data(_)), "reads go on");
        }
        refusals += refused;
        disk.make_room();
        let room = Instant::now();
        write(&client, format!("{round}-room"), &mut answered).await.expect("there is room again");
        slowest = slowest.max(room.elapsed());
    }
    assert!(server.child.try_wait().is_ok_and(|ended| ended.is_none()), "the gateway ended");
    drop(server);
    let database = rows::connect(&url).await;
    let kept = rows::contacts(&database).await;
    println!(
        "full disk: {ROUNDS} times full, {} writes answered, {refusals} refused, written again after {slowest:?} at most",
        answered.len()
    );
    assert_eq!(kept, answered);
    rows::assert_sound(&database).await;
    drop(database);
}

/// The code, when it was refused; it must say that it may be tried again.
async fn write(
    client: &Client,
    name: String,
    answered: &mut HashMap<String, uuid::Uuid>,
) -> Result<(), String> {
    match client.create(&name, None).await {
        Answer::Data(data) => {
            answered.insert(name, created(&data));
            Ok(())
        }
        Answer::Refused { code, retryable } => {
            assert_eq!(retryable, Some(true), "{code}");
            Err(code)
        }
        Answer::Nothing => panic!("the gateway did not answer"),
    }
}

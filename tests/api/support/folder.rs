//! Where tests keep what they start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// A new folder in memory where the system has room for it, otherwise where `TMPDIR` says.
/// PostgreSQL copies a database of some three hundred files there many times faster.
pub(crate) fn temporary_folder() -> TempDir {
    static PARENT: LazyLock<PathBuf> = LazyLock::new(|| {
        let memory = Path::new("/dev/shm");
        let chosen = std::env::var_os("TMPDIR").is_some();
        if !chosen && free_kilobytes(memory).is_some_and(|free| free >= 1 << 20) {
            return memory.to_owned();
        }
        std::env::temp_dir()
    });
    tempfile::Builder::new()
        .prefix("contacts-gateway-tests-")
        .tempdir_in(&*PARENT)
        .expect("a temporary folder can be made")
}

fn free_kilobytes(folder: &Path) -> Option<u64> {
    let df = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let table = String::from_utf8(df.stdout).ok()?;
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

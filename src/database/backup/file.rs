//! Files that are written whole, or not at all.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with, statvfs},
    io::Errno,
};
use uuid::Uuid;

use super::BackupError;
use crate::database::lock::{beside, private};

const MIB: u64 = 1024 * 1024;

/// A file that is being written. It is deleted unless it becomes the file that it is to be.
#[derive(Debug)]
pub(super) struct Partial(PathBuf);

impl Partial {
    /// Makes an empty file in the folder of `path` that only its owner can read.
    pub(super) fn beside(path: &Path) -> Result<Self, BackupError> {
        let partial = beside(path, &format!(".{}.partial", Uuid::new_v4().simple()));
        let made = private().create_new(true).open(&partial);
        made.map_err(|cause| BackupError::file(&partial, "made", cause))?;
        Ok(Self(partial))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it a name that no file has.
    pub(super) fn become_new(self, path: &Path) -> Result<(), BackupError> {
        sync(&self.0)?;
        match renameat_with(CWD, &self.0, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(BackupError::Exists(path.to_owned())),
            // A file system that cannot refuse by itself.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if fs::symlink_metadata(path).is_err() => {
                rename(&self.0, path)?;
            }
            Err(cause) => return Err(BackupError::file(path, "written", cause.into())),
        }
        sync(folder(path))
    }

    /// Gives it the name of a file, which is gone then.
    pub(super) fn replace(self, path: &Path) -> Result<(), BackupError> {
        sync(&self.0)?;
        rename(&self.0, path)?;
        sync(folder(path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Once it has another name, there is none of these.
            drop(fs::remove_file(beside(&self.0, suffix)));
        }
    }
}

/// Checks that so many bytes can be written beside a path.
pub(super) fn check_room(path: &Path, needed: u64) -> Result<(), BackupError> {
    let folder = folder(path);
    let disk = statvfs(folder).map_err(|cause| BackupError::file(folder, "used", cause.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if needed <= free {
        return Ok(());
    }
    Err(BackupError::NoRoom { path: path.to_owned(), needed: needed.div_ceil(MIB), free: free / MIB })
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::rename(from, to).map_err(|cause| BackupError::file(from, "renamed", cause))
}

/// Gives a file a second name.
pub(super) fn link(file: &Path, name: &Path) -> Result<(), BackupError> {
    fs::hard_link(file, name).map_err(|cause| BackupError::file(name, "written", cause))
}

/// Has a file, or the names in a folder, survive a power cut.
fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|cause| BackupError::file(path, "saved", cause))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

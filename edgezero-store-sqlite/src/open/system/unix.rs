//! Which file it is that stands at a path, and whether another process uses it.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{Access, FlockOperation, access, fcntl_lock};
use rustix::io::Errno;

/// Tells a file from every other, whatever their names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::open) struct FileId {
    device: u64,
    inode: u64,
    /// When it was made, where the file system knows: a later file may get the inode of
    /// one that was deleted and is open no more.
    created: Option<SystemTime>,
}

impl FileId {
    pub(in crate::open) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of(&metadata))
    }

    pub(in crate::open) fn of(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            created: file.created().ok(),
        }
    }
}

/// Whether another process has a lock on the file, where the file system knows
/// locks; if none has, this one does, until it closes the file, and has given up
/// those that it had before.
pub(in crate::open) fn is_locked_elsewhere(file: &File) -> bool {
    matches!(
        fcntl_lock(file, FlockOperation::NonBlockingLockExclusive),
        Err(Errno::AGAIN | Errno::ACCESS)
    )
}

/// Whether a file or a folder may be written. Its mode counts for root, too, to whom
/// nothing is read-only.
pub(in crate::open) fn may_write(path: &Path) -> bool {
    let is_marked = fs::metadata(path).is_ok_and(|found| found.permissions().readonly());
    !is_marked && access(path, Access::WRITE_OK).is_ok()
}

/// Fails with what the system says of a file that may not be read.
pub(in crate::open) fn may_read(path: &Path) -> io::Result<()> {
    Ok(access(path, Access::READ_OK)?)
}

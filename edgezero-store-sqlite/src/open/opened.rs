//! A file that was opened, as long as it stands at its path.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, ffi};

use super::leftovers::Log;
use super::system::FileId;

/// What stands at a path.
pub(super) struct Found {
    /// Of the file, also where a link leads to it.
    pub(super) metadata: Metadata,
    is_link: bool,
}

impl Found {
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        let is_link = metadata.is_symlink();
        Ok(Self {
            metadata: if is_link {
                fs::metadata(path)?
            } else {
                metadata
            },
            is_link,
        })
    }
}

/// SQLite goes on writing to a file that was deleted or replaced: what it writes
/// there, nobody ever finds. So the mirror looks itself.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    id: FileId,
    log: Log,
    was_missed: AtomicBool,
}

impl OpenedFile {
    /// A connection has the file open that `found` is.
    pub(super) fn new(path: PathBuf, found: &Found) -> io::Result<Self> {
        // SQLite keeps the log beside what a link leads to.
        let real = if found.is_link {
            fs::canonicalize(&path)?
        } else {
            path.clone()
        };
        Ok(Self {
            log: Log::of(real),
            path,
            id: FileId::of(&found.metadata),
            was_missed: AtomicBool::new(false),
        })
    }

    /// One more connection to it.
    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = super::connect(&self.path);
        // Else that was another file, or none.
        self.check()?;
        connection
    }

    /// Fails with SQLite's own code for it, `SQLITE_READONLY_DBMOVED`, when the file
    /// is no longer at its path.
    pub(crate) fn check(&self) -> rusqlite::Result<()> {
        if self.is_at_its_path() {
            return Ok(());
        }
        let moved = ffi::Error::new(ffi::SQLITE_READONLY_DBMOVED);
        Err(rusqlite::Error::SqliteFailure(moved, None))
    }

    /// Looks whether the file is at its path: a system call.
    pub(crate) fn is_at_its_path(&self) -> bool {
        let is_there = FileId::at(&self.path).is_ok_and(|id| id == self.id);
        self.was_missed.store(!is_there, Ordering::Relaxed);
        is_there
    }

    /// Whether it was elsewhere when someone last looked.
    pub(crate) fn was_missed(&self) -> bool {
        self.was_missed.load(Ordering::Relaxed)
    }

    /// Takes away what it left at its path. All its connections must be closed.
    pub(crate) fn remove_leftovers(&self) -> io::Result<()> {
        self.log.remove()
    }
}

/// Whether a call failed because its file is no longer at its path.
pub(crate) fn is_moved(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DBMOVED)
}

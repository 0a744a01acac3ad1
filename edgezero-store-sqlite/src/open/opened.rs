//! A file that was opened, as long as it stands at its path.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, ffi};

use super::leftovers::Log;
use super::system::FileId;

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
    /// A connection has the file open, which is the one that `id` tells.
    pub(super) fn new(path: PathBuf, id: FileId) -> io::Result<Self> {
        // SQLite keeps the log beside what a link leads to.
        let real = if fs::symlink_metadata(&path)?.is_symlink() {
            fs::canonicalize(&path)?
        } else {
            path.clone()
        };
        Ok(Self {
            log: Log::of(real),
            path,
            id,
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

//! What SQLite keeps beside a file, where the file itself is gone.
//!
//! SQLite takes a log for that of the file that it stands beside, and brings it
//! into it. That of an earlier file would damage a later one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::busy;
use super::in_use::InUse;
use super::system::{FileId, is_locked_elsewhere};

/// The write-ahead log.
const LOG: &str = "-wal";
/// Its index, which every process that uses the log holds a lock on.
const INDEX: &str = "-shm";
/// What a transaction without such a log can be undone by.
const JOURNAL: &str = "-journal";

/// The log of a file and its index, while they are in use.
#[derive(Debug)]
pub(super) struct Log {
    database: InUse,
    log: Option<FileId>,
    index: Option<FileId>,
}

impl Log {
    /// Of `database`, by the name that SQLite knows it by.
    pub(super) fn of(database: InUse) -> Self {
        let id = |suffix| FileId::at(&beside(&database.path, suffix)).ok();
        Self {
            log: id(LOG),
            index: id(INDEX),
            database,
        }
    }

    /// Which file it is the log of.
    pub(super) fn database_id(&self) -> FileId {
        self.database.id
    }

    /// Whether its file stands beside it: it may be back, or has stayed there and only a
    /// link to it was changed. Then others may use both.
    pub(super) fn has_its_file(&self) -> io::Result<bool> {
        match FileId::at(&self.database.path) {
            Ok(id) => Ok(id == self.database.id),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Brings all of it into the file, which empties it.
    pub(super) fn bring_back(connection: &Connection) -> rusqlite::Result<()> {
        let was_busy: bool =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if was_busy { Err(busy()) } else { Ok(()) }
    }

    /// Takes away what is left of it without its file, when none of this process uses
    /// it any more. Where something is in it, which nobody brought back into the file,
    /// it stays under another name.
    pub(super) fn remove(&self) -> io::Result<()> {
        let _turn = self.database.path.parent().and_then(turn);
        if self.has_its_file()? {
            return Ok(());
        }
        // Another process may have been faster, and opened a new file.
        let is_there = |suffix, id: Option<FileId>| {
            let path = beside(&self.database.path, suffix);
            (id.is_some() && FileId::at(&path).ok() == id).then_some(path)
        };
        if let Some(index) = is_there(INDEX, self.index) {
            remove(&index)?;
        }
        if let Some(log) = is_there(LOG, self.log) {
            if fs::metadata(&log)?.len() == 0 {
                remove(&log)?;
            } else {
                fs::rename(&log, free_name(&self.database.path))?;
            }
        }
        Ok(())
    }
}

/// Takes away all that is left of `database`, which is missing.
pub(super) fn remove_all(database: &Path) -> io::Result<()> {
    for suffix in [INDEX, LOG, JOURNAL] {
        remove(&beside(database, suffix))?;
    }
    Ok(())
}

/// Waits until no other mirror makes a file in `folder` or takes one away, for as
/// long as what is returned lives. Where the file system knows no locks, nobody
/// waits.
pub(super) fn turn(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

/// Fails with [`io::ErrorKind::ResourceBusy`] where another process has a lock on
/// it.
fn remove(path: &Path) -> io::Result<()> {
    let file = match File::options().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if is_locked_elsewhere(&file) {
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    let removed = fs::remove_file(path);
    // Locked until it is gone.
    drop(file);
    removed
}

/// A name for a log of `database` that SQLite takes for none.
fn free_name(database: &Path) -> PathBuf {
    (1_u64..)
        .map(|n| beside(database, &format!("{LOG}.left-{n}")))
        .find(|path| fs::symlink_metadata(path).is_err())
        .unwrap_or_default()
}

/// Whether a log stands beside the file, with something in it.
pub(super) fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, LOG)).is_ok_and(|log| log.len() > 0)
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(suffix);
    path.into()
}

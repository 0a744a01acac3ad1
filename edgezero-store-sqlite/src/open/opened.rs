//! A file that was opened, as long as it stands at its path, and how it is left when
//! it no longer does.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ffi};

use super::in_use::InUse;
use super::leftovers::Log;
use super::system::FileId;
use super::{Access, dont_wait_for_locks, wait_for_locks};

/// What stands at a path.
pub(super) struct Found {
    /// Of the file, also where a link leads to it.
    pub(super) metadata: Metadata,
    /// Where a link leads: SQLite keeps log and journal there.
    pub(super) real: PathBuf,
}

impl Found {
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        if !metadata.is_symlink() {
            return Ok(Self {
                metadata,
                real: path.to_owned(),
            });
        }
        let real = fs::canonicalize(path)?;
        Ok(Self {
            metadata: fs::metadata(&real)?,
            real,
        })
    }

    pub(super) fn id(&self) -> FileId {
        FileId::of(&self.metadata)
    }

    /// The folder that the file is in, wherever links to it are.
    pub(super) fn folder(&self) -> &Path {
        self.real.parent().unwrap_or(Path::new("."))
    }
}

/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;

/// Where a link leads whose target is missing: SQLite, and Spin with it, makes the target.
/// `None` for a path that is no link.
pub(super) fn missing_target(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&target) else {
            break;
        };
        target = target.parent().unwrap_or(Path::new(".")).join(next);
    }
    if target == path {
        return Ok(None);
    }
    let folder = target.parent().map(fs::canonicalize);
    match (folder, target.file_name()) {
        (Some(Ok(folder)), Some(name)) => Ok(Some(folder.join(name))),
        _ => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "it is a symbolic link to {}, whose folder is missing; make the folder",
                target.display()
            ),
        )),
    }
}

/// SQLite goes on writing to a file that was deleted or replaced: what it writes
/// there, nobody ever finds. So the mirror looks itself.
///
/// Nor does SQLite, when it closes such a file, bring the log into it and take it away:
/// the log would get into the file that is at the path next. So the mirror does, before
/// it opens that one, or when this one is dropped.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    access: Access,
    was_missed: AtomicBool,
    /// Connections that nobody uses just now, by one of which the log is brought back
    /// in the end: where the file has moved, no other could be opened.
    idle: Mutex<Vec<Connection>>,
    /// Last, as the file is in use until the connections are closed.
    log: Log,
}

impl OpenedFile {
    /// `first` has the file open that `found` is.
    pub(super) fn new(path: PathBuf, access: Access, found: Found, first: Connection) -> Self {
        let id = found.id();
        Self {
            log: Log::of(InUse::new(found.real, id)),
            path,
            access,
            was_missed: AtomicBool::new(false),
            idle: Mutex::new(vec![first]),
        }
    }

    /// A connection that nobody uses just now.
    pub(crate) fn take_idle(&self) -> Option<Connection> {
        self.idle().pop()
    }

    /// Keeps a connection until somebody needs it.
    pub(crate) fn keep_idle(&self, connection: Connection) {
        self.idle().push(connection);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle_mut(&mut self) -> &mut Vec<Connection> {
        self.idle.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more connection to it.
    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = self.access.connect(&self.path);
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
        let is_there = FileId::at(&self.path).is_ok_and(|id| id == self.log.database_id());
        self.was_missed.store(!is_there, Ordering::Relaxed);
        is_there
    }

    /// Whether it was elsewhere when someone last looked.
    pub(crate) fn was_missed(&self) -> bool {
        self.was_missed.load(Ordering::Relaxed)
    }

    /// Brings the log into the file, which may have another path now, once no other
    /// process keeps it locked.
    pub(crate) fn bring_back_log(&mut self) -> rusqlite::Result<()> {
        if self.is_where_it_was() {
            return Ok(());
        }
        let Some(connection) = self.idle_mut().last_mut() else {
            return Ok(());
        };
        wait_for_locks(connection)?;
        Log::bring_back(connection)
    }

    /// Whether its log is its own business still, also where its path, a link, now
    /// leads to another file.
    fn is_where_it_was(&self) -> bool {
        self.log.has_its_file().is_ok_and(|has| has)
    }

    /// Closes the file, of which no connection may be in use, and takes away what it
    /// left where it is no longer.
    pub(crate) fn leave(&mut self) -> io::Result<()> {
        self.idle_mut().clear();
        self.log.remove()
    }
}

impl Drop for OpenedFile {
    /// Nobody is waited for here, and there is nobody to tell what fails.
    fn drop(&mut self) {
        if self.is_where_it_was() {
            // SQLite itself does all that is to be done.
            return;
        }
        if let Some(connection) = self.idle_mut().last() {
            let _ = dont_wait_for_locks(connection).and_then(|()| Log::bring_back(connection));
        }
        let _ = self.leave();
    }
}

/// Whether a call failed because its file is no longer at its path.
pub(crate) fn is_moved(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DBMOVED)
}

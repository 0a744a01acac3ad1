//! Opening a file: made if missing, checked before anything is written.

mod error;
mod in_use;
mod leftovers;
mod opened;
mod read_only;
mod schema;
#[cfg(unix)]
#[path = "open/system/unix.rs"]
mod system;
#[cfg(not(unix))]
#[path = "open/system/other.rs"]
mod system;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, ffi};

pub use self::error::OpenError;
use self::opened::{Found, missing_target};
pub(crate) use self::opened::{OpenedFile, is_moved};
use self::schema::{Table, foreign_expiry, spins_table};
use self::system::may_read;
use crate::sql;

/// How long a call waits for a lock that another process holds, at least. Spin waits
/// 5 seconds; a mirror beside it waits longer, so that Spin's writes cannot make a call
/// of ours fail before they fail themselves.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two tries. SQLite's own grows to 100 ms, in which a process
/// that writes without a pause takes the lock again and again.
const BUSY_PAUSE: Duration = Duration::from_millis(2);

/// The file to open, with the errors that name it.
#[derive(Clone)]
pub(crate) struct Opening {
    path: PathBuf,
    access: Access,
}

/// What the connections to a file may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    ReadWrite,
    /// They change nothing and make nothing.
    ReadOnly,
}

impl Access {
    fn connect(self, path: &Path) -> rusqlite::Result<Connection> {
        match self {
            Self::ReadWrite => connect(path),
            Self::ReadOnly => read_only::connect(path),
        }
    }
}

impl Opening {
    /// SQLite takes a path that starts with `file:` for a URI; an absolute one is
    /// always a path. It also stays right when the working folder changes.
    pub(crate) fn new(path: &Path, access: Access) -> Result<Self, OpenError> {
        match std::path::absolute(path) {
            Ok(path) => Ok(Self { path, access }),
            Err(source) => Err(OpenError::Io {
                path: path.to_owned(),
                source,
            }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Opens the file. To write, it makes the file and its table if they are missing.
    pub(crate) fn open(&self, with_ttl: bool) -> Result<OpenedFile, OpenError> {
        match self.access {
            Access::ReadWrite => self.open_to_write(with_ttl),
            Access::ReadOnly => self.open_to_read(),
        }
    }

    fn open_to_read(&self) -> Result<OpenedFile, OpenError> {
        let found = Found::at(&self.path).map_err(|error| self.io(error))?;
        if !found.metadata.is_file() {
            // To open a pipe would wait for whoever writes to it.
            return Err(self.io(io::Error::other("it is not a file")));
        }
        in_use::wait_for_earlier(&found.real, Some(found.id()));
        let connection = self.access.connect(&self.path);
        let connection = connection.map_err(|error| self.sqlite(error))?;
        self.check(&connection, false)?;
        let file = OpenedFile::new(self.path.clone(), self.access, found, connection);
        file.check().map_err(|error| self.sqlite(error))?;
        Ok(file)
    }

    fn open_to_write(&self, with_ttl: bool) -> Result<OpenedFile, OpenError> {
        let found = match Found::at(&self.path) {
            // Said here because to root nothing is read-only, and SQLite would
            // write.
            Ok(found) if found.metadata.permissions().readonly() => {
                return Err(self.read_only(&self.path));
            }
            Ok(found) => {
                let folder = fs::metadata(found.folder()).map_err(|error| self.io(error))?;
                if folder.permissions().readonly() {
                    return Err(self.read_only(found.folder()));
                }
                in_use::wait_for_earlier(&found.real, Some(found.id()));
                found
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = self.missing()?;
                in_use::wait_for_earlier(&path, None);
                self.create(&path, with_ttl)?;
                Found::at(&self.path).map_err(|error| self.io(error))?
            }
            Err(error) => return Err(self.io(error)),
        };
        let connection = self.access.connect(&self.path);
        let mut connection = connection.map_err(|error| self.sqlite(error))?;
        if connection
            .is_readonly("main")
            .map_err(|error| self.sqlite(error))?
        {
            return Err(self.read_only(&self.path));
        }
        let has_table = self.check(&connection, with_ttl)?;
        // A file that is there keeps its journal.
        if with_ttl || !has_table {
            make_tables(&mut connection, with_ttl).map_err(|error| self.sqlite(error))?;
        }
        let file = OpenedFile::new(self.path.clone(), self.access, found, connection);
        // Between the two looks nothing else can have been opened.
        file.check().map_err(|error| self.sqlite(error))?;
        Ok(file)
    }

    /// Where the missing file is to be made: its folder is, too, unless a link leads there,
    /// as Spin does it.
    fn missing(&self) -> Result<PathBuf, OpenError> {
        match missing_target(&self.path).map_err(|error| self.io(error))? {
            Some(target) => Ok(target),
            None => {
                let folder = self.folder();
                fs::create_dir_all(folder)
                    .map_err(|error| self.explained(&error, "cannot make", folder))?;
                Ok(self.path.clone())
            }
        }
    }

    /// Makes the file at `path`, which only its owner may read.
    ///
    /// It is made whole under another name and then linked, so that nobody ever
    /// opens a half-made one: SQLite does not wait for a lock while it changes a
    /// file's journal mode, and closing a file takes away the POSIX locks that
    /// another thread of this process holds on it.
    fn create(&self, path: &Path, with_ttl: bool) -> Result<(), OpenError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let _turn = leftovers::turn(folder);
        if path.exists() {
            // Another process was faster.
            return Ok(());
        }
        leftovers::remove_all(path).map_err(|error| self.left(error))?;
        let new = tempfile::Builder::new()
            .prefix(".edgezero-")
            .tempfile_in(folder)
            .map_err(|error| self.explained(&error, "cannot make a file in", folder))?
            .into_temp_path();
        make(&new, with_ttl).map_err(|error| self.sqlite(error))?;
        match new.persist_noclobber(path) {
            // The name lasts from when the folder was synced.
            Ok(()) => fs::File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|error| self.io(error)),
            // Another process was faster, which does not take turns: Spin.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(self.explained(&error.error, "cannot make a file in", folder)),
        }
    }

    /// Finds out what the file is, without a write, and whether it has Spin's table.
    fn check(&self, connection: &Connection, with_ttl: bool) -> Result<bool, OpenError> {
        let sqlite = |error| self.sqlite(error);
        let path = || self.path.clone();
        let has_table = match spins_table(connection).map_err(sqlite)? {
            Table::Spins => true,
            Table::Missing => false,
            Table::Foreign(found) => {
                return Err(OpenError::ForeignTable {
                    path: path(),
                    found,
                });
            }
        };
        if !has_table && page_count(connection).map_err(sqlite)? == 0 {
            let length = fs::metadata(&self.path).map_err(|error| self.io(error))?;
            // Asked again, for a file that someone began to fill in between.
            if length.len() > 0 && page_count(connection).map_err(sqlite)? == 0 {
                // SQLite takes a few bytes of anything for an empty database, and
                // would write over them.
                let not_a_database = ffi::Error::new(ffi::SQLITE_NOTADB);
                return Err(sqlite(rusqlite::Error::SqliteFailure(not_a_database, None)));
            }
        }
        let encoding: String = connection
            .query_row("PRAGMA encoding", [], |row| row.get(0))
            .map_err(sqlite)?;
        if encoding != "UTF-8" {
            return Err(OpenError::Encoding {
                path: path(),
                encoding,
            });
        }
        if with_ttl && let Some((name, found)) = foreign_expiry(connection).map_err(sqlite)? {
            return Err(OpenError::ForeignExpiry {
                path: path(),
                name,
                found,
            });
        }
        Ok(has_table)
    }

    fn read_only(&self, read_only: &Path) -> OpenError {
        OpenError::ReadOnly {
            path: self.path.clone(),
            read_only: read_only.to_owned(),
        }
    }

    fn io(&self, source: io::Error) -> OpenError {
        OpenError::Io {
            path: self.path.clone(),
            source,
        }
    }

    /// Says what failed on which folder; the path of a temporary file, which the error may
    /// have, is nobody's business.
    fn explained(&self, error: &io::Error, failed: &str, folder: &Path) -> OpenError {
        let kind = error.kind();
        let message = format!("{failed} {}: {kind}", folder.display());
        self.io(io::Error::new(kind, message))
    }

    /// What an earlier file left beside the path could not be taken away.
    pub(crate) fn left(&self, source: io::Error) -> OpenError {
        match source.kind() {
            io::ErrorKind::ResourceBusy => OpenError::InUseElsewhere {
                path: self.path.clone(),
            },
            _ => self.io(source),
        }
    }

    pub(crate) fn sqlite(&self, error: rusqlite::Error) -> OpenError {
        let (code, moved) = (error.sqlite_error_code(), is_moved(&error));
        let (path, source) = (self.path.clone(), error.into());
        match code {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                OpenError::NotADatabase { path, source }
            }
            Some(ErrorCode::ReadOnly) if moved => OpenError::Moved { path },
            Some(ErrorCode::ReadOnly) => self.read_only(&self.path),
            Some(ErrorCode::CannotOpen) => match may_read(&path) {
                // SQLite says only that it cannot open it.
                Err(source) => OpenError::Io { path, source },
                Ok(()) => OpenError::Sqlite { path, source },
            },
            _ => OpenError::Sqlite { path, source },
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    wait_for_locks(&mut connection)?;
    // Else SQLite plans a listing anew for every page, as its range is another.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Makes calls on `connection` wait for locks of other connections.
pub(crate) fn wait_for_locks(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|tries: i32| {
        std::thread::sleep(BUSY_PAUSE);
        BUSY_PAUSE * tries.unsigned_abs() < PATIENCE
    }))
}

/// Makes them fail at once with SQLITE_BUSY.
pub(crate) fn dont_wait_for_locks(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::ZERO)
}

/// What a call fails with that has waited for long enough.
pub(crate) fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)
}

fn page_count(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA page_count", [], |row| row.get(0))
}

/// Fills a new file, which nobody else knows yet. It gets a write-ahead log, in
/// which readers and a writer do not wait for each other.
fn make(path: &Path, with_ttl: bool) -> rusqlite::Result<()> {
    let mut connection = connect(path)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    make_tables(&mut connection, with_ttl)?;
    connection.close().map_err(|(_, error)| error)
}

/// Makes the tables that are missing.
fn make_tables(connection: &mut Connection, with_ttl: bool) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql::CREATE_TABLE)?;
    if with_ttl {
        transaction.execute_batch(sql::CREATE_EXPIRY)?;
    }
    transaction.commit()
}

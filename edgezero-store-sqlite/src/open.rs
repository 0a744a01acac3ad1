//! Opening a file: made if missing, checked before anything is written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use edgezero_store_traits::KvError;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, ffi};

use crate::sql;

/// How long a call waits for a lock that another process holds. Spin waits 5
/// seconds; a mirror beside it waits longer, so that Spin's writes cannot make a
/// call of ours fail before they fail themselves.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// What `PRAGMA table_info(spin_key_value)` says of Spin's table: name, type, not
/// null, place in the primary key.
const COLUMNS: [(&str, &str, bool, i64); 3] = [
    ("store", "TEXT", true, 1),
    ("key", "TEXT", true, 2),
    ("value", "BLOB", true, 0),
];

/// Why a file could not be opened as Spin's key-value file. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is something else.
    #[error(
        "cannot open {} as a key-value file: it is no SQLite database, or a damaged one",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },

    /// The file may not be written.
    #[error(
        "cannot open {} as a key-value file: it is read-only; make it and its folder writable, \
         or use a copy",
        path.display()
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },

    /// The file has a table of that name that is not Spin's.
    #[error(
        "cannot open {} as a key-value file: its table spin_key_value is not Spin's. \
         Spin's has the columns store TEXT, key TEXT and value BLOB, all NOT NULL, and the \
         primary key (store, key); this one has: {found}",
        path.display()
    )]
    ForeignTable {
        /// The file.
        path: PathBuf,
        /// The table's columns, or what else it is.
        found: String,
    },

    /// The database keeps its text in UTF-16, where keys sort differently.
    #[error(
        "cannot open {} as a key-value file: its text encoding is {encoding}, and keys are \
         ordered by UTF-8 bytes; Spin makes its files in UTF-8",
        path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// What `PRAGMA encoding` says.
        encoding: String,
    },

    /// The file or its folder could not be made or reached.
    #[error("cannot open {} as a key-value file", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// SQLite failed in another way.
    #[error("cannot open {} as a key-value file", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl From<OpenError> for KvError {
    fn from(error: OpenError) -> Self {
        Self::Unavailable {
            message: error.to_string(),
            source: Some(Box::new(error)),
        }
    }
}

/// The file to open, with the errors that name it.
pub(crate) struct Opening {
    path: PathBuf,
}

impl Opening {
    /// SQLite takes a path that starts with `file:` for a URI; an absolute one is
    /// always a path. It also stays right when the working folder changes.
    pub(crate) fn new(path: &Path) -> Result<Self, OpenError> {
        match std::path::absolute(path) {
            Ok(path) => Ok(Self { path }),
            Err(source) => Err(OpenError::Io {
                path: path.to_owned(),
                source,
            }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file, makes it and its table if they are missing, and returns a
    /// connection that may write.
    pub(crate) fn open(&self, with_ttl: bool) -> Result<Connection, OpenError> {
        let length = match fs::metadata(&self.path) {
            // Said here because to root no file is read-only, and SQLite would
            // write.
            Ok(metadata) if metadata.permissions().readonly() => return Err(self.read_only()),
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create()?;
                0
            }
            Err(error) => return Err(self.io(error)),
        };
        let mut connection = self.connect().map_err(|error| self.sqlite(error))?;
        if connection
            .is_readonly("main")
            .map_err(|error| self.sqlite(error))?
        {
            return Err(self.read_only());
        }
        self.check(&connection, length)?;
        prepare(&mut connection, with_ttl).map_err(|error| self.sqlite(error))?;
        Ok(connection)
    }

    /// One more connection to a file that [`Opening::open`] opened.
    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(connection)
    }

    /// Makes an empty file that only its owner may read, and its folder.
    ///
    /// It is made under another name and then linked: were it made and closed here
    /// under its own, the close would take away the POSIX locks that another
    /// thread of this process may already hold on it through SQLite.
    fn create(&self) -> Result<(), OpenError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| self.io(error))?;
        let file = tempfile::Builder::new()
            .prefix(".edgezero-")
            .tempfile_in(folder)
            .map_err(|error| self.io(error))?;
        match file.into_temp_path().persist_noclobber(&self.path) {
            Ok(()) => Ok(()),
            // Another process was faster.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(self.io(error.error)),
        }
    }

    /// Finds out what the file is, without a write. `length` is the file's, in
    /// bytes, from before it was opened.
    fn check(&self, connection: &Connection, length: u64) -> Result<(), OpenError> {
        let pages = page_count(connection).map_err(|error| self.sqlite(error))?;
        if length > 0 && pages == 0 {
            // SQLite takes a few bytes of anything for an empty database, and
            // would write over them.
            let not_a_database = ffi::Error::new(ffi::SQLITE_NOTADB);
            return Err(self.sqlite(rusqlite::Error::SqliteFailure(not_a_database, None)));
        }
        let encoding: String = connection
            .query_row("PRAGMA encoding", [], |row| row.get(0))
            .map_err(|error| self.sqlite(error))?;
        if encoding != "UTF-8" {
            return Err(OpenError::Encoding {
                path: self.path.clone(),
                encoding,
            });
        }
        match foreign_table(connection).map_err(|error| self.sqlite(error))? {
            None => Ok(()),
            Some(found) => Err(OpenError::ForeignTable {
                path: self.path.clone(),
                found,
            }),
        }
    }

    fn read_only(&self) -> OpenError {
        OpenError::ReadOnly {
            path: self.path.clone(),
        }
    }

    fn io(&self, source: io::Error) -> OpenError {
        OpenError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn sqlite(&self, source: rusqlite::Error) -> OpenError {
        let path = self.path.clone();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                OpenError::NotADatabase { path, source }
            }
            Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { path },
            _ => OpenError::Sqlite { path, source },
        }
    }
}

fn page_count(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA page_count", [], |row| row.get(0))
}

/// What stands in the place of Spin's table, if it is not that table.
fn foreign_table(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let kind: Option<String> = connection
        .query_row(
            "SELECT type FROM sqlite_schema WHERE name = 'spin_key_value'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match kind.as_deref() {
        None => return Ok(None),
        Some("table") => {}
        Some(other) => return Ok(Some(format!("it is no table but a {other}"))),
    }
    let mut statement = connection.prepare("PRAGMA table_info(spin_key_value)")?;
    let columns: Vec<(String, String, bool, i64)> = statement
        .query_map([], |row| {
            Ok((
                row.get("name")?,
                row.get("type")?,
                row.get("notnull")?,
                row.get("pk")?,
            ))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let same = columns.len() == COLUMNS.len()
        && columns
            .iter()
            .zip(COLUMNS)
            .all(|(found, spins)| (found.0.as_str(), found.1.as_str(), found.2, found.3) == spins);
    if same {
        return Ok(None);
    }
    let found = columns.iter().map(|(name, kind, not_null, key)| {
        let not_null = if *not_null { " NOT NULL" } else { "" };
        let key = if *key > 0 { " (primary key)" } else { "" };
        format!("{name} {kind}{not_null}{key}")
    });
    Ok(Some(found.collect::<Vec<_>>().join(", ")))
}

/// Makes what is missing. A new file gets a write-ahead log, in which readers and
/// a writer do not wait for each other; a file that is there keeps its mode.
fn prepare(connection: &mut Connection, with_ttl: bool) -> rusqlite::Result<()> {
    if page_count(connection)? == 0 {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    }
    let has_table = connection.table_exists(None, "spin_key_value")?;
    if has_table && !with_ttl {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql::CREATE_TABLE)?;
    if with_ttl {
        transaction.execute_batch(sql::CREATE_EXPIRY)?;
    }
    transaction.commit()
}

//! Why a file could not be opened.

use std::path::PathBuf;

use edgezero_store_traits::{BoxError, KvError};

/// Why a file could not be opened as Spin's key-value file. Of what was there,
/// nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is something else.
    #[error(
        "cannot open {} as a key-value file: it is no SQLite database, or a damaged one",
        path.display()
    )]
    #[non_exhaustive]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: BoxError,
    },

    /// The file, or the folder where SQLite keeps its journal, may not be written.
    #[error(
        "cannot open {} as a key-value file: {} is read-only; make the file and its folder \
         writable, or use a copy",
        path.display(),
        read_only.display()
    )]
    #[non_exhaustive]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// The file or its folder.
        read_only: PathBuf,
    },

    /// The file has a table of that name that is not Spin's.
    #[error(
        "cannot open {} as a key-value file: its table spin_key_value is not Spin's. \
         Spin's has the columns store TEXT, key TEXT and value BLOB, all NOT NULL, and the \
         primary key (store, key), compared by bytes; this one has: {found}",
        path.display()
    )]
    #[non_exhaustive]
    ForeignTable {
        /// The file.
        path: PathBuf,
        /// The table's columns, or what else it is.
        found: String,
    },

    /// The file has something under a name that the mirror keeps TTLs under.
    #[error(
        "cannot open {} with TTL: its {name} is not the mirror's. Open the file without TTL, or \
         rename or drop what is there; it was made by: {found}",
        path.display()
    )]
    #[non_exhaustive]
    ForeignExpiry {
        /// The file.
        path: PathBuf,
        /// The table, index or trigger.
        name: String,
        /// The statement that made it.
        found: String,
    },

    /// The database keeps its text in UTF-16, where keys sort differently.
    #[error(
        "cannot open {} as a key-value file: its text encoding is {encoding}, and keys are \
         ordered by UTF-8 bytes; Spin makes its files in UTF-8",
        path.display()
    )]
    #[non_exhaustive]
    Encoding {
        /// The file.
        path: PathBuf,
        /// What `PRAGMA encoding` says.
        encoding: String,
    },

    /// Another file took the place of the file while it was opened.
    #[error(
        "cannot open {} as a key-value file: it was moved, deleted or replaced in the meantime; \
         open it again",
        path.display()
    )]
    #[non_exhaustive]
    Moved {
        /// The file.
        path: PathBuf,
    },

    /// The file was moved, deleted or replaced, and another process goes on with the
    /// one that was there before, whose log stands in the way of a new file's.
    #[error(
        "cannot open {0} as a key-value file: another process still uses the file that was \
         there before it was moved, deleted or replaced, as its lock on {0}-shm shows; stop or \
         restart that process",
        path.display()
    )]
    #[non_exhaustive]
    InUseElsewhere {
        /// The file.
        path: PathBuf,
    },

    /// The file or its folder could not be made or reached.
    #[error("cannot open {} as a key-value file", path.display())]
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// SQLite failed in another way.
    #[error("cannot open {} as a key-value file", path.display())]
    #[non_exhaustive]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: BoxError,
    },
}

/// A store that cannot be opened cannot be reached.
impl From<OpenError> for KvError {
    fn from(error: OpenError) -> Self {
        let message = error.to_string();
        let source = match error {
            OpenError::NotADatabase { source, .. } | OpenError::Sqlite { source, .. } => {
                Some(source)
            }
            OpenError::Io { source, .. } => Some(source.into()),
            OpenError::ReadOnly { .. }
            | OpenError::ForeignTable { .. }
            | OpenError::ForeignExpiry { .. }
            | OpenError::Encoding { .. }
            | OpenError::Moved { .. }
            | OpenError::InUseElsewhere { .. } => None,
        };
        Self::Unavailable { message, source }
    }
}

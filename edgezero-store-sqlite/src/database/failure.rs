//! Why a call on a file failed.

use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::open::{OpenError, is_moved};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Shared, for a transaction that carries the writes of many calls fails for
    /// all of them.
    #[error(transparent)]
    Sqlite(Arc<rusqlite::Error>),
    /// Of the file that is now at the path. Boxed, for it is large and rare.
    #[error(transparent)]
    Open(Box<OpenError>),
    /// Its thread panicked, or the runtime that it ran on is gone.
    #[error("the work did not end")]
    Stopped,
}

impl Failure {
    /// Whether the same call may work later.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::CannotOpen
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::ReadOnly
                        | ErrorCode::PermissionDenied
                        | ErrorCode::OutOfMemory
                        | ErrorCode::FileLockingProtocolFailed
                )
            ),
            // As with the first opening.
            Self::Open(_) => true,
            Self::Stopped => true,
        }
    }

    /// Whether the file was no longer at its path.
    pub(crate) fn is_moved(&self) -> bool {
        matches!(self, Self::Sqlite(error) if is_moved(error))
    }

    /// What is to be done about it, or why nothing is.
    pub(crate) fn advice(&self) -> Option<String> {
        let error = match self {
            Self::Sqlite(error) => error,
            Self::Open(error) => return Some(error.to_string()),
            Self::Stopped => return None,
        };
        let advice = match error.sqlite_error_code()? {
            ErrorCode::ReadOnly if self.is_moved() => {
                "the file was moved, deleted or replaced since it was opened; nothing was done, \
                 and the next call opens what is at its path then"
            }
            ErrorCode::DatabaseBusy => {
                "another process keeps the file locked; end its transaction, or the process"
            }
            ErrorCode::DiskFull => "the disk is full; make room on it",
            ErrorCode::SystemIoFailure => {
                "the disk failed, or has no room for it; look at the disk, and at quotas and \
                 limits on the size of a file"
            }
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
                "make sure that the file is there, and that it and its folder may be written"
            }
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                "the file is damaged; put a copy in its place"
            }
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

/// Whether another connection holds a lock that the call needs.
pub(super) fn is_locked(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

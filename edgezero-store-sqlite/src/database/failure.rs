//! Why a call on a file failed.

use std::sync::Arc;

use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Shared, for a transaction that carries the writes of many calls fails for
    /// all of them.
    #[error(transparent)]
    Sqlite(Arc<rusqlite::Error>),
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
            Self::Stopped => true,
        }
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

//! Connections to one file, shared by many tasks.
//!
//! One connection writes: the tasks of this process wait for it in turn, instead
//! of meeting each other at SQLite's lock. A few others read. SQLite blocks, so
//! both run on tokio's threads for blocking work; a task that is dropped while it
//! waits has done nothing, and one that is dropped later lets the work finish.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::{Mutex as AsyncMutex, Semaphore};
use tokio::task::spawn_blocking;

use crate::open::{OpenError, Opening};
use crate::sql::{self, Reads};

/// More readers than this do not help on the machines that a mirror runs on, and
/// each holds a page cache.
const READERS: usize = 4;

/// Tells the time that TTLs are measured by.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

pub(crate) struct Database {
    opening: Opening,
    writer: Arc<AsyncMutex<Connection>>,
    readers: Arc<Semaphore>,
    idle_readers: Mutex<Vec<Connection>>,
    /// `None` in a file without TTL.
    clock: Option<Clock>,
}

/// Why a call on a file failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the work did not end: {0}")]
    Stopped(#[from] tokio::task::JoinError),
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
            // Else it panicked, and would again.
            Self::Stopped(error) => error.is_cancelled(),
        }
    }
}

impl Database {
    pub(crate) fn open(path: &Path, clock: Option<Clock>) -> Result<Self, OpenError> {
        let opening = Opening::new(path)?;
        let writer = opening.open(clock.is_some())?;
        Ok(Self {
            opening,
            writer: Arc::new(AsyncMutex::new(writer)),
            readers: Arc::new(Semaphore::new(READERS)),
            idle_readers: Mutex::default(),
            clock,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.opening.path()
    }

    pub(crate) fn has_ttl(&self) -> bool {
        self.clock.is_some()
    }

    /// The statements that read this file.
    pub(crate) fn reads(&self) -> &'static Reads {
        if self.has_ttl() {
            &sql::READS_WITH_TTL
        } else {
            &sql::READS
        }
    }

    /// The time in milliseconds since 1970, in a file with TTL.
    fn now_ms(&self) -> Option<i64> {
        let now = self.clock.as_ref()?();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Some(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Runs `work` on a connection that reads, with the time in a file with TTL.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        // Never closed, so there is always a permit to come.
        let permit = self.readers.clone().acquire_owned().await;
        let database = self.clone();
        spawn_blocking(move || {
            // Until the work is done, also when nobody waits for it any more.
            let _permit = permit;
            let idle = database.idle_readers().pop();
            let reader = match idle {
                Some(reader) => reader,
                None => database.connect_reader()?,
            };
            let done = work(&reader, database.now_ms());
            database.idle_readers().push(reader);
            Ok(done?)
        })
        .await?
    }

    /// Runs `work` in a transaction of its own, with the time in a file with TTL:
    /// all of it, or on an error nothing.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Transaction<'_>, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let mut writer = self.writer.clone().lock_owned().await;
        let database = self.clone();
        spawn_blocking(move || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // The time once the lock is held: a TTL does not start in the queue.
            let done = work(&transaction, database.now_ms())?;
            transaction.commit()?;
            Ok(done)
        })
        .await?
    }

    fn connect_reader(&self) -> rusqlite::Result<Connection> {
        let reader = self.opening.connect()?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(reader)
    }

    fn idle_readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle_readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

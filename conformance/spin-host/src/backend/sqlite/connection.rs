//! The one connection that all instances share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;

use crate::backend::Failure;

/// How long a call waits for the connection. Spin has no such end, but a test should.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection behind a mutex that a panic poisons.
pub(super) struct Shared {
    connection: Mutex<Connection>,
    poisoned: AtomicBool,
}

impl Shared {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection: Mutex::new(connection),
            poisoned: AtomicBool::new(false),
        }
    }

    /// Every later call panics.
    pub(super) fn poison(&self) {
        self.poisoned.store(true, Ordering::Relaxed);
    }

    pub(super) fn lock(&self) -> Result<MutexGuard<'_, Connection>, Failure> {
        let Some(connection) = self.connection.try_lock_for(PATIENCE) else {
            return Err(Failure::Panic(
                "Spin's host waits for ever: a stream of keys, which nobody reads on, holds the \
                 connection to SQLite"
                    .to_owned(),
            ));
        };
        if self.poisoned.load(Ordering::Relaxed) {
            return Err(Failure::Panic(
                "Spin's host panics: an earlier panic poisoned the mutex of this store \
                 (PoisonError)"
                    .to_owned(),
            ));
        }
        Ok(connection)
    }

    /// Runs work on the connection; the instance does nothing else meanwhile.
    pub(super) fn run<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        tokio::task::block_in_place(|| work(&mut *self.lock()?).map_err(Failure::other))
    }
}

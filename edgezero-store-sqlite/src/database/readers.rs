//! The connections that read.
//!
//! A read of one row takes a few microseconds, less than waking a thread for it,
//! and one of a page a fraction of a millisecond. So they are tried on the task's
//! own thread first, and never wait there: not for a connection, and not for a lock
//! that a writer of a file without a write-ahead log holds. What would wait, and
//! what reads more, goes to tokio's threads for blocking work.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{consume_budget, spawn_blocking};

use super::failure::{Failure, is_locked};
use crate::open::{OpenedFile, dont_wait_for_locks, wait_for_locks};

/// More readers than this do not help on the machines that a mirror runs on, and
/// each holds a page cache.
const READERS: usize = 4;

/// So many rows are read on the task's own thread, and no more.
const ROWS_IN_PLACE: usize = 2_048;

/// So many rows count as one operation of a task, of which tokio lets it do 128
/// before others have their turn.
const ROWS_IN_AN_OPERATION: usize = 64;

pub(super) struct Readers {
    permits: Arc<Semaphore>,
    /// It keeps those that are idle.
    file: Arc<OpenedFile>,
}

impl Readers {
    pub(super) fn new(file: Arc<OpenedFile>) -> rusqlite::Result<Arc<Self>> {
        // The one that has opened the file.
        if let Some(first) = file.take_idle() {
            let prepared = prepare(&first);
            file.keep_idle(first);
            prepared?;
        }
        Ok(Arc::new(Self {
            file,
            permits: Arc::new(Semaphore::new(READERS)),
        }))
    }

    /// Runs `work`, which reads at most `rows`, here if they are few and nothing
    /// makes it wait, else in a thread of its own.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        rows: usize,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        if rows > ROWS_IN_PLACE {
            return self.read_elsewhere(work).await;
        }
        for _ in 0..rows.div_ceil(ROWS_IN_AN_OPERATION) {
            consume_budget().await;
        }
        if let Ok(_permit) = self.permits.try_acquire() {
            match self.run(|reader| work(reader)) {
                Err(error) if is_locked(&error) => {}
                done => return Ok(done?),
            }
        }
        self.read_elsewhere(work).await
    }

    /// Runs `work` in a thread of its own.
    async fn read_elsewhere<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        // Never closed, so there is always a permit to come.
        let permit = self.permits.clone().acquire_owned().await;
        let readers = self.clone();
        let done = spawn_blocking(move || {
            // Until the work is done, also when nobody waits for it any more.
            let _permit: Option<OwnedSemaphorePermit> = permit.ok();
            readers.run(|reader| {
                wait_for_locks(reader)?;
                let done = work(reader);
                dont_wait_for_locks(reader)?;
                done
            })
        });
        done.await
            .map_err(|_| Failure::Stopped)?
            .map_err(Into::into)
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let mut reader = match self.file.take_idle() {
            Some(reader) => reader,
            None => {
                let reader = self.file.connect()?;
                prepare(&reader)?;
                reader
            }
        };
        let done = work(&mut reader);
        self.file.keep_idle(reader);
        done
    }
}

fn prepare(reader: &Connection) -> rusqlite::Result<()> {
    reader.pragma_update(None, "query_only", true)?;
    dont_wait_for_locks(reader)
}

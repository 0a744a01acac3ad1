//! Connections to one file, shared by many tasks.
//!
//! One connection writes: the tasks of this process wait for it in turn, instead
//! of meeting each other at SQLite's lock, and share its transactions. A few others
//! read. A task that is dropped while it waits has done nothing, and one that is
//! dropped later lets the work finish.

mod checkpoint;
mod failure;
mod group;
mod job;
mod readers;
mod writer;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

pub(crate) use self::failure::Failure;
use self::readers::Readers;
use self::writer::Writer;
use crate::Synchronous;
use crate::open::{OpenError, Opening};
use crate::sql::{self, Reads};
use crate::time::{Clock, now_ms};

pub(crate) struct Database {
    readers: Arc<Readers>,
    writer: Arc<Writer>,
    /// `None` in a file without TTL.
    clock: Option<Clock>,
}

impl Database {
    pub(crate) fn open(
        path: &Path,
        synchronous: Synchronous,
        clock: Option<Clock>,
    ) -> Result<Self, OpenError> {
        let opening = Opening::new(path)?;
        let first = opening.open(clock.is_some())?;
        let readers =
            Readers::new(opening.clone(), first).map_err(|error| opening.sqlite(error))?;
        Ok(Self {
            readers,
            writer: Arc::new(Writer::new(opening, synchronous, clock.clone())),
            clock,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.readers.opening().path()
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

    /// Runs `work`, which reads at most `rows`, with the time in a file with TTL.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        rows: usize,
        work: impl Fn(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let clock = self.clock.clone();
        let work = move |reader: &Connection| work(reader, clock.as_ref().map(now_ms));
        self.readers.read(rows, work).await
    }

    /// Runs `work`, all of it or on an error nothing, with the time in a file with
    /// TTL. It may run twice, of which the last is what counts.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.writer.write(work).await
    }
}

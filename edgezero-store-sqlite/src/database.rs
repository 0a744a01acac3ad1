//! Connections to one file, shared by many tasks.
//!
//! One connection writes: the tasks of this process wait for it in turn, instead
//! of meeting each other at SQLite's lock, and share its transactions. A few others
//! read. A task that is dropped while it waits has done nothing, and one that is
//! dropped later lets the work finish.
//!
//! A file that is no longer at its path is left: what was written there, nobody
//! would find. The call that found it out fails, and the next one opens the path
//! anew, after all connections to the old file are closed, as SQLite keeps the logs
//! of both under one name.

mod checkpoint;
mod connections;
mod failure;
mod group;
mod job;
mod readers;
mod turns;
mod writer;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use self::connections::{Connections, Left};
pub(crate) use self::failure::Failure;
use crate::Synchronous;
use crate::open::{Access, OpenError, Opening};
use crate::sql::{self, Reads};
use crate::time::{Clock, now_ms};

pub(crate) struct Database {
    opening: Opening,
    synchronous: Synchronous,
    /// `None` in a file without TTL.
    clock: Option<Clock>,
    /// `None` while the path is opened anew.
    connections: RwLock<Option<Arc<Connections>>>,
    /// Held by who opens the path anew.
    left: Arc<Mutex<Option<Left>>>,
}

impl Database {
    pub(crate) fn open(
        path: &Path,
        access: Access,
        synchronous: Synchronous,
        clock: Option<Clock>,
    ) -> Result<Self, OpenError> {
        let opening = Opening::new(path, access)?;
        let connections = Connections::open(&opening, synchronous, clock.clone())?;
        Ok(Self {
            opening,
            synchronous,
            clock,
            connections: RwLock::new(Some(Arc::new(connections))),
            left: Arc::default(),
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

    /// Runs `work`, which reads at most `rows`, with the time in a file with TTL.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        rows: usize,
        work: impl Fn(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let clock = self.clock.clone();
        let work = move |reader: &Connection| work(reader, clock.as_ref().map(now_ms));
        let connections = self.connections().await?;
        connections.check_now_and_then()?;
        connections.readers.read(rows, work).await
    }

    /// Runs `work`, all of it or on an error nothing, with the time in a file with
    /// TTL. It may run twice, of which the last is what counts.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnMut(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let connections = self.connections().await?;
        let written = connections.writer.write(work).await;
        if written.is_err() {
            // The mirror looks before it commits, and it may have failed before: without
            // a write-ahead log SQLite finds out itself, and a damaged file that was
            // replaced is damaged still.
            connections.file.is_at_its_path();
        }
        written
    }

    /// The connections to the file that is at the path; after it was found missing
    /// there, once, to the one that is there now.
    async fn connections(self: &Arc<Self>) -> Result<Arc<Connections>, Failure> {
        if let Some(connections) = self.usable() {
            return Ok(connections);
        }
        let mut left = self.left.clone().lock_owned().await;
        // Another call may have been faster.
        if let Some(connections) = self.usable() {
            return Ok(connections);
        }
        let database = self.clone();
        // To the end, also when nobody waits for it any more.
        let opened = spawn_blocking(move || database.open_anew(&mut left));
        opened.await.map_err(|_| Failure::Stopped)?
    }

    fn usable(&self) -> Option<Arc<Connections>> {
        let connections = self.current();
        connections.filter(|connections| !connections.file.was_missed())
    }

    fn open_anew(&self, left: &mut Option<Left>) -> Result<Arc<Connections>, Failure> {
        if let Some(connections) = self.current() {
            // It may be back.
            if connections.file.is_at_its_path() {
                return Ok(connections);
            }
            *left = Some(Left::new(&connections));
            self.set(None);
        }
        if let Some(left) = left {
            left.close(&self.opening)?;
        }
        *left = None;
        let connections = Connections::open(&self.opening, self.synchronous, self.clock.clone());
        let connections = Arc::new(connections.map_err(|error| Failure::Open(error.into()))?);
        self.set(Some(connections.clone()));
        Ok(connections)
    }

    fn current(&self) -> Option<Arc<Connections>> {
        let current = self.connections.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, connections: Option<Arc<Connections>>) {
        let current = self.connections.write();
        *current.unwrap_or_else(PoisonError::into_inner) = connections;
    }
}

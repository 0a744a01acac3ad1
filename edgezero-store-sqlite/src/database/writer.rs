//! The connection that writes, and the queue before it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::Failure;
use super::checkpoint::Checkpoints;
use super::group::GroupWriter;
use super::job::{self, Failed, Job};
use super::turns::Turns;
use crate::Synchronous;
use crate::open::OpenedFile;
use crate::time::Clock;

/// How many writes stand in the queue; those beyond wait before it, in turn.
const PLACES: usize = 256;

pub(super) struct Writer {
    synchronous: Synchronous,
    clock: Option<Clock>,
    places: Arc<Semaphore>,
    queue: Mutex<Queue>,
    checkpoints: Arc<Checkpoints>,
    /// Opened by the first write.
    turns: Mutex<Option<Turns>>,
    /// Last, to be let go of when the connections are closed.
    file: Arc<OpenedFile>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    /// Whether a thread is at work on it, or will be.
    served: bool,
}

impl Writer {
    pub(super) fn new(
        file: Arc<OpenedFile>,
        synchronous: Synchronous,
        clock: Option<Clock>,
    ) -> Self {
        Self {
            checkpoints: Arc::new(Checkpoints::new(file.clone())),
            file,
            synchronous,
            clock,
            places: Arc::new(Semaphore::new(PLACES)),
            queue: Mutex::default(),
            turns: Mutex::default(),
        }
    }

    /// Does `work` in a transaction: all of it, or on an error nothing. When it is
    /// dropped before its turn, nothing either.
    pub(super) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnMut(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        // Never closed, so there is always a place to come.
        let place = self.places.clone().acquire_owned().await.ok();
        let (job, answered) = job::with_answer(work, place);
        if self.add(job) {
            let service = Service {
                writer: self.clone(),
                ended: false,
            };
            spawn_blocking(move || service.run());
        }
        answered.await.map_err(|_| Failure::Stopped)?
    }

    /// Whether the queue now needs a thread.
    fn add(&self, job: Box<dyn Job>) -> bool {
        let mut queue = self.queue();
        queue.jobs.push_back(job);
        !std::mem::replace(&mut queue.served, true)
    }

    /// Writes until the queue is empty.
    fn serve(&self) {
        while let Some(waiting) = self.waiting() {
            if let Err(error) = self.write_group() {
                // They waited as long as the one that was to begin.
                let waited: Vec<_> = self.queue().jobs.drain(..waiting).collect();
                waited.into_iter().for_each(|job| job.fail(error.clone()));
            }
        }
    }

    /// How many writes wait; `None` for none, which ends the service.
    fn waiting(&self) -> Option<usize> {
        let mut queue = self.queue();
        queue.served = !queue.jobs.is_empty();
        queue.served.then_some(queue.jobs.len())
    }

    /// Writes what waits, or finds that it cannot begin.
    fn write_group(&self) -> Result<(), Failed> {
        // Taken out while in use: one that was left in the middle of a transaction
        // by a panic is not used again.
        let idle = self.turns().take();
        let mut turns = match idle {
            Some(turns) => turns,
            None => Turns::new(self.connect()?),
        };
        let mut writer = GroupWriter {
            turns: &mut turns,
            file: &self.file,
            clock: self.clock.as_ref(),
        };
        let begun = writer.begin();
        if begun.is_ok() {
            writer.write(|| self.next());
            let others_wait = !self.queue().jobs.is_empty();
            self.checkpoints.after_commit(others_wait);
        }
        *self.turns() = Some(turns);
        begun
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let mut connection = self.file.connect()?;
        connection.pragma_update(None, "synchronous", self.synchronous.as_pragma())?;
        self.checkpoints.take_over(&mut connection)?;
        Ok(connection)
    }

    /// The next write that somebody waits for.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut queue = self.queue();
        std::iter::from_fn(|| queue.jobs.pop_front()).find(|job| job.is_wanted())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turns(&self) -> MutexGuard<'_, Option<Turns>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that serves the queue, or will.
struct Service {
    writer: Arc<Writer>,
    ended: bool,
}

impl Service {
    fn run(mut self) {
        self.writer.serve();
        self.ended = true;
    }
}

impl Drop for Service {
    /// Where it did not come to its end, by a panic or because its runtime was shut
    /// down, what it leaves in the queue is not written, and its callers learn it.
    fn drop(&mut self) {
        if !self.ended {
            let mut queue = self.writer.queue();
            queue.served = false;
            let left = std::mem::take(&mut queue.jobs);
            drop(queue);
            drop(left);
        }
    }
}

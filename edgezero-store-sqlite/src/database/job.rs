//! A write that waits for its transaction.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::Failure;

/// What is done with a write, whatever its result is.
pub(super) trait Job: Send {
    /// Whether anybody still waits for the answer.
    fn is_wanted(&self) -> bool;

    /// Does the work and keeps its result; the same job may be run again when its
    /// transaction was not committed. In a file with TTL it is told the time.
    fn run(&mut self, connection: &Connection, now: Option<i64>) -> Result<(), Failed>;

    /// Tells the result, which is committed.
    fn succeed(self: Box<Self>);

    /// Tells why nothing was written.
    fn fail(self: Box<Self>, error: Failed);
}

/// Why a job failed.
pub(super) type Failed = Arc<rusqlite::Error>;

/// A job that does `work`, and where its result will be.
pub(super) fn with_answer<W, T>(
    work: W,
    place: Option<OwnedSemaphorePermit>,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T, Failure>>)
where
    W: FnMut(&Connection, Option<i64>) -> rusqlite::Result<T> + Send + 'static,
    T: Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let call = Call {
        work,
        result: None,
        answer,
        _place: place,
    };
    (Box::new(call), answered)
}

struct Call<W, T> {
    work: W,
    result: Option<T>,
    answer: oneshot::Sender<Result<T, Failure>>,
    /// In the queue, until it is answered or dropped.
    _place: Option<OwnedSemaphorePermit>,
}

impl<W, T> Job for Call<W, T>
where
    W: FnMut(&Connection, Option<i64>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(&mut self, connection: &Connection, now: Option<i64>) -> Result<(), Failed> {
        self.result = Some((self.work)(connection, now)?);
        Ok(())
    }

    fn succeed(self: Box<Self>) {
        if let Some(result) = self.result {
            // Nobody may be waiting any more.
            let _ = self.answer.send(Ok(result));
        }
    }

    fn fail(self: Box<Self>, error: Failed) {
        let _ = self.answer.send(Err(Failure::Sqlite(error)));
    }
}

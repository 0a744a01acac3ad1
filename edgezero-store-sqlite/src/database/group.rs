//! Many writes in one transaction.
//!
//! What a durable write costs is the wait for the disk at the end of its
//! transaction. Writes that wait at the same time share one: each sees those
//! before it, each is whole or not there, and none is answered before the disk has
//! all of them.

use std::time::{Duration, Instant};

use super::failure::is_locked;
use super::job::{Failed, Job};
use super::turns::Turns;
use crate::open::{OpenedFile, is_moved};
use crate::time::{Clock, now_ms};

/// A group takes no more writes after this long, so that the first of them is not
/// kept waiting and other processes have their turn.
const TAKES_WRITES_FOR: Duration = Duration::from_millis(5);

pub(super) struct GroupWriter<'a> {
    pub(super) turns: &'a mut Turns,
    pub(super) file: &'a OpenedFile,
    pub(super) clock: Option<&'a Clock>,
}

impl GroupWriter<'_> {
    /// Takes the lock, waiting for it. After an `Ok`, [`GroupWriter::write`] follows.
    pub(super) fn begin(&mut self) -> Result<(), Failed> {
        Ok(self.turns.begin()?)
    }

    /// Writes what `next` gives for a while, commits it and answers all.
    pub(super) fn write(&mut self, next: impl FnMut() -> Option<Box<dyn Job>>) {
        let mut group = Vec::new();
        match self.run_all(next, &mut group) {
            Ok(()) => group.into_iter().for_each(|job| job.succeed()),
            Err(error) => {
                self.turns.roll_back();
                // Where it is a lock, all of them have waited for it long enough.
                if group.len() == 1 || is_locked(&error) || is_moved(&error) {
                    group.into_iter().for_each(|job| job.fail(error.clone()));
                } else {
                    // One of them may be what the disk has no room for.
                    let half = group.split_off(group.len() / 2);
                    self.write_again(group);
                    self.write_again(half);
                }
            }
        }
    }

    fn write_again(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut jobs = jobs.into_iter();
        while jobs.len() > 0 {
            match self.begin() {
                Ok(()) => self.write(|| jobs.next()),
                Err(error) => jobs.by_ref().for_each(|job| job.fail(error.clone())),
            }
        }
    }

    /// Leaves in `group` what is written, or after an error what is not and has no
    /// answer yet.
    fn run_all(
        &mut self,
        mut next: impl FnMut() -> Option<Box<dyn Job>>,
        group: &mut Vec<Box<dyn Job>>,
    ) -> Result<(), Failed> {
        let began = Instant::now();
        while (group.is_empty() || began.elapsed() < TAKES_WRITES_FOR)
            && let Some(mut job) = next()
        {
            let done = job.run(&self.turns.connection, self.now());
            group.push(job);
            // A savepoint to go back to would cost each as much as its own statement,
            // and hardly any fails: then all are written again, in halves.
            done?;
        }
        // After the last of them has come: one that came after the file was gone
        // must not be told that it was written.
        self.file.check()?;
        Ok(self.turns.commit()?)
    }

    /// The time once the lock is held: a TTL does not start in the queue.
    fn now(&self) -> Option<i64> {
        self.clock.map(now_ms)
    }
}

//! Bringing the write-ahead log back into the file, beside the writes.
//!
//! SQLite's own way is that the commit which makes the log long does it: one write
//! in a few hundred then takes many times as long as the others. Here a thread of
//! its own does, and the writer only where that one cannot keep up.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::task::spawn_blocking;

use crate::open::OpenedFile;

/// When the log is brought back, in pages of it.
struct Pace {
    /// After so many more, in a thread of its own.
    step: usize,
    /// From so many on, by the writer, so that the log comes to an end and begins
    /// anew.
    too_long: usize,
}

/// Where a write comes after the other, about SQLite's own: to write over a log costs
/// half of what it takes to make it longer, so it is to begin anew soon.
const ONE_BY_ONE: Pace = Pace {
    step: 1_000,
    too_long: 2_000,
};

/// Where writes wait for the writer. Of more pages fewer are brought back, as one that
/// was written several times counts once, and they come closer together on the disk.
/// The log grows to 64 MiB of SQLite's usual pages.
const MANY_AT_ONCE: Pace = Pace {
    step: 8_000,
    too_long: 16_000,
};

pub(super) struct Checkpoints {
    /// How many pages the log had at the last commit.
    pages: Arc<AtomicUsize>,
    /// How many it had when it was last brought back.
    brought_back: AtomicUsize,
    is_running: AtomicBool,
    /// Opened by the first.
    connection: Mutex<Option<Connection>>,
    /// Last, to be let go of when the connections are closed.
    file: Arc<OpenedFile>,
}

impl Checkpoints {
    pub(super) fn new(file: Arc<OpenedFile>) -> Self {
        Self {
            file,
            pages: Arc::default(),
            brought_back: AtomicUsize::new(0),
            is_running: AtomicBool::new(false),
            connection: Mutex::default(),
        }
    }

    /// Takes over from SQLite for what `writer` writes.
    pub(super) fn take_over(&self, writer: &mut Connection) -> rusqlite::Result<()> {
        let pages = self.pages.clone();
        writer.wal_hook(Some(move |_: &mut _, count: i32| {
            pages.store(usize::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
    }

    /// To be called by the writer after a commit.
    pub(super) fn after_commit(self: &Arc<Self>, others_wait: bool) {
        let pace = if others_wait {
            MANY_AT_ONCE
        } else {
            ONE_BY_ONE
        };
        let pages = self.pages.load(Ordering::Relaxed);
        let before = self.brought_back.load(Ordering::Relaxed);
        // Shorter than it was: it began anew.
        let before = if pages < before { 0 } else { before };
        let more = pages - before;
        if more < pace.step {
            return;
        }
        // So much that it would keep the next write waiting is left to the thread, as
        // long as the log is not too long for any pace.
        let soon_done = pages >= pace.too_long && more <= 2 * pace.step;
        if soon_done || pages >= MANY_AT_ONCE.too_long {
            self.brought_back.store(pages, Ordering::Relaxed);
            self.run();
        } else if !self.is_running.swap(true, Ordering::AcqRel) {
            self.brought_back.store(pages, Ordering::Relaxed);
            let running = Running(self.clone());
            spawn_blocking(move || running.0.run());
        }
    }

    fn run(&self) {
        // Whatever fails here fails for the next one too, or is over by then; what
        // was committed is in the log.
        let _ = self.checkpoint();
    }

    fn checkpoint(&self) -> rusqlite::Result<()> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *connection {
            Some(connection) => connection,
            none => none.insert(self.file.connect()?),
        };
        // Waits for nobody, and leaves what somebody still reads.
        connection
            .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
            .query_row([], |_| Ok(()))
    }
}

/// A checkpoint in a thread of its own, until it is done or its runtime is gone.
struct Running(Arc<Checkpoints>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.is_running.store(false, Ordering::Release);
    }
}

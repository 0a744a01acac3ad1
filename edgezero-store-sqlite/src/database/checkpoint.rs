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

/// After how many more pages in the log they are brought back. SQLite does so after
/// 1,000; of more, fewer are brought back, as a page that was written several times
/// in between counts once, and those that are come closer together on the disk.
const STEP: usize = 8_000;

/// From how many pages on the writer does it, so that the log comes to an end and
/// begins anew: 64 MiB of SQLite's usual pages.
const TOO_LONG: usize = 16_000;

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
    pub(super) fn after_commit(self: &Arc<Self>) {
        let pages = self.pages.load(Ordering::Relaxed);
        let before = self.brought_back.load(Ordering::Relaxed);
        // Shorter than it was: it began anew.
        let before = if pages < before { 0 } else { before };
        if pages < before + STEP {
            return;
        }
        if pages >= TOO_LONG {
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

//! The files that this process has open.
//!
//! A file that was moved has its log at its old path until it is closed, which the
//! thread that wrote last may do a moment after its store was dropped. SQLite's locks
//! do not tell one store of a process from another: who opened the path in that moment
//! would share the old file's log, and lose it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::system::FileId;
use crate::time::wait_until;

/// How long an earlier file at a path is waited for: for the write of a store that was
/// dropped. A store that is there, and has not been told yet that its file has moved,
/// is not waited for longer.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

static OPEN: Mutex<Vec<(PathBuf, FileId)>> = Mutex::new(Vec::new());

/// A file is open for as long as this lives.
#[derive(Debug)]
pub(super) struct InUse {
    /// Where it was when it was opened.
    pub(super) path: PathBuf,
    pub(super) id: FileId,
}

impl InUse {
    pub(super) fn new(path: PathBuf, id: FileId) -> Self {
        open().push((path.clone(), id));
        Self { path, id }
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut open = open();
        if let Some(at) = open
            .iter()
            .position(|(path, id)| (path, id) == (&self.path, &self.id))
        {
            open.swap_remove(at);
        }
    }
}

/// Waits until no other file than `id`, or than none, is open that stood at `path`.
pub(super) fn wait_for_earlier(path: &Path, id: Option<FileId>) {
    let is_other = |(other, other_id): &(PathBuf, FileId)| other == path && Some(*other_id) != id;
    wait_until(CLOSED_WITHIN, || !open().iter().any(is_other));
}

fn open() -> MutexGuard<'static, Vec<(PathBuf, FileId)>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

//! All connections to a file, for as long as it stays at its path.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::failure::{Failure, is_locked};
use super::readers::Readers;
use super::writer::Writer;
use crate::Synchronous;
use crate::open::{OpenError, OpenedFile, Opening, busy};
use crate::time::{Clock, wait_until};

/// How often reads look whether the file is still at its path. A look takes a
/// fraction of what a read does, and would be felt with each.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long a file that was left is waited for, until the calls that still use it
/// have ended.
const CALLS_END_WITHIN: Duration = Duration::from_secs(30);

pub(super) struct Connections {
    pub(super) readers: Arc<Readers>,
    pub(super) writer: Arc<Writer>,
    pub(super) file: Arc<OpenedFile>,
    opened: Instant,
    /// In milliseconds after `opened`.
    next_look: AtomicU64,
}

impl Connections {
    pub(super) fn open(
        opening: &Opening,
        synchronous: Synchronous,
        clock: Option<Clock>,
    ) -> Result<Self, OpenError> {
        let file = Arc::new(opening.open(clock.is_some())?);
        let readers = Readers::new(file.clone()).map_err(|error| opening.sqlite(error))?;
        Ok(Self {
            readers,
            writer: Arc::new(Writer::new(file.clone(), synchronous, clock)),
            file,
            opened: Instant::now(),
            next_look: AtomicU64::new(0),
        })
    }

    /// [`OpenedFile::check`], where nobody did for a while.
    pub(super) fn check_now_and_then(&self) -> rusqlite::Result<()> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let now = self.opened.elapsed();
        if millis(now) < self.next_look.load(Ordering::Relaxed) {
            return Ok(());
        }
        let next = millis(now + LOOK_EVERY);
        self.next_look.store(next, Ordering::Relaxed);
        self.file.check()
    }
}

/// A file that is no longer at its path, and is to be left behind in good order.
pub(super) struct Left {
    file: Arc<OpenedFile>,
}

impl Left {
    pub(super) fn new(connections: &Connections) -> Self {
        Self {
            file: connections.file.clone(),
        }
    }

    /// Brings the log into the file, which may have another path now, once no call
    /// uses it any more, and closes it. Then nothing of it stands in the way of the
    /// file that is opened next.
    ///
    /// To be called again where it fails.
    pub(super) fn close(&mut self, opening: &Opening) -> Result<(), Failure> {
        let file = self.unused()?;
        match file.bring_back_log() {
            Err(error) if is_locked(&error) => return Err(error.into()),
            // What fails otherwise, as the file was damaged too, may do so for ever, and
            // must not keep from its path what replaces it. The log is kept then.
            _ => {}
        }
        file.leave()
            .map_err(|error| Failure::Open(opening.left(error).into()))
    }

    /// The file, once nothing else has it: what does has a connection, or a call that
    /// does.
    fn unused(&mut self) -> Result<&mut OpenedFile, Failure> {
        wait_until(CALLS_END_WITHIN, || Arc::get_mut(&mut self.file).is_some());
        Arc::get_mut(&mut self.file).ok_or_else(|| busy().into())
    }
}

//! When the writer takes the file's lock, and when it leaves it to others.
//!
//! SQLite has no queue before its lock. Who waits tries again now and then, for as
//! long as its patience lasts: Spin for 5 seconds, in the end ten times a second. A
//! writer that has always more to write and takes the lock again at once keeps Spin
//! from it until Spin's write fails. So the writer leaves the file alone after a turn,
//! for a part of the time that it took, where others write too, and elsewhere, as it
//! cannot know who waits, for a moment every few seconds.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::failure::is_locked;
use crate::open::{PATIENCE, dont_wait_for_locks, wait_for_locks};

/// For so long the others count as there after one of them wrote.
const OTHERS_STAY_FOR: Duration = Duration::from_secs(10);

/// Where they do, the writer takes the lock again and again for this long, and then
/// leaves the file alone for a half of that time. Spin tries about 60 times in its 5
/// seconds: should it find the file free one time in five only, it fails one time in
/// 600,000.
const TURN: Duration = Duration::from_millis(10);

/// Where they do not: longer than Spin's longest pause between two tries, and more
/// often than Spin's patience ends.
const LEFT_ALONE_FOR: Duration = Duration::from_millis(110);
const LEFT_ALONE_EVERY: Duration = Duration::from_secs(4);

/// Between two tries for the lock there passes twice the time of the last turn,
/// within these bounds: several writers that wait, each of which finds the lock at
/// another time, would else leave no gap to Spin.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The connection that writes, and what it knows of others that do.
pub(super) struct Turns {
    pub(super) connection: Connection,
    /// Changes when another connection has written.
    data_version: Option<i64>,
    others_wrote: Option<Instant>,
    /// When the turn began: the lock was free before, or another's.
    began: Instant,
    /// When the lock was last given back.
    ended: Instant,
    /// When it was last left alone for [`LEFT_ALONE_FOR`].
    left_alone: Instant,
}

impl Turns {
    pub(super) fn new(connection: Connection) -> Self {
        let now = Instant::now();
        Self {
            connection,
            data_version: None,
            others_wrote: None,
            began: now,
            ended: now,
            left_alone: now,
        }
    }

    /// Begins a transaction with the lock, which it waits for; on an error, none.
    pub(super) fn begin(&mut self) -> rusqlite::Result<()> {
        let mut goes_on = self.leave_to_others();
        dont_wait_for_locks(&self.connection)?;
        let pause = (self.turn() * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        let since = Instant::now();
        let begun = loop {
            match self.execute("BEGIN IMMEDIATE") {
                Err(error) if is_locked(&error) && since.elapsed() < PATIENCE => sleep(pause),
                begun => break begun,
            }
            goes_on = false;
        };
        // For the end of the transaction, which waits for those that read.
        wait_for_locks(&mut self.connection)?;
        begun?;
        if !goes_on {
            self.began = Instant::now();
        }
        self.look_for_others().inspect_err(|_| self.roll_back())
    }

    pub(super) fn commit(&mut self) -> rusqlite::Result<()> {
        let done = self.execute("COMMIT");
        self.ended = Instant::now();
        done
    }

    pub(super) fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            // Should it fail, the next BEGIN says why.
            let _ = self.execute("ROLLBACK");
        }
        self.ended = Instant::now();
    }

    /// Whether the turn goes on.
    fn leave_to_others(&mut self) -> bool {
        let now = Instant::now();
        let left = now.duration_since(self.ended);
        if left >= LEFT_ALONE_FOR {
            self.left_alone = now;
            return false;
        }
        let others_write = self
            .others_wrote
            .is_some_and(|wrote| now.duration_since(wrote) < OTHERS_STAY_FOR);
        if others_write {
            let share = (self.turn() / 2).min(LEFT_ALONE_FOR);
            if self.turn() < TURN {
                return left < share;
            }
            sleep(share.saturating_sub(left));
            return false;
        }
        if now.duration_since(self.left_alone) >= LEFT_ALONE_EVERY {
            sleep(LEFT_ALONE_FOR.saturating_sub(left));
            self.left_alone = Instant::now();
            return false;
        }
        true
    }

    /// How long the turn took so far, or the last one did.
    fn turn(&self) -> Duration {
        self.ended.saturating_duration_since(self.began)
    }

    fn look_for_others(&mut self) -> rusqlite::Result<()> {
        let mut look = self.connection.prepare_cached("PRAGMA data_version")?;
        let version = look.query_row([], |row| row.get(0))?;
        let before = self.data_version.replace(version);
        if before.is_some_and(|before| before != version) {
            self.others_wrote = Some(Instant::now());
        }
        Ok(())
    }

    fn execute(&self, statement: &str) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(statement)?;
        statement.execute([]).map(drop)
    }
}

//! What the platform behind a label does with counters and swaps.
//!
//! Spin keeps a label's keys in SQLite, Redis, DynamoDB or Cosmos, as the operator
//! chose. They differ, and a component cannot ask which one it is on. So a store finds
//! out what it needs to know before its first atomic call: from what this instance
//! knows, else from a fresh [note](super::note) of another instance, else by
//! [trying](super::trial) on reserved keys.

use std::sync::{Mutex, MutexGuard, PoisonError};

use spin_sdk::key_value::Error;

use super::Inner;
use super::{note, trial};

/// How the platform's own increment stores a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counters {
    /// 8 bytes, a little-endian `i64`: SQLite.
    Binary,
    /// Decimal text: Redis and DynamoDB.
    Decimal,
    /// In a form that `get` does not read: Cosmos. Its increment also answers one sum
    /// to two callers. The adapter counts by swaps there, in the contract's form.
    Unreadable,
}

/// What the platform's swap is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swaps {
    /// It writes and reports a conflict, or the reverse: Redis in Spin 4.1.
    Unsound,
    /// A swap of an existing value is sound; one of a missing value overwrites what
    /// came in between: SQLite.
    CreationOverwrites,
    /// Both are sound: DynamoDB and Cosmos.
    Sound,
}

/// What is known of a platform; `None` is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) counters: Option<Counters>,
    pub(super) swaps: Option<Swaps>,
}

/// What an instance knows of the platform of a label.
#[derive(Default)]
pub(super) struct Known(Mutex<State>);

#[derive(Default)]
struct State {
    facts: Facts,
    has_looked_for_note: bool,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn facts(&self) -> Facts {
        self.lock().facts
    }
}

impl Inner {
    /// How the platform counts.
    pub(super) async fn counters(&self) -> Result<Counters, Error> {
        if let Some(counters) = self.noted().await.counters {
            return Ok(counters);
        }
        let found = trial::counters(self).await?;
        self.known.lock().facts.counters = Some(found);
        self.write_note().await;
        Ok(found)
    }

    /// What the platform's swap is worth.
    pub(super) async fn swaps(&self) -> Result<Swaps, Error> {
        if let Some(swaps) = self.noted().await.swaps {
            return Ok(swaps);
        }
        let Some(found) = trial::swaps(self).await? else {
            // Not kept: the platform may have been away.
            return Ok(Swaps::Unsound);
        };
        self.known.lock().facts.swaps = Some(found);
        if found != Swaps::Unsound && self.known.facts().counters.is_none() {
            // A note is believed by how the platform counts.
            let counters = trial::counters(self).await?;
            self.known.lock().facts.counters = Some(counters);
        }
        self.write_note().await;
        Ok(found)
    }

    /// What is known, with what a note says.
    async fn noted(&self) -> Facts {
        if self.known.lock().has_looked_for_note {
            return self.known.facts();
        }
        self.no_stream().await;
        let noted = note::read(&self.bucket);
        let mut known = self.known.lock();
        known.has_looked_for_note = true;
        known.facts.counters = known.facts.counters.or(noted.counters);
        known.facts.swaps = known.facts.swaps.or(noted.swaps);
        known.facts
    }

    async fn write_note(&self) {
        self.no_stream().await;
        note::write(&self.bucket, self.known.facts());
    }
}

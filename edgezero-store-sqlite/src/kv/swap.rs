//! A value that was read in order to be replaced.

use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::ticket;
use edgezero_store_traits::{KvError, KvStore, KvSwap};

use super::SqliteKvStore;
use super::reader::{Reader, Stored};
use crate::database::Failure;

/// Remembers the whole value, as Spin does: values are compared, not versions.
///
/// A component in Spin cannot create a key in one step, so it takes a
/// [ticket](ticket) first. This waits for one that is held.
pub(super) struct SqliteSwap {
    pub(super) store: SqliteKvStore,
    pub(super) key: String,
    pub(super) current: Option<Bytes>,
}

/// How a swap ended.
enum Swapped {
    Done,
    Changed,
    /// A component in Spin is creating the key, or one with the same ticket.
    Held,
}

/// How long a creation waits for a ticket: longer than a dead holder's lease.
const PATIENCE: Duration = ticket::LEASE.saturating_add(Duration::from_secs(1));

/// Between two looks at a ticket: a holder has it for about a millisecond.
const PAUSE: Duration = Duration::from_millis(2);

#[async_trait]
impl KvSwap for SqliteSwap {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        let began = Instant::now();
        loop {
            match self.try_swap(value.clone()).await {
                Ok(Swapped::Done) => return Ok(()),
                Ok(Swapped::Changed) => return Err(KvError::Conflict { key: self.key }),
                Ok(Swapped::Held) if began.elapsed() < PATIENCE => self.store.pause(PAUSE).await,
                Ok(Swapped::Held) => return Err(self.held_too_long()),
                Err(failure) => {
                    let action = format!("write the key {:?}", self.key);
                    return Err(self.store.failed(&action, failure));
                }
            }
        }
    }
}

impl SqliteSwap {
    async fn try_swap(&self, value: Bytes) -> Result<Swapped, Failure> {
        let (get, key) = (self.store.database.reads().get, self.key.clone());
        let current = self.current.clone();
        let done = self.store.transact(move |reader| {
            let unchanged = reader.get(get, &key, |stored| match (stored, &current) {
                (None, None) => true,
                (Some(Stored::Blob(stored)), Some(current)) => stored == &current[..],
                _ => false,
            })?;
            if !unchanged {
                return Ok(Swapped::Changed);
            }
            if current.is_none() && is_held(&reader, get, &ticket::key(&key))? {
                return Ok(Swapped::Held);
            }
            reader.put(&key, &value)?;
            Ok(Swapped::Done)
        });
        done.await
    }

    fn held_too_long(&self) -> KvError {
        KvError::Unavailable {
            message: format!(
                "cannot create the key {:?} {}: a component in Spin creates a key and holds the \
                 ticket for it; it expires within 8 seconds, so try again",
                self.key,
                self.store.place()
            ),
            source: None,
        }
    }
}

/// Whether a component holds the ticket. By the system's clock, which is also the
/// component's.
fn is_held(reader: &Reader<'_>, get: &str, ticket_key: &str) -> rusqlite::Result<bool> {
    reader.get(get, ticket_key, |stored| match stored {
        Some(Stored::Blob(stored)) => ticket::is_held(stored, SystemTime::now()),
        _ => false,
    })
}

//! A value that was read in order to be replaced.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{KvError, KvStore};

/// How often a swap is tried. Each try that fails is one that another writer won, so
/// this many in a row mean a key that is written without end.
pub(super) const MAX_TRIES: u32 = 100;

/// The longest pause between two tries. On a disk that takes 10 ms to sync, 16 writers
/// of one key take a third of a second in turn. They need pauses longer than that, or
/// they meet again and again: with 50 ms, an update among 8,000 lost all of its tries.
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// How long to wait after so many tries: a random time, so that writers that met once
/// do not meet again. The longest possible one doubles from 2 ms with every try.
pub(super) fn pause_after(tries: u32) -> Duration {
    let longest = Duration::from_millis(1 << tries.min(16)).min(MAX_PAUSE);
    longest.mul_f64(fastrand::f64())
}

/// What [`KvStore::compare_and_swap`](super::KvStore::compare_and_swap) gives: the
/// value that a key had, and the one chance to replace it.
///
/// Rules KV-SWAP-1 to KV-SWAP-4 of the [specification](crate::specification). A
/// backend may compare versions, or the values themselves.
#[async_trait]
pub trait KvSwap: Send + Sync {
    /// The value that the key had when this was made; `None` where it had none.
    fn current(&self) -> Option<&Bytes>;

    /// Stores `value`, if what is stored under the key is still
    /// [`current`](KvSwap::current). Any TTL that the key had ends.
    ///
    /// # Errors
    /// [`KvError::Conflict`] where it is not; then nothing was changed.
    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError>;
}

/// Swaps the value under `key` for what `make` makes of it, and tries again while other
/// writers are faster. `action` says what for, up to "the key …".
pub(super) async fn until_swapped(
    store: &dyn KvStore,
    key: &str,
    action: &str,
    mut make: impl FnMut(Option<&Bytes>) -> Result<Bytes, KvError>,
) -> Result<(), KvError> {
    for tries in 1..=MAX_TRIES {
        let swap = store.compare_and_swap(key).await?;
        let value = make(swap.current())?;
        match swap.swap(value).await {
            Err(KvError::Conflict { .. }) => {
                store.pause(pause_after(tries)).await;
            }
            done => return done,
        }
    }
    Err(KvError::Unavailable {
        message: format!(
            "cannot {action} the key {key:?}: other writers were faster {MAX_TRIES} times in a \
             row; nothing was written: try again"
        ),
        source: None,
    })
}

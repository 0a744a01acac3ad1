//! A value that was read in order to be replaced.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{KvError, KvStore};

/// How often a swap is tried.
const MAX_TRIES: u32 = 100;

/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_millis(50);

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
                let longest = Duration::from_millis(1 << tries.min(16)).min(MAX_PAUSE);
                store.pause(longest.mul_f64(fastrand::f64())).await;
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

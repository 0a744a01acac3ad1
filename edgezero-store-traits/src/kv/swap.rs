//! A value that was read in order to be replaced.

use async_trait::async_trait;
use bytes::Bytes;

use super::KvError;

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

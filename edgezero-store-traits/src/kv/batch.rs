//! Batches for a platform on which every write is a compare-and-swap.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::swap::until_swapped;
use super::{KvError, KvStore};

/// Stores every pair by [`KvStore::compare_and_swap`], one after the other; the last of
/// two equal keys wins. It is a [`put_many`](KvStore::put_many) for a backend whose
/// platform has no unconditional put, because every write names the version that it
/// replaces; with one pair it is a [`put_bytes`](KvStore::put_bytes). It is not one step,
/// so [`KvCapabilities::transactions`](super::KvCapabilities::transactions) stays false.
///
/// ```
/// # use bytes::Bytes;
/// # use edgezero_store_traits::{KvError, KvStore};
/// use edgezero_store_traits::kv::batch;
///
/// // In your implementation of `KvStore`:
/// async fn put_bytes(store: &dyn KvStore, key: &str, value: Bytes) -> Result<(), KvError> {
///     batch::by_swap(store, vec![(key.to_owned(), value)]).await
/// }
/// ```
///
/// # Errors
/// [`KvError::Unavailable`] when other writers of a key were faster 100 times in a row.
/// Any other error of a swap. The pairs before that key, in the order of the keys, are
/// stored.
pub async fn by_swap(store: &dyn KvStore, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
    let last: BTreeMap<String, Bytes> = pairs.into_iter().collect();
    for (key, value) in last {
        until_swapped(store, &key, "write", |_| Ok(value.clone())).await?;
    }
    Ok(())
}

//! The contract that a key-value backend implements.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{KvCapabilities, KvError};

/// A key-value store, as a backend implements it.
///
/// The [specification](crate::specification) has the rules; each method names
/// those that it must keep. A backend is called through
/// [`KvHandle`](crate::KvHandle), which has checked keys, values, TTLs, prefixes
/// and page sizes before (rule KV-CHECK-1), so a backend need not check them
/// again; it must be safe when they are wrong, and may refuse.
///
/// A store is shared between tasks: each method takes `&self`, and any number of
/// calls may be under way at once. A call that is dropped before it is ready may
/// or may not have taken effect, and leaves the store usable.
#[async_trait]
pub trait KvStore: Send + Sync {
    /// The value stored under `key`, or `None` (KV-GET-1, KV-GET-2).
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError>;

    /// Stores `value` under `key` in place of what was there (KV-PUT-1).
    ///
    /// When it returns `Ok`, every later read sees the value, and the value stays
    /// as safe as the platform can keep it.
    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError>;

    /// Stores `value` under `key` until `ttl` has passed (KV-TTL-2 to KV-TTL-5).
    ///
    /// # Errors
    /// [`KvError::Unsupported`] with `operation: "put_bytes_with_ttl"` from a
    /// backend without TTL, which then writes nothing (KV-TTL-1).
    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError>;

    /// Removes `key`; a missing one is no error (KV-DELETE-1, KV-DELETE-2).
    async fn delete(&self, key: &str) -> Result<(), KvError>;

    /// Whether a value is stored under `key`, without reading it (KV-EXISTS-1).
    async fn exists(&self, key: &str) -> Result<bool, KvError>;

    /// One page of the keys that start with `prefix`, in order (KV-LIST-1).
    ///
    /// `limit` is the page's size, 1 to 1000 keys. `cursor` is `None` for the
    /// first page, and then the [`KvPage::cursor`] of the page before, letter for
    /// letter. At this level it is the backend's own text: the handle gives its
    /// caller a sealed form, bound to the prefix, and hands the backend only what
    /// the backend gave (KV-LIST-4).
    ///
    /// A backend whose platform lists in no order picks its page with
    /// [`PageSelector`](super::PageSelector).
    ///
    /// # Errors
    /// [`KvError::LimitExceeded`] when more keys match `prefix` than
    /// [`KvCapabilities::max_list_keys`], whatever `limit` is (KV-CAP-1).
    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError>;

    /// What this store can do. It does not change while the store is open.
    fn capabilities(&self) -> KvCapabilities;
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KvPage {
    /// The keys, ascending by their UTF-8 bytes.
    pub keys: Vec<String>,

    /// Where the next page starts; `None` on the last page.
    pub cursor: Option<String>,
}

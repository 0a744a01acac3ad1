//! The store on `spin:key-value` and `wasi:keyvalue`.

mod batch;
mod bindings;
mod bucket;
mod counter;
mod create;
mod facts;
mod note;
mod patience;
mod random;
mod swap;
mod trial;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::{PageSelector, limits};
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore, KvSwap};
use spin_sdk::key_value;

use self::bucket::Bucket;
use self::facts::{Counters, Known, Swaps};
use self::swap::SpinSwap;
use super::key_limits;
use super::per_label::PerLabel;
use super::stream::SpinStreamStore;

/// What this instance knows of the platforms behind the labels.
static KNOWN: PerLabel<Known> = PerLabel::new();

/// The key-value store of one label.
///
/// - Values do not expire: Spin has no TTL, so `put_bytes_with_ttl` is
///   [`KvError::Unsupported`].
/// - A listing asks Spin for all keys of the store in one call and keeps one page.
///   Where they are more than the 128 MiB that Spin hands over at once, it reads
///   them as a stream. More keys than `max_list_keys` under the prefix are
///   [`KvError::LimitExceeded`].
/// - A batch is one call, or several where the platform takes only so many keys.
///   [`KvCapabilities::transactions`] is false: Spin's SQLite writes a batch in one
///   transaction, but the interface does not promise that.
/// - `increment` uses the platform's own increment, and its stored form. A component
///   cannot ask Spin which platform a label is on. Before its first increment the
///   store tries one on a [reserved key](edgezero_store_traits::kv::reserved): three
///   calls, once in an instance.
/// - `compare_and_swap` uses the platform's own swap, after a test on a reserved key:
///   14 calls, once in an instance. Where the platform's swap is not sound (Redis in
///   Spin 4.1), it is [`KvError::Unsupported`] and nothing is written. A later Spin
///   that mends it is noticed.
///
/// Two gaps remain on SQLite. A swap that creates a key, or the first `update` of it,
/// takes a [ticket](edgezero_store_traits::kv::ticket), so that of several only one
/// creates it. A plain put by another instance within that moment, between two calls
/// into the host, is overwritten. And Spin's host panics when it increments a value
/// that is not a counter: the store looks first, and only another instance that
/// replaces the counter between the look and the increment can cause that.
///
/// Atomic and batch calls and listings in one call go through `wasi:keyvalue`, whose
/// functions are synchronous: the other requests of the instance wait for them.
/// Single reads and writes go through `spin:key-value`, where they do not. Without
/// the feature `wasi-keyvalue` everything does: increments and swaps are
/// [`KvError::Unsupported`], a batch goes key by key, and a listing reads the stream.
///
/// Opening costs two calls into the host. Keep the store and share it.
pub struct SpinKvStore {
    inner: Arc<Inner>,
}

/// What a swap keeps of its store.
struct Inner {
    plain: SpinStreamStore,
    bucket: Bucket,
    known: Arc<Known>,
}

impl SpinKvStore {
    /// Opens the store `label` with a cap of 1000 keys on listings.
    ///
    /// # Errors
    /// [`KvError::Validation`] for a text that is not a
    /// [`Label`](edgezero_store_traits::Label); [`KvError::Unavailable`] for a label
    /// that the component may not use, with the two files to look in.
    pub async fn open(label: &str) -> Result<Self, KvError> {
        Self::open_with_max_list_keys(label, limits::DEFAULT_MAX_LIST_KEYS).await
    }

    /// Opens the store `label` with a cap on listings, in keys; 0 is no cap.
    ///
    /// # Errors
    /// As [`SpinKvStore::open`].
    pub async fn open_with_max_list_keys(label: &str, max_list_keys: u32) -> Result<Self, KvError> {
        let plain = SpinStreamStore::open_with_max_list_keys(label, max_list_keys).await?;
        let bucket = Bucket::open(label).map_err(|cause| plain.failed("open", cause))?;
        let inner = Arc::new(Inner {
            known: KNOWN.of(&label.parse()?),
            plain,
            bucket,
        });
        Ok(Self { inner })
    }

    /// `action` says what was tried: "read the key …".
    fn failed(&self, action: &str, cause: key_value::Error) -> KvError {
        self.inner.failed(action, cause)
    }

    /// The page that `selector` picks of all keys.
    async fn page(&self, mut selector: PageSelector<'_>) -> Result<KvPage, KvError> {
        self.inner.no_stream().await;
        let listed = self.inner.bucket.list_keys();
        let action = || format!("list the keys that start with {:?}", selector.prefix());
        let Some(keys) = listed.map_err(|cause| self.failed(&action(), cause))? else {
            return self.inner.plain.page(selector).await;
        };
        for key in keys {
            selector.offer(key)?;
        }
        Ok(selector.finish())
    }

    /// What the platform's swap is worth, for a call about `key`.
    async fn swaps(&self, key: Option<&str>) -> Result<Swaps, KvError> {
        let found = self.inner.swaps().await;
        found.map_err(|cause| self.inner.not_found_out("swaps", key, cause))
    }

    /// How the platform counts, for a call about `key`.
    async fn counters(&self, key: Option<&str>) -> Result<Counters, KvError> {
        let found = self.inner.counters().await;
        found.map_err(|cause| self.inner.not_found_out("counts", key, cause))
    }
}

impl Inner {
    /// Waits until no stream of keys is open. What follows without an `await` is apart
    /// from any.
    async fn no_stream(&self) {
        self.plain.gate.call().await;
    }

    fn failed(&self, action: &str, cause: key_value::Error) -> KvError {
        self.plain.failed(&format!("{action} of"), cause)
    }

    fn not_found_out(&self, does: &str, key: Option<&str>, cause: key_value::Error) -> KvError {
        let of_key = key.map_or(String::new(), |key| format!(", for the key {key:?},"));
        let action = format!("find out how the platform {does}{of_key} in");
        self.plain.failed(&action, cause)
    }
}

#[async_trait]
impl KvStore for SpinKvStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        self.inner.plain.get_bytes(key).await
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.inner.plain.put_bytes(key, value).await
    }

    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError> {
        self.inner.plain.put_bytes_with_ttl(key, value, ttl).await
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.inner.plain.delete(key).await
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.inner.plain.exists(key).await
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let max = self.inner.plain.capabilities().max_list_keys;
        self.page(PageSelector::new(prefix, cursor, limit, max)?)
            .await
    }

    async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        self.page(PageSelector::new(prefix, cursor, limit, None)?)
            .await
    }

    fn capabilities(&self) -> KvCapabilities {
        let facts = self.inner.known.facts();
        let no_swap = facts.swaps == Some(Swaps::Unsound);
        let counts_by_swap = facts.counters == Some(Counters::Unreadable);
        self.inner
            .plain
            .capabilities()
            .with_increment(!(counts_by_swap && no_swap))
            .with_compare_and_swap(!no_swap)
    }

    async fn check_capabilities(&self) -> Result<KvCapabilities, KvError> {
        self.swaps(None).await?;
        self.counters(None).await?;
        Ok(self.capabilities())
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        self.read_many(keys).await
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        self.write_many(pairs).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        self.remove_many(keys).await
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        self.add(key, delta).await
    }

    async fn counter(&self, key: &str) -> Result<i64, KvError> {
        self.count(key).await
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        self.inner
            .plain
            .check_key(key, key_limits::is_refused)
            .await?;
        let swaps = self.swaps(Some(key)).await?;
        if swaps == Swaps::Unsound {
            return Err(KvError::Unsupported {
                operation: "compare_and_swap",
            });
        }
        self.inner.no_stream().await;
        let begun = self.inner.bucket.begin(key);
        let begun = begun.map_err(|cause| self.failed(&format!("read the key {key:?}"), cause))?;
        let store = self.inner.clone();
        Ok(Box::new(SpinSwap::new(store, swaps, key, begun)))
    }

    async fn pause(&self, duration: Duration) {
        self.inner.plain.pause(duration).await;
    }
}

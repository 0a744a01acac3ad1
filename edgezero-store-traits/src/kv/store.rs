//! The contract that a key-value backend implements.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{KvCapabilities, KvError, KvSwap, counter};

/// A key-value store, as a backend implements it.
///
/// Seven methods are the backend's own; the others have a default, which a backend
/// replaces where its platform does better: the batch calls go key by key, and
/// what is atomic is [`KvError::Unsupported`]. A key or a value that the platform
/// cannot hold is [`KvError::PlatformLimit`], and nothing is written (KV-LIMIT-1). A store that wraps another one hands
/// on all of them.
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

    /// One page as [`list_keys_page`](KvStore::list_keys_page) gives it, however many keys
    /// match: the caller knows that the store may be large (KV-CAP-5).
    ///
    /// The default is for a store without a cap; a store with one replaces it.
    ///
    /// # Errors
    /// [`KvError::Unsupported`] from the default, on a store with a cap.
    async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        if self.capabilities().max_list_keys.is_some() {
            return Err(KvError::Unsupported {
                operation: "scan_page",
            });
        }
        self.list_keys_page(prefix, cursor, limit).await
    }

    /// What this store can do, as far as it knows without asking its platform.
    ///
    /// A store on a platform of several kinds may know too little: then it names what
    /// [`check_capabilities`](KvStore::check_capabilities) may still deny. What it
    /// does not name, it cannot do.
    fn capabilities(&self) -> KvCapabilities;

    /// What this store can do on the platform where it runs.
    ///
    /// A store that has to try something out does so once, and afterwards
    /// [`capabilities`](KvStore::capabilities) says the same.
    ///
    /// # Errors
    /// [`KvError::Unavailable`] where the platform did not answer.
    async fn check_capabilities(&self) -> Result<KvCapabilities, KvError> {
        Ok(self.capabilities())
    }

    /// The values of several keys, in the order of `keys` (KV-BATCH-1).
    ///
    /// A backend whose platform reads many keys in one call does so.
    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.get_bytes(key).await?);
        }
        Ok(values)
    }

    /// Stores every pair, as [`put_bytes`](KvStore::put_bytes) would one after the
    /// other: the last of two equal keys wins (KV-BATCH-2).
    ///
    /// All of them, or on an error none, where
    /// [`KvCapabilities::transactions`] says so (KV-BATCH-3).
    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        for (key, value) in pairs {
            self.put_bytes(&key, value).await?;
        }
        Ok(())
    }

    /// Removes every key; missing ones are no error (KV-BATCH-4). All or none, as
    /// [`put_many`](KvStore::put_many).
    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        for key in keys {
            self.delete(key).await?;
        }
        Ok(())
    }

    /// Adds `delta` to the counter under `key` and returns the sum, atomically; a
    /// missing counter is 0 (KV-INCREMENT-1 to KV-INCREMENT-4). Any TTL of the key
    /// ends.
    ///
    /// The stored form is the one of the platform's own increment, so that other
    /// programs on the platform count alike (KV-INCREMENT-2). A backend without one
    /// stores what [`counter`](super::counter) has.
    ///
    /// # Errors
    /// [`KvError::NotACounter`], [`KvError::CounterOverflow`]; nothing was changed.
    /// [`KvError::Unsupported`] where [`KvCapabilities::increment`] is false.
    async fn increment(&self, _key: &str, _delta: i64) -> Result<i64, KvError> {
        Err(KvError::Unsupported {
            operation: "increment",
        })
    }

    /// The counter under `key`; a missing one is 0 (KV-INCREMENT-2).
    ///
    /// The default reads the form of [`counter`](super::counter).
    ///
    /// # Errors
    /// [`KvError::NotACounter`].
    async fn counter(&self, key: &str) -> Result<i64, KvError> {
        counter::read(key, self.get_bytes(key).await?.as_deref())
    }

    /// Reads `key` in order to replace its value, if nobody else does first
    /// (KV-SWAP-1 to KV-SWAP-4).
    ///
    /// # Errors
    /// [`KvError::Unsupported`] where [`KvCapabilities::compare_and_swap`] is false.
    async fn compare_and_swap(&self, _key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        Err(KvError::Unsupported {
            operation: "compare_and_swap",
        })
    }

    /// Lets about `duration` pass without keeping a thread: the pause before a try
    /// that another writer made fail is made again.
    ///
    /// The default only lets other tasks run once, for a backend without a timer.
    async fn pause(&self, _duration: Duration) {
        let mut first = true;
        poll_fn(|context| {
            if std::mem::take(&mut first) {
                context.waker().wake_by_ref();
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KvPage {
    /// The keys, ascending by their UTF-8 bytes.
    pub keys: Vec<String>,

    /// Where the next page starts; `None` on the last page.
    pub cursor: Option<String>,
}

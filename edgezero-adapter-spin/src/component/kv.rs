//! Key-value pairs in a Spin key-value store.

mod stream;

#[cfg(feature = "wasi-keyvalue")]
#[path = "kv/wasi.rs"]
mod bucket;
#[cfg(not(feature = "wasi-keyvalue"))]
#[path = "kv/no_wasi.rs"]
mod bucket;

use std::fmt::Display;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::{PageSelector, counter, limits};
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore, KvSwap};
use spin_sdk::key_value;
use spin_sdk::wasip3::clocks::monotonic_clock;

use self::bucket::Bucket;
use self::stream::StreamStore;

/// The key-value store of one label.
///
/// - Values do not expire: Spin has no TTL, so `put_bytes_with_ttl` is
///   [`KvError::Unsupported`].
/// - A listing asks Spin for all keys of the store in one call and keeps one page.
///   Where they are more than the 128 MiB that Spin hands over at once, it reads
///   them as a stream. More keys than `max_list_keys` under the prefix are
///   [`KvError::LimitExceeded`].
/// - A batch is one call. Spin writes it in one transaction to SQLite, but the
///   interface promises none, and so neither does
///   [`KvCapabilities::transactions`].
/// - A swap compares the whole value with the one that was read.
/// - An increment looks at the counter first, because Spin's host panics on a value
///   that is no counter and wraps on overflow. No other task of this instance can
///   write in between. Another instance can: if it replaces the counter in that
///   moment, or is the one that brings it to the end of its range, Spin's panic or
///   wrap remains.
///
/// Atomic and batch calls and listings in one call go through `wasi:keyvalue`, whose
/// functions are synchronous: the other requests of the instance wait for them.
/// Single reads and writes go through `spin:key-value`, where they do not. Without
/// the feature `wasi-keyvalue` everything does, so that increments and swaps are
/// [`KvError::Unsupported`], a batch goes key by key, and a listing reads the
/// stream.
///
/// Opening costs two calls into the host; keep the store and share it.
pub struct SpinKvStore {
    plain: StreamStore,
    /// `None` without `wasi:keyvalue`.
    bucket: Option<Bucket>,
}

impl SpinKvStore {
    /// Opens the store `label` with a cap of 1000 keys on listings.
    ///
    /// # Errors
    /// [`KvError::Validation`] for a text that is no
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
        let plain = StreamStore::open(label, max_list_keys).await?;
        let bucket = Bucket::open(label).map_err(|cause| plain.failed("open", cause))?;
        Ok(Self { plain, bucket })
    }

    /// `action` says what was tried: "read the key …".
    fn failed(&self, action: impl Display, cause: key_value::Error) -> KvError {
        self.plain.failed(&format!("{action} of"), cause)
    }
}

#[async_trait]
impl KvStore for SpinKvStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        self.plain.get_bytes(key).await
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.plain.put_bytes(key, value).await
    }

    async fn put_bytes_with_ttl(&self, _: &str, _: Bytes, _: Duration) -> Result<(), KvError> {
        Err(KvError::Unsupported {
            operation: "put_bytes_with_ttl",
        })
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.plain.delete(key).await
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.plain.exists(key).await
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let listed = self.bucket.as_ref().map(Bucket::list_keys).transpose();
        let listed = listed.map_err(|cause| self.failed("list the keys", cause))?;
        let Some(keys) = listed.flatten() else {
            return self.plain.list_keys_page(prefix, cursor, limit).await;
        };
        let max_list_keys = self.capabilities().max_list_keys;
        let mut page = PageSelector::new(prefix, cursor, limit, max_list_keys)?;
        for key in keys {
            page.offer(key)?;
        }
        Ok(page.finish())
    }

    fn capabilities(&self) -> KvCapabilities {
        self.plain
            .capabilities()
            .with_increment(self.bucket.is_some())
            .with_compare_and_swap(self.bucket.is_some())
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        let found = self.bucket.as_ref().map(|bucket| bucket.get_many(keys));
        let found = found
            .transpose()
            .map_err(|cause| self.failed(format_args!("read {} keys", keys.len()), cause))?;
        let Some(found) = found.flatten() else {
            let mut values = Vec::with_capacity(keys.len());
            for key in keys {
                values.push(self.plain.get_bytes(key).await?);
            }
            return Ok(values);
        };
        Ok(keys.iter().map(|key| found.get(*key).cloned()).collect())
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        let Some(bucket) = &self.bucket else {
            for (key, value) in pairs {
                self.plain.put_bytes(&key, value).await?;
            }
            return Ok(());
        };
        let count = pairs.len();
        bucket
            .put_many(pairs)
            .map_err(|cause| self.failed(format_args!("write {count} keys"), cause))
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        let Some(bucket) = &self.bucket else {
            for key in keys {
                self.plain.delete(key).await?;
            }
            return Ok(());
        };
        bucket
            .delete_many(keys)
            .map_err(|cause| self.failed(format_args!("delete {} keys", keys.len()), cause))
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        let Some(bucket) = &self.bucket else {
            return Err(KvError::Unsupported {
                operation: "increment",
            });
        };
        let failed = |cause| self.failed(format_args!("count at the key {key:?}"), cause);
        // Nothing is awaited between the two: no other task of the instance runs.
        let stored = bucket.get(key).map_err(failed)?;
        counter::add(key, stored.as_deref(), delta)?;
        bucket.increment(key, delta).map_err(failed)
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        let Some(bucket) = &self.bucket else {
            return Err(KvError::Unsupported {
                operation: "compare_and_swap",
            });
        };
        bucket
            .compare_and_swap(self.plain.label(), key)
            .map_err(|cause| self.failed(format_args!("read the key {key:?}"), cause))
    }

    async fn pause(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        monotonic_clock::wait_for(nanoseconds).await;
    }
}

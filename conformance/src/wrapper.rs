//! A store around another one, for tests that change one thing about it.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore, KvSwap};

/// A store that hands every call on to [`inner`](Wrapper::inner), but for those that
/// it overrides; [`Wrapped`] makes a [`KvStore`] of it.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use conformance::{Wrapped, Wrapper};
/// use edgezero_store_traits::{KvError, KvStore};
///
/// /// Counts the deletes.
/// struct Counted<S> {
///     store: S,
///     deletes: AtomicUsize,
/// }
///
/// #[async_trait::async_trait]
/// impl<S: KvStore> Wrapper for Counted<S> {
///     fn inner(&self) -> &dyn KvStore {
///         &self.store
///     }
///
///     async fn delete(&self, key: &str) -> Result<(), KvError> {
///         self.deletes.fetch_add(1, Ordering::Relaxed);
///         self.inner().delete(key).await
///     }
/// }
///
/// fn counted(store: impl KvStore) -> impl KvStore {
///     let deletes = AtomicUsize::new(0);
///     Wrapped(Counted { store, deletes })
/// }
/// ```
#[async_trait]
#[expect(missing_docs, reason = "its methods are those of KvStore")]
pub trait Wrapper: Send + Sync {
    /// The store that is wrapped; it is asked for once in every call.
    fn inner(&self) -> &dyn KvStore;

    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        self.inner().get_bytes(key).await
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.inner().put_bytes(key, value).await
    }

    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError> {
        self.inner().put_bytes_with_ttl(key, value, ttl).await
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.inner().delete(key).await
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.inner().exists(key).await
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        self.inner().list_keys_page(prefix, cursor, limit).await
    }

    async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        self.inner().scan_page(prefix, cursor, limit).await
    }

    fn capabilities(&self) -> KvCapabilities {
        self.inner().capabilities()
    }

    async fn check_capabilities(&self) -> Result<KvCapabilities, KvError> {
        self.inner().check_capabilities().await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        self.inner().get_many(keys).await
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        self.inner().put_many(pairs).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        self.inner().delete_many(keys).await
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        self.inner().increment(key, delta).await
    }

    async fn counter(&self, key: &str) -> Result<i64, KvError> {
        self.inner().counter(key).await
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        self.inner().compare_and_swap(key).await
    }

    async fn pause(&self, duration: Duration) {
        self.inner().pause(duration).await;
    }
}

/// A [`Wrapper`] as a [`KvStore`].
#[derive(Clone, Debug, Default)]
pub struct Wrapped<W>(pub W);

#[async_trait]
impl<W: Wrapper> KvStore for Wrapped<W> {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        Wrapper::get_bytes(&self.0, key).await
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        Wrapper::put_bytes(&self.0, key, value).await
    }

    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError> {
        Wrapper::put_bytes_with_ttl(&self.0, key, value, ttl).await
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        Wrapper::delete(&self.0, key).await
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        Wrapper::exists(&self.0, key).await
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        Wrapper::list_keys_page(&self.0, prefix, cursor, limit).await
    }

    async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        Wrapper::scan_page(&self.0, prefix, cursor, limit).await
    }

    fn capabilities(&self) -> KvCapabilities {
        Wrapper::capabilities(&self.0)
    }

    async fn check_capabilities(&self) -> Result<KvCapabilities, KvError> {
        Wrapper::check_capabilities(&self.0).await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        Wrapper::get_many(&self.0, keys).await
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        Wrapper::put_many(&self.0, pairs).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        Wrapper::delete_many(&self.0, keys).await
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        Wrapper::increment(&self.0, key, delta).await
    }

    async fn counter(&self, key: &str) -> Result<i64, KvError> {
        Wrapper::counter(&self.0, key).await
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        Wrapper::compare_and_swap(&self.0, key).await
    }

    async fn pause(&self, duration: Duration) {
        Wrapper::pause(&self.0, duration).await;
    }
}

//! The key-value API that an app calls.

mod atomic;
mod batch;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use serde::{Serialize, de::DeserializeOwned};

pub use self::atomic::KvSwapHandle;
use super::{KvCapabilities, KvError, KvPage, KvStore, cursor, limits};
use crate::json;
use crate::trace::Call;

/// An app's handle to a key-value store: typed, checked and cheap to clone.
///
/// Every method checks its input against the [`limits`] before the
/// backend is called, so input out of range is [`KvError::Validation`] and changes
/// nothing, on every platform alike (rule KV-CHECK-1). Besides what a method
/// names, any call may fail with [`KvError::Unavailable`] or
/// [`KvError::Internal`], and any that takes a key with
/// [`KvError::PlatformLimit`], which changes nothing either.
///
/// ```
/// use edgezero_store_traits::{KvError, KvHandle};
///
/// async fn remember(kv: &KvHandle, city: &str, hits: u64) -> Result<Option<u64>, KvError> {
///     let before: Option<u64> = kv.get(city).await?;
///     kv.put(city, &hits).await?;
///     Ok(before)
/// }
/// ```
#[derive(Clone)]
pub struct KvHandle {
    store: Arc<dyn KvStore>,
    id: Option<Arc<str>>,
}

impl KvHandle {
    /// A handle to `store`; clones of it share the store.
    pub fn new(store: Arc<dyn KvStore>) -> Self {
        Self { store, id: None }
    }

    /// The same handle with the store's id in edgezero.toml, which an error names where it
    /// says what to set there.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        let id = Some(id.into());
        Self { id, ..self }
    }

    /// What the store can do, as far as it knows without asking its platform: see
    /// [`KvHandle::check_capabilities`].
    pub fn capabilities(&self) -> KvCapabilities {
        self.store.capabilities()
    }

    /// What the store can do on the platform where it runs.
    ///
    /// In a Spin component that depends on the backend that the operator chose, and
    /// the store tries it out once: a few calls. Nobody has to ask: what the store
    /// cannot do is [`KvError::Unsupported`] and changes nothing.
    ///
    /// # Errors
    /// [`KvError::Unavailable`] where the platform did not answer.
    pub async fn check_capabilities(&self) -> Result<KvCapabilities, KvError> {
        self.store.check_capabilities().await
    }

    /// The value under `key`, read as JSON, or `None`.
    ///
    /// # Errors
    /// [`KvError::Serialization`] when the value is not JSON or does not fit `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, KvError> {
        let Some(bytes) = self.get_bytes(key).await? else {
            return Ok(None);
        };
        decode(key, &bytes).map(Some)
    }

    /// The value under `key`, read as JSON, or `default`.
    ///
    /// # Errors
    /// As [`KvHandle::get`]: a value that does not fit is not replaced by the default.
    pub async fn get_or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T, KvError> {
        Ok(self.get(key).await?.unwrap_or(default))
    }

    /// The value under `key`, read as JSON; a missing one is an error.
    ///
    /// # Errors
    /// [`KvError::NotFound`] when there is no value; else as [`KvHandle::get`].
    pub async fn require<T: DeserializeOwned>(&self, key: &str) -> Result<T, KvError> {
        self.get(key).await?.ok_or_else(|| KvError::NotFound {
            key: key.to_owned(),
        })
    }

    /// Stores `value` as JSON under `key`.
    ///
    /// # Errors
    /// [`KvError::Serialization`] when JSON cannot hold the value (a map whose keys
    /// are no strings, say); [`KvError::Validation`] when the JSON is over 25 MiB.
    pub async fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), KvError> {
        self.put_bytes(key, encode(key, value)?).await
    }

    /// Stores `value` as JSON under `key` until `ttl` has passed: 60 seconds to
    /// 365 days.
    ///
    /// # Errors
    /// [`KvError::Unsupported`] on a store without TTL, which writes nothing; else
    /// as [`KvHandle::put`].
    pub async fn put_with_ttl<T: Serialize + ?Sized>(
        &self,
        key: &str,
        value: &T,
        ttl: Duration,
    ) -> Result<(), KvError> {
        self.put_bytes_with_ttl(key, encode(key, value)?, ttl).await
    }

    /// The bytes under `key`, or `None`.
    pub async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        limits::check_key(key)?;
        let call = Call::start("kv", "get_bytes").key(key);
        let result = self.store.get_bytes(key).await;
        call.end(result, Call::found_value)
    }

    /// Stores up to 25 MiB of bytes under `key`.
    pub async fn put_bytes(&self, key: &str, value: impl Into<Bytes>) -> Result<(), KvError> {
        let value = value.into();
        limits::check_key(key)?;
        limits::check_value(key, &value)?;
        let call = Call::start("kv", "put_bytes").key(key).value(&value);
        let result = self.store.put_bytes(key, value).await;
        call.end(result, Call::no_size)
    }

    /// Stores up to 25 MiB of bytes under `key` until `ttl` has passed: 60 seconds
    /// to 365 days.
    ///
    /// # Errors
    /// [`KvError::Unsupported`] on a store without TTL, which writes nothing.
    pub async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Result<(), KvError> {
        let value = value.into();
        limits::check_key(key)?;
        limits::check_value(key, &value)?;
        limits::check_ttl(key, ttl)?;
        let call = Call::start("kv", "put_bytes_with_ttl")
            .key(key)
            .value(&value);
        let result = self.store.put_bytes_with_ttl(key, value, ttl).await;
        call.end(result, Call::no_size)
    }

    /// Removes `key`, which need not be there.
    pub async fn delete(&self, key: &str) -> Result<(), KvError> {
        limits::check_key(key)?;
        let call = Call::start("kv", "delete").key(key);
        let result = self.store.delete(key).await;
        call.end(result, Call::no_size)
    }

    /// Whether a value is stored under `key`.
    pub async fn exists(&self, key: &str) -> Result<bool, KvError> {
        limits::check_key(key)?;
        let call = Call::start("kv", "exists").key(key);
        let result = self.store.exists(key).await;
        call.end(result, Call::no_size)
    }

    /// One page of at most `limit` keys (1 to 1000) that start with `prefix`.
    ///
    /// Start with no cursor; pass [`KvPage::cursor`] and the same prefix to go on;
    /// `None` there is the end. The limit may change from page to page.
    ///
    /// # Errors
    /// [`KvError::Validation`] for a cursor that this listing did not give out;
    /// [`KvError::LimitExceeded`] when more keys match than the store may list.
    pub async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        self.page(Walk::Capped, prefix, cursor, limit).await
    }

    /// One page as [`KvHandle::list_keys_page`] gives it, also where more keys match than
    /// the store may list. The cursors of the two are alike.
    ///
    /// On a platform without an index a page costs a look at every key of the store.
    ///
    /// # Errors
    /// [`KvError::Validation`] for a cursor that this listing did not give out.
    pub async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        self.page(Walk::Whole, prefix, cursor, limit).await
    }

    async fn page(
        &self,
        walk: Walk,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        limits::check_prefix(prefix)?;
        limits::check_page_limit(limit)?;
        let position = cursor
            .map(|cursor| cursor::open(prefix, cursor))
            .transpose()?;
        let (store, position) = (&self.store, position.as_deref());
        let (call, result) = match walk {
            Walk::Capped => {
                let call = Call::start("kv", "list_keys_page").key(prefix);
                (call, store.list_keys_page(prefix, position, limit).await)
            }
            Walk::Whole => {
                let call = Call::start("kv", "scan_page").key(prefix);
                (call, store.scan_page(prefix, position, limit).await)
            }
        };
        let result = result.map_err(|error| match error {
            KvError::LimitExceeded { prefix, max, store } => KvError::LimitExceeded {
                store: self.id.as_deref().map(str::to_owned).or(store),
                prefix,
                max,
            },
            other => other,
        });
        let page = call.end(result, |call, page| call.found_keys(&page.keys))?;
        Ok(KvPage {
            cursor: page.cursor.map(|position| cursor::seal(prefix, &position)),
            keys: page.keys,
        })
    }

    /// Every page of the keys that start with `prefix`, one after the other.
    ///
    /// It asks for a page of at most `limit` keys (1 to 1000) when the one before
    /// was taken, and ends after the first error.
    ///
    /// ```
    /// use edgezero_store_traits::{KvError, KvHandle};
    /// use futures_util::TryStreamExt;
    ///
    /// async fn count(kv: &KvHandle) -> Result<usize, KvError> {
    ///     let mut pages = kv.pages("user/", 100);
    ///     let mut keys = 0;
    ///     while let Some(page) = pages.try_next().await? {
    ///         keys += page.keys.len();
    ///     }
    ///     Ok(keys)
    /// }
    /// ```
    pub fn pages(&self, prefix: &str, limit: usize) -> BoxStream<'static, Result<KvPage, KvError>> {
        self.walk(Walk::Capped, prefix, limit)
    }

    /// Every page of the keys that start with `prefix`, as [`KvHandle::pages`] gives them,
    /// also where they are more than the store may list: for a purge, say.
    ///
    /// On a platform without an index each page costs a look at every key of the store, so
    /// that a walk through a large store takes long: take large pages, and do not walk on
    /// every request.
    ///
    /// ```
    /// use edgezero_store_traits::{KvError, KvHandle};
    /// use futures_util::TryStreamExt;
    ///
    /// async fn purge(kv: &KvHandle) -> Result<(), KvError> {
    ///     let mut pages = kv.scan("session/", 1000);
    ///     while let Some(page) = pages.try_next().await? {
    ///         kv.delete_many(&page.keys).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn scan(&self, prefix: &str, limit: usize) -> BoxStream<'static, Result<KvPage, KvError>> {
        self.walk(Walk::Whole, prefix, limit)
    }

    fn walk(
        &self,
        walk: Walk,
        prefix: &str,
        limit: usize,
    ) -> BoxStream<'static, Result<KvPage, KvError>> {
        /// What is left to ask for.
        enum Next {
            First,
            After(String),
            Nothing,
        }

        let kv = self.clone();
        let prefix = prefix.to_owned();
        stream::unfold(Next::First, move |next| {
            let (kv, prefix) = (kv.clone(), prefix.clone());
            async move {
                let cursor = match next {
                    Next::First => None,
                    Next::After(cursor) => Some(cursor),
                    Next::Nothing => return None,
                };
                let page = kv.page(walk, &prefix, cursor.as_deref(), limit).await;
                let next = match &page {
                    Ok(KvPage {
                        cursor: Some(cursor),
                        ..
                    }) => Next::After(cursor.clone()),
                    Ok(_) | Err(_) => Next::Nothing,
                };
                Some((page, next))
            }
        })
        .fuse()
        .boxed()
    }
}

/// How much of a store is listed.
#[derive(Clone, Copy)]
enum Walk {
    /// As many keys as the store's cap allows.
    Capped,
    /// All of them.
    Whole,
}

impl fmt::Debug for KvHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvHandle")
            .field("capabilities", &self.capabilities())
            .finish_non_exhaustive()
    }
}

fn decode<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, KvError> {
    json::decode(bytes).map_err(|source| KvError::Serialization {
        key: key.to_owned(),
        source,
    })
}

fn encode<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<Vec<u8>, KvError> {
    json::encode(value).map_err(|source| KvError::Serialization {
        key: key.to_owned(),
        source,
    })
}

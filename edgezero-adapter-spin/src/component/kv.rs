//! Key-value pairs in a Spin key-value store.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::{PageSelector, limits};
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore, Label};
use spin_sdk::key_value::Store;
use spin_sdk::wit_bindgen::StreamResult;

use super::error;

/// How many keys one read of the key stream asks for: enough to make the crossing
/// into the host cheap, few enough to stay small beside the page.
const KEYS_PER_READ: usize = 64;

/// The key-value store of one label.
///
/// Values do not expire: Spin has no TTL, so `put_bytes_with_ttl` is
/// [`KvError::Unsupported`]. A listing reads all keys of the store, in Spin's
/// order, and keeps one page; more keys than `max_list_keys` under the prefix are
/// [`KvError::LimitExceeded`].
///
/// Opening costs a call into the host; keep the store and share it.
pub struct SpinKvStore {
    label: Label,
    store: Store,
    capabilities: KvCapabilities,
}

impl SpinKvStore {
    /// Opens the store `label` with a cap of 1000 keys on listings.
    ///
    /// # Errors
    /// [`KvError::Validation`] for a text that is no [`Label`];
    /// [`KvError::Unavailable`] for a label that the component may not use, with
    /// the two files to look in.
    pub async fn open(label: &str) -> Result<Self, KvError> {
        Self::open_with_max_list_keys(label, limits::DEFAULT_MAX_LIST_KEYS).await
    }

    /// Opens the store `label` with a cap on listings, in keys; 0 is no cap.
    ///
    /// # Errors
    /// As [`SpinKvStore::open`].
    pub async fn open_with_max_list_keys(label: &str, max_list_keys: u32) -> Result<Self, KvError> {
        let label: Label = label.parse()?;
        let store = Store::open(label.as_str())
            .await
            .map_err(|error| error::kv(&label, "open", error))?;
        Ok(Self {
            label,
            store,
            capabilities: KvCapabilities::new().with_max_list_keys(max_list_keys),
        })
    }

    fn failed(&self, verb: &str, key: &str) -> impl FnOnce(spin_sdk::key_value::Error) -> KvError {
        let label = self.label.clone();
        let action = format!("{verb} the key {key:?} of");
        move |cause| error::kv(&label, &action, cause)
    }
}

#[async_trait]
impl KvStore for SpinKvStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        let value = self
            .store
            .get(key)
            .await
            .map_err(self.failed("read", key))?;
        Ok(value.map(Bytes::from))
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.store
            .set(key, value)
            .await
            .map_err(self.failed("write", key))
    }

    async fn put_bytes_with_ttl(
        &self,
        _key: &str,
        _value: Bytes,
        _ttl: Duration,
    ) -> Result<(), KvError> {
        Err(KvError::Unsupported {
            operation: "put_bytes_with_ttl",
        })
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.store
            .delete(key)
            .await
            .map_err(self.failed("delete", key))
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.store
            .exists(key)
            .await
            .map_err(self.failed("look for", key))
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let mut page = PageSelector::new(prefix, cursor, limit, self.capabilities.max_list_keys)?;
        let (mut keys, end) = self.store.get_keys().await.into_inner();
        loop {
            // Never more than up to the first key beyond the cap, so that a store
            // over it costs no more than the cap.
            let count = page
                .offers_before_cap()
                .map_or(KEYS_PER_READ, |before| KEYS_PER_READ.min(before + 1));
            let (status, batch) = keys.read(Vec::with_capacity(count)).await;
            for key in batch {
                // An error here drops the stream, which tells the host to stop.
                page.offer(key)?;
            }
            if !matches!(status, StreamResult::Complete(_)) {
                break;
            }
        }
        // The stream ends alike when all keys were read and when the host failed.
        end.await
            .map_err(|cause| error::kv(&self.label, "list the keys of", cause))?;
        Ok(page.finish())
    }

    fn capabilities(&self) -> KvCapabilities {
        self.capabilities
    }
}

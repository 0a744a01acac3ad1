//! The store on `spin:key-value` alone.

use bytes::Bytes;
use edgezero_store_traits::kv::PageSelector;
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, Label};
use spin_sdk::key_value::{self, Store};
use spin_sdk::wit_bindgen::StreamResult;

use crate::component::error;

/// How many keys one read of the key stream asks for: enough to make the crossing
/// into the host cheap, few enough to stay small beside the page.
const KEYS_PER_READ: usize = 64;

pub(super) struct StreamStore {
    label: Label,
    store: Store,
    capabilities: KvCapabilities,
}

impl StreamStore {
    pub(super) async fn open(label: &str, max_list_keys: u32) -> Result<Self, KvError> {
        let label: Label = label.parse()?;
        let store = Store::open(label.as_str())
            .await
            .map_err(|cause| error::kv(&label, "open", cause))?;
        Ok(Self {
            label,
            store,
            capabilities: KvCapabilities::new().with_max_list_keys(max_list_keys),
        })
    }

    pub(super) fn label(&self) -> &Label {
        &self.label
    }

    /// `action` says what was tried, up to "the store …".
    pub(super) fn failed(&self, action: &str, cause: key_value::Error) -> KvError {
        error::kv(&self.label, action, cause)
    }

    fn key_failed(&self, verb: &str, key: &str) -> impl FnOnce(key_value::Error) -> KvError {
        // Put into words only where it failed: no read has to wait for that.
        move |cause| self.failed(&format!("{verb} the key {key:?} of"), cause)
    }

    pub(super) async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        let value = self
            .store
            .get(key)
            .await
            .map_err(self.key_failed("read", key))?;
        Ok(value.map(Bytes::from))
    }

    pub(super) async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.store
            .set(key, value)
            .await
            .map_err(self.key_failed("write", key))
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.store
            .delete(key)
            .await
            .map_err(self.key_failed("delete", key))
    }

    pub(super) async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.store
            .exists(key)
            .await
            .map_err(self.key_failed("look for", key))
    }

    pub(super) async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let mut page = PageSelector::new(prefix, cursor, limit, self.capabilities.max_list_keys)?;
        let (mut keys, end) = self.store.get_keys().await.into_inner();
        let mut batch = Vec::new();
        loop {
            // Never more than up to the first key beyond the cap, so that a store
            // over it costs no more than the cap.
            let count = page
                .offers_before_cap()
                .map_or(KEYS_PER_READ, |before| KEYS_PER_READ.min(before + 1));
            // A read asks for as many keys as there is room for.
            batch.shrink_to(count);
            batch.reserve_exact(count);
            let (status, read) = keys.read(batch).await;
            batch = read;
            for key in batch.drain(..) {
                // An error here drops the stream, which tells the host to stop.
                page.offer(key)?;
            }
            if !matches!(status, StreamResult::Complete(_)) {
                break;
            }
        }
        // The stream ends alike when all keys were read and when the host failed.
        end.await
            .map_err(|cause| self.failed("list the keys of", cause))?;
        Ok(page.finish())
    }

    pub(super) fn capabilities(&self) -> KvCapabilities {
        self.capabilities
    }
}

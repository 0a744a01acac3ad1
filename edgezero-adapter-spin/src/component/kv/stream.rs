//! The store on `spin:key-value` alone.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::kv::{PageSelector, limits};
use edgezero_store_traits::{KvCapabilities, KvError, KvPage, KvStore, Label};
use spin_sdk::key_value::{self, Store};
use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wit_bindgen::StreamResult;

use super::gate::Gate;
use super::key_limits;
use super::per_label::PerLabel;
use crate::component::error;

/// How many keys one read of the key stream asks for: enough to make the crossing
/// into the host cheap, few enough to stay small beside the page.
const KEYS_PER_READ: usize = 64;

/// Whether the platform of a label stores a key with any character, once that was
/// tried.
static STORES_ANY_KEY: PerLabel<OnceLock<bool>> = PerLabel::new();

static GATES: PerLabel<Gate> = PerLabel::new();

/// The key-value store of one label, by `spin:key-value` alone.
///
/// Increments and swaps are [`KvError::Unsupported`], a batch goes key by key, and a
/// listing reads Spin's stream of keys. Without the feature `wasi-keyvalue` this is
/// what `SpinKvStore` names.
pub struct SpinStreamStore {
    label: Label,
    store: Store,
    capabilities: KvCapabilities,
    stores_any_key: Arc<OnceLock<bool>>,
    pub(super) gate: Arc<Gate>,
}

impl SpinStreamStore {
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
    /// As [`SpinStreamStore::open`].
    pub async fn open_with_max_list_keys(label: &str, max_list_keys: u32) -> Result<Self, KvError> {
        let label: Label = label.parse()?;
        let store = Store::open(label.as_str())
            .await
            .map_err(|cause| error::kv(&label, "open", cause))?;
        Ok(Self {
            store,
            capabilities: KvCapabilities::new().with_max_list_keys(max_list_keys),
            stores_any_key: STORES_ANY_KEY.of(&label),
            gate: GATES.of(&label),
            label,
        })
    }

    /// `action` says what was tried, up to "the store …".
    pub(super) fn failed(&self, action: &str, cause: key_value::Error) -> KvError {
        error::kv(&self.label, action, cause)
    }

    fn key_failed(&self, verb: &str, key: &str) -> impl FnOnce(key_value::Error) -> KvError {
        // Put into words only where it failed: no read has to wait for that.
        move |cause| self.failed(&format!("{verb} the key {key:?} of"), cause)
    }

    /// The error of a failed write of `key`, and `length` bytes under it.
    pub(super) async fn write_failed(
        &self,
        key: &str,
        length: usize,
        cause: key_value::Error,
    ) -> KvError {
        if !error::is_refused(&cause) {
            return self.key_failed("write", key)(cause);
        }
        if self.refuses(key).await {
            return key_limits::refusal(key);
        }
        too_large(key, length)
    }

    /// Whether the platform refuses the key itself.
    pub(super) async fn refuses(&self, key: &str) -> bool {
        key_limits::is_refused(key) && matches!(self.stores_any_key(key).await, Ok(false))
    }

    /// Refuses a key that the platform does not hold, where it is one that `spoils`
    /// the call on Cosmos.
    pub(super) async fn check_key(
        &self,
        key: &str,
        spoils: fn(&str) -> bool,
    ) -> Result<(), KvError> {
        if !spoils(key) || self.stores_any_key(key).await? {
            return Ok(());
        }
        Err(key_limits::refusal(key))
    }

    /// Whether the platform stores a key with any character, asked for `key`.
    async fn stores_any_key(&self, key: &str) -> Result<bool, KvError> {
        if let Some(found) = self.stores_any_key.get() {
            return Ok(*found);
        }
        let call = self.gate.call().await;
        let found = key_limits::stores_any_key(&self.store).await;
        drop(call);
        let found = found.map_err(|cause| {
            let action = format!("find out whether the platform stores the key {key:?} in");
            self.failed(&action, cause)
        })?;
        Ok(*self.stores_any_key.get_or_init(|| found))
    }

    /// The page that `selector` picks of the stream of all keys.
    pub(super) async fn page(&self, mut selector: PageSelector<'_>) -> Result<KvPage, KvError> {
        let _stream = self.gate.stream().await;
        let (mut keys, end) = self.store.get_keys().await.into_inner();
        let mut batch = Vec::new();
        loop {
            // Never more than up to the first key beyond the cap, so that a store
            // over it costs no more than the cap.
            let count = selector
                .offers_before_cap()
                .map_or(KEYS_PER_READ, |before| KEYS_PER_READ.min(before + 1));
            // A read asks for as many keys as there is room for.
            batch.shrink_to(count);
            batch.reserve_exact(count);
            let (status, read) = keys.read(batch).await;
            batch = read;
            for key in batch.drain(..) {
                // An error here drops the stream, which tells the host to stop.
                selector.offer(key)?;
            }
            if !matches!(status, StreamResult::Complete(_)) {
                break;
            }
        }
        // The stream ends alike when all keys were read and when the host failed.
        end.await.map_err(|cause| {
            self.failed(
                &format!("list the keys that start with {:?} of", selector.prefix()),
                cause,
            )
        })?;
        Ok(selector.finish())
    }
}

/// The error for a value of this length that the platform refused.
pub(super) fn too_large(key: &str, length: usize) -> KvError {
    KvError::PlatformLimit {
        key: key.to_owned(),
        limit: format!(
            "it refused a value of {length} bytes; DynamoDB holds 400 KB in one item, with its \
             key, and Azure Cosmos DB about 2 MB as a list of numbers in JSON"
        ),
    }
}

#[async_trait]
impl KvStore for SpinStreamStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        self.check_key(key, key_limits::spoils_a_read).await?;
        let _call = self.gate.call().await;
        let value = self
            .store
            .get(key)
            .await
            .map_err(self.key_failed("read", key))?;
        Ok(value.map(Bytes::from))
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.check_key(key, key_limits::spoils_a_put).await?;
        let length = value.len();
        let call = self.gate.call().await;
        let done = self.store.set(key, value).await;
        drop(call);
        match done {
            Ok(()) => Ok(()),
            Err(cause) => Err(self.write_failed(key, length, cause).await),
        }
    }

    async fn put_bytes_with_ttl(&self, _: &str, _: Bytes, _: Duration) -> Result<(), KvError> {
        Err(KvError::Unsupported {
            operation: "put_bytes_with_ttl",
        })
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        let _call = self.gate.call().await;
        self.store
            .delete(key)
            .await
            .map_err(self.key_failed("delete", key))
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.check_key(key, key_limits::spoils_a_read).await?;
        let _call = self.gate.call().await;
        self.store
            .exists(key)
            .await
            .map_err(self.key_failed("look for", key))
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let max = self.capabilities.max_list_keys;
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
        self.capabilities
    }

    async fn pause(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        monotonic_clock::wait_for(nanoseconds).await;
    }
}

//! A third backend, in memory: as unlike the other two as the contract allows. It
//! has no cap on listings, and each store id has secrets of its own. It is also
//! what an adapter author writes: a store, a fixture, a backend.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use conformance::harness::Backend;
use conformance::{Fixture, fixture};
use edgezero_store_traits::kv::{PageSelector, counter};
use edgezero_store_traits::{
    BoxError, ConfigError, ConfigStore, KvCapabilities, KvError, KvPage, KvStore, KvSwap,
    SecretError, SecretName, SecretStore, text_from_kv,
};
use tokio::runtime::Runtime;

pub(crate) fn backend(runtime: Arc<Runtime>) -> Backend {
    Backend::new("memory", move |case| {
        runtime.block_on(case.run(&MemoryFixture::default()))
    })
}

#[derive(Clone, Default)]
pub(crate) struct MemoryStore {
    values: Arc<Mutex<HashMap<String, Bytes>>>,
    /// Whether the next listing fails after half the keys.
    breaks_off: Arc<AtomicBool>,
}

impl MemoryStore {
    fn values(&self) -> MutexGuard<'_, HashMap<String, Bytes>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KvStore for MemoryStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        Ok(self.values().get(key).cloned())
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.values().insert(key.to_owned(), value);
        Ok(())
    }

    async fn put_bytes_with_ttl(&self, _: &str, _: Bytes, _: Duration) -> Result<(), KvError> {
        Err(KvError::Unsupported {
            operation: "put_bytes_with_ttl",
        })
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.values().remove(key);
        Ok(())
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        Ok(self.values().contains_key(key))
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let mut page = PageSelector::new(prefix, cursor, limit, None)?;
        let values = self.values();
        let breaks_off = self.breaks_off.swap(false, Ordering::Relaxed);
        for (at, key) in values.keys().enumerate() {
            if breaks_off && at == values.len() / 2 {
                return Err(KvError::Internal {
                    message: format!("the keys that start with {prefix:?} end before the last"),
                    source: None,
                });
            }
            page.offer(key.clone())?;
        }
        Ok(page.finish())
    }

    fn capabilities(&self) -> KvCapabilities {
        KvCapabilities::new()
            .with_increment(true)
            .with_compare_and_swap(true)
            .with_transactions(true)
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        let values = self.values();
        Ok(keys.iter().map(|key| values.get(*key).cloned()).collect())
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        self.values().extend(pairs);
        Ok(())
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        self.values().retain(|key, _| !keys.contains(&key.as_str()));
        Ok(())
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        let mut values = self.values();
        let sum = counter::add(key, values.get(key).map(|stored| &stored[..]), delta)?;
        let stored = Bytes::copy_from_slice(&counter::to_bytes(sum));
        values.insert(key.to_owned(), stored);
        Ok(sum)
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        Ok(Box::new(MemorySwap {
            store: self.clone(),
            key: key.to_owned(),
            current: self.get_bytes(key).await?,
        }))
    }
}

struct MemorySwap {
    store: MemoryStore,
    key: String,
    current: Option<Bytes>,
}

#[async_trait]
impl KvSwap for MemorySwap {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        let mut values = self.store.values();
        if values.get(&self.key) != self.current.as_ref() {
            return Err(KvError::Conflict {
                key: self.key.clone(),
            });
        }
        values.insert(self.key.clone(), value);
        Ok(())
    }
}

#[async_trait]
impl ConfigStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        text_from_kv(self, key).await
    }
}

struct MemorySecrets;

#[async_trait]
impl SecretStore for MemorySecrets {
    async fn get_bytes(&self, store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        secret(store_id, key)
    }
}

pub(crate) fn secret(store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
    let name = SecretName::new(key)?;
    let secrets = match store_id {
        fixture::SECRET_STORE_ID => fixture::SECRETS,
        fixture::OTHER_SECRET_STORE_ID => fixture::OTHER_SECRETS,
        _ => &[],
    };
    let found = secrets.iter().find(|(known, _)| *known == name.as_str());
    Ok(found.map(|(_, value)| Bytes::from(*value)))
}

/// New stores.
#[derive(Default)]
pub(crate) struct MemoryFixture {
    stores: Mutex<BTreeMap<String, MemoryStore>>,
}

impl MemoryFixture {
    fn store(&self, label: &str) -> MemoryStore {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.entry(label.to_owned()).or_default().clone()
    }
}

#[async_trait]
impl Fixture for MemoryFixture {
    async fn kv(&self, label: &str) -> Result<Arc<dyn KvStore>, BoxError> {
        Ok(Arc::new(self.store(label)))
    }

    async fn kv_with_max_list_keys(
        &self,
        _: &str,
        _: u32,
    ) -> Result<Option<Arc<dyn KvStore>>, BoxError> {
        Ok(None)
    }

    async fn config(&self, values: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError> {
        let store = MemoryStore::default();
        for (key, value) in values {
            let value = Bytes::copy_from_slice(value);
            store.put_bytes(key, value).await?;
        }
        Ok(Arc::new(store))
    }

    async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError> {
        Ok(Arc::new(MemorySecrets))
    }

    fn has_separate_secret_stores(&self) -> bool {
        true
    }

    async fn fail_mid_listing(&self, label: &str) -> Result<bool, BoxError> {
        self.store(label).breaks_off.store(true, Ordering::Relaxed);
        Ok(true)
    }
}

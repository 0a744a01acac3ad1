//! A third backend, in memory: as unlike the other two as the contract allows. It
//! has no cap on listings, and each store id has secrets of its own. It is also
//! what an adapter author writes: a store, a fixture, a backend.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use conformance::harness::Backend;
use conformance::{Fixture, fixture};
use edgezero_store_traits::kv::PageSelector;
use edgezero_store_traits::{
    BoxError, ConfigError, ConfigStore, KvCapabilities, KvError, KvPage, KvStore, SecretError,
    SecretName, SecretStore, text_from_kv,
};
use tokio::runtime::Runtime;

pub(crate) fn backend(runtime: Arc<Runtime>) -> Backend {
    Backend::new("memory", move |case| {
        runtime.block_on(case.run(&MemoryFixture::default()))
    })
}

#[derive(Clone, Default)]
struct MemoryStore {
    values: Arc<Mutex<HashMap<String, Bytes>>>,
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
        for key in self.values().keys() {
            page.offer(key.clone())?;
        }
        Ok(page.finish())
    }

    fn capabilities(&self) -> KvCapabilities {
        KvCapabilities::new()
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
        let name = SecretName::new(key)?;
        let secrets = match store_id {
            fixture::SECRET_STORE_ID => fixture::SECRETS,
            fixture::OTHER_SECRET_STORE_ID => fixture::OTHER_SECRETS,
            _ => &[],
        };
        let found = secrets.iter().find(|(known, _)| *known == name.as_str());
        Ok(found.map(|(_, value)| Bytes::from(*value)))
    }
}

#[derive(Default)]
struct MemoryFixture {
    stores: Mutex<BTreeMap<String, MemoryStore>>,
}

#[async_trait]
impl Fixture for MemoryFixture {
    async fn kv(&self, label: &str) -> Result<Arc<dyn KvStore>, BoxError> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::new(
            stores.entry(label.to_owned()).or_default().clone(),
        ))
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
}

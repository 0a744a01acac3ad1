//! Stores with a flaw, and the fixture that opens them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use conformance::Fixture;
use conformance::fixture::{Fault, LABEL, OTHER_LABEL};
use edgezero_store_traits::{
    BoxError, ConfigError, ConfigStore, KvCapabilities, KvError, KvPage, KvStore, KvSwap,
    SecretError, SecretStore,
};

use crate::flaw::{Begun, Configured, Flaw, Notes, On, Right};
use crate::support::memory::MemoryFixture;
use crate::support::sqlite::SqliteFixture;

/// A fixture that keeps the contract, and the flaw that each of its stores gets.
pub(crate) struct BrokenFixture {
    right: Box<dyn Fixture>,
    flaw: &'static Flaw,
    shared: Mutex<BTreeMap<String, Arc<Notes>>>,
}

impl BrokenFixture {
    pub(crate) fn new(flaw: &'static Flaw) -> Result<Self, BoxError> {
        Ok(Self {
            right: match flaw.on {
                On::Memory => Box::new(MemoryFixture::default()),
                On::MemoryWithTtl => Box::new(MemoryFixture::with_ttl()),
                On::Sqlite => Box::new(SqliteFixture::new(true)?),
            },
            flaw,
            shared: Mutex::default(),
        })
    }

    async fn broken(
        &self,
        label: &str,
        store: Arc<dyn KvStore>,
    ) -> Result<Arc<dyn KvStore>, BoxError> {
        let uncapped = self.right.kv_with_max_list_keys(label, 0).await?;
        let other = if label == LABEL { OTHER_LABEL } else { LABEL };
        Ok(Arc::new(BrokenStore {
            right: Arc::new(Right {
                uncapped: uncapped.unwrap_or_else(|| store.clone()),
                store,
                other: self.right.kv(other).await?,
                own: Notes::default(),
                shared: self.shared(label),
            }),
            flaw: self.flaw,
        }))
    }

    fn shared(&self, label: &str) -> Arc<Notes> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.entry(label.to_owned()).or_default().clone()
    }
}

#[async_trait]
impl Fixture for BrokenFixture {
    async fn kv(&self, label: &str) -> Result<Arc<dyn KvStore>, BoxError> {
        let label = (self.flaw.label)(label);
        let store = match self.flaw.default_cap {
            None => Some(self.right.kv(label).await?),
            Some(cap) => self.right.kv_with_max_list_keys(label, cap).await?,
        };
        let store = store.ok_or("a flaw about the cap is on a store with a cap")?;
        self.broken(label, store).await
    }

    async fn kv_with_max_list_keys(
        &self,
        label: &str,
        max_list_keys: u32,
    ) -> Result<Option<Arc<dyn KvStore>>, BoxError> {
        let cap = (self.flaw.cap)(max_list_keys);
        match self.right.kv_with_max_list_keys(label, cap).await? {
            None => Ok(None),
            Some(store) => self.broken(label, store).await.map(Some),
        }
    }

    async fn config(&self, values: &[(&str, &[u8])]) -> Result<Arc<dyn ConfigStore>, BoxError> {
        let values = values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.to_vec()));
        Ok(Arc::new(BrokenConfig {
            values: values.collect(),
            flaw: self.flaw,
        }))
    }

    async fn secrets(&self) -> Result<Arc<dyn SecretStore>, BoxError> {
        Ok(Arc::new(BrokenSecrets(self.flaw)))
    }

    fn has_separate_secret_stores(&self) -> bool {
        true
    }

    async fn pass_time(&self, duration: Duration) -> Result<(), BoxError> {
        self.right.pass_time(duration).await
    }

    async fn unstorable(&self) -> Result<Vec<(String, Bytes)>, BoxError> {
        Ok((self.flaw.unstorable)())
    }

    async fn make_busy(&self, label: &str) -> Result<bool, BoxError> {
        // For a flaw about it; the store itself waits.
        self.shared(label).set("busy", "");
        self.right.make_busy(label).await
    }

    async fn fail_request(&self, nth: u32, fault: Fault) -> Result<bool, BoxError> {
        self.right.fail_request(nth, fault).await
    }

    async fn stop_failing(&self) -> Result<bool, BoxError> {
        self.right.stop_failing().await
    }

    async fn fail_mid_listing(&self, label: &str) -> Result<bool, BoxError> {
        self.right.fail_mid_listing(label).await
    }
}

struct BrokenStore {
    right: Arc<Right>,
    flaw: &'static Flaw,
}

#[async_trait]
impl KvStore for BrokenStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        let key = (self.flaw.key)(key);
        (self.flaw.get)(&self.right, &key).await
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        let key = (self.flaw.key)(key);
        (self.flaw.put)(&self.right, &key, value).await
    }

    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError> {
        let key = (self.flaw.key)(key);
        (self.flaw.put_with_ttl)(&self.right, &key, value, ttl).await
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        let key = (self.flaw.key)(key);
        (self.flaw.delete)(&self.right, &key).await
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        let key = (self.flaw.key)(key);
        (self.flaw.exists)(&self.right, &key).await
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        (self.flaw.list)(&self.right, prefix, cursor, limit).await
    }

    async fn scan_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        (self.flaw.scan)(&self.right, prefix, cursor, limit).await
    }

    fn capabilities(&self) -> KvCapabilities {
        (self.flaw.capabilities)(self.right.capabilities())
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        (self.flaw.get_many)(&self.right, keys).await
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        (self.flaw.put_many)(&self.right, pairs).await
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        (self.flaw.delete_many)(&self.right, keys).await
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        (self.flaw.increment)(&self.right, key, delta).await
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        let swap = (self.flaw.compare_and_swap)(&self.right, key).await?;
        Ok(Box::new(BrokenSwap {
            begun: Begun {
                right: self.right.clone(),
                key: key.to_owned(),
                current: (self.flaw.current)(swap.current().cloned()),
                swap,
            },
            flaw: self.flaw,
        }))
    }

    async fn pause(&self, duration: Duration) {
        self.right.pause(duration).await;
    }
}

struct BrokenSwap {
    begun: Begun,
    flaw: &'static Flaw,
}

#[async_trait]
impl KvSwap for BrokenSwap {
    fn current(&self) -> Option<&Bytes> {
        self.begun.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        (self.flaw.swap)(self.begun, value).await
    }
}

struct BrokenConfig {
    values: Configured,
    flaw: &'static Flaw,
}

#[async_trait]
impl ConfigStore for BrokenConfig {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        (self.flaw.config)(&self.values, key)
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<String>>, ConfigError> {
        (self.flaw.config_many)(&self.values, keys)
    }
}

struct BrokenSecrets(&'static Flaw);

#[async_trait]
impl SecretStore for BrokenSecrets {
    async fn get_bytes(&self, store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        (self.0.secret)(store_id, key)
    }
}

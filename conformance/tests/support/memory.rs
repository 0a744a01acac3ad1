//! A third backend, in memory: as unlike the other two as the contract allows. It
//! has no cap on listings, and each store id has secrets of its own. It is also
//! what an adapter author writes: a store, a fixture, a backend.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use conformance::Fixture;
use conformance::fixture::{self, Fault};
use conformance::harness::Backend;
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
    values: Arc<Mutex<Values>>,
    /// Whether the next listing fails after half the keys.
    breaks_off: Arc<AtomicBool>,
    platform: Arc<Platform>,
}

type Values = HashMap<String, Stored>;

#[derive(Clone, PartialEq, Eq)]
struct Stored {
    value: Bytes,
    /// When it expires, by the platform's clock.
    until: Option<Duration>,
}

impl From<Bytes> for Stored {
    fn from(value: Bytes) -> Self {
        Self { value, until: None }
    }
}

/// What all stores of a fixture are on.
#[derive(Default)]
struct Platform {
    has_ttl: bool,
    /// Only the fixture moves it.
    clock: Mutex<Duration>,
    /// The request that fails: how many come before it, and when it fails.
    fault: Mutex<Option<(u32, Fault)>>,
}

impl Platform {
    /// Counts a request, and says whether it fails.
    fn request(&self) -> Option<Fault> {
        let mut fault = lock(&self.fault);
        match fault.as_mut() {
            Some((0, when)) => {
                let when = *when;
                *fault = None;
                Some(when)
            }
            Some((before, _)) => {
                *before -= 1;
                None
            }
            None => None,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryStore {
    /// Sends a request to the platform, which does `work`; `action` says what for.
    fn request<T>(
        &self,
        action: impl FnOnce() -> String,
        work: impl FnOnce(&mut Values) -> Result<T, KvError>,
    ) -> Result<T, KvError> {
        let fault = self.platform.request();
        let lost = || KvError::Unavailable {
            message: format!("cannot {}: the connection was closed", action()),
            source: None,
        };
        if fault == Some(Fault::BeforeItActs) {
            return Err(lost());
        }
        let now = *lock(&self.platform.clock);
        let mut values = lock(&self.values);
        values.retain(|_, stored| stored.until.is_none_or(|until| now < until));
        let done = work(&mut values);
        if fault == Some(Fault::AfterItActed) {
            return Err(lost());
        }
        done
    }

    fn read<T>(
        &self,
        key: &str,
        work: impl FnOnce(Option<&Bytes>) -> Result<T, KvError>,
    ) -> Result<T, KvError> {
        let action = || format!("read the key {key:?}");
        self.request(action, |values| {
            work(values.get(key).map(|stored| &stored.value))
        })
    }

    fn write<T>(
        &self,
        key: &str,
        work: impl FnOnce(&mut Values) -> Result<T, KvError>,
    ) -> Result<T, KvError> {
        self.request(|| format!("write the key {key:?}"), work)
    }
}

#[async_trait]
impl KvStore for MemoryStore {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        self.read(key, |value| Ok(value.cloned()))
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.write(key, |values| {
            values.insert(key.to_owned(), value.into());
            Ok(())
        })
    }

    async fn put_bytes_with_ttl(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<(), KvError> {
        if !self.platform.has_ttl {
            return Err(KvError::Unsupported {
                operation: "put_bytes_with_ttl",
            });
        }
        let until = Some(*lock(&self.platform.clock) + ttl);
        self.write(key, |values| {
            values.insert(key.to_owned(), Stored { value, until });
            Ok(())
        })
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.write(key, |values| {
            values.remove(key);
            Ok(())
        })
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        self.read(key, |value| Ok(value.is_some()))
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let mut page = PageSelector::new(prefix, cursor, limit, None)?;
        let action = || format!("list the keys that start with {prefix:?}");
        let breaks_off = self.breaks_off.swap(false, Ordering::Relaxed);
        self.request(action, |values| {
            for (at, key) in values.keys().enumerate() {
                if breaks_off && at == values.len() / 2 {
                    return Err(KvError::Internal {
                        message: format!("the keys that start with {prefix:?} end too early"),
                        source: None,
                    });
                }
                page.offer(key.clone())?;
            }
            Ok(page.finish())
        })
    }

    fn capabilities(&self) -> KvCapabilities {
        KvCapabilities::new()
            .with_ttl(self.platform.has_ttl)
            .with_increment(true)
            .with_compare_and_swap(true)
            .with_transactions(true)
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        let action = || format!("read {} keys", keys.len());
        self.request(action, |values| {
            let value = |key: &&str| values.get(*key).map(|stored| stored.value.clone());
            Ok(keys.iter().map(value).collect())
        })
    }

    async fn put_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        let count = pairs.len();
        self.request(
            || format!("write {count} keys"),
            |values| {
                values.extend(pairs.into_iter().map(|(key, value)| (key, value.into())));
                Ok(())
            },
        )
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        let action = || format!("delete {} keys", keys.len());
        self.request(action, |values| {
            for key in keys {
                values.remove(*key);
            }
            Ok(())
        })
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        self.write(key, |values| {
            let stored = values.get(key).map(|stored| &stored.value[..]);
            let sum = counter::add(key, stored, delta)?;
            let stored = Bytes::copy_from_slice(&counter::to_bytes(sum));
            values.insert(key.to_owned(), stored.into());
            Ok(sum)
        })
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
        let Self {
            store,
            key,
            current,
        } = *self;
        store.write(&key, |values| {
            if values.get(&key).map(|stored| &stored.value) != current.as_ref() {
                return Err(KvError::Conflict { key: key.clone() });
            }
            values.insert(key.clone(), value.into());
            Ok(())
        })
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
    platform: Arc<Platform>,
}

impl MemoryFixture {
    /// New stores whose values can expire.
    #[allow(dead_code, reason = "the suite has TTL on the mirror")]
    pub(crate) fn with_ttl() -> Self {
        Self {
            platform: Arc::new(Platform {
                has_ttl: true,
                ..Platform::default()
            }),
            ..Self::default()
        }
    }

    fn store(&self, label: &str) -> MemoryStore {
        let mut stores = lock(&self.stores);
        let store = stores.entry(label.to_owned());
        store.or_insert_with(|| self.new_store()).clone()
    }

    fn new_store(&self) -> MemoryStore {
        MemoryStore {
            platform: self.platform.clone(),
            ..MemoryStore::default()
        }
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
        let store = self.new_store();
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

    async fn pass_time(&self, duration: Duration) -> Result<(), BoxError> {
        *lock(&self.platform.clock) += duration;
        Ok(())
    }

    async fn fail_mid_listing(&self, label: &str) -> Result<bool, BoxError> {
        self.store(label).breaks_off.store(true, Ordering::Relaxed);
        Ok(true)
    }

    async fn fail_request(&self, nth: u32, fault: Fault) -> Result<bool, BoxError> {
        *lock(&self.platform.fault) = nth.checked_sub(1).map(|before| (before, fault));
        Ok(true)
    }

    async fn stop_failing(&self) -> Result<bool, BoxError> {
        Ok(lock(&self.platform.fault).take().is_none())
    }
}

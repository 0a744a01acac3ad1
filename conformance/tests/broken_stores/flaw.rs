//! What a flaw is, and what it is built on.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::{
    ConfigError, KvCapabilities, KvError, KvPage, KvStore, KvSwap, SecretError,
};
use futures_util::future::BoxFuture;

use crate::support::memory;

/// One thing that stores do wrong: a table row. The fields that it leaves as in
/// [`RIGHT`] keep the contract.
pub(crate) struct Flaw {
    pub(crate) name: &'static str,
    /// The cases that say so.
    pub(crate) fails: &'static [&'static str],
    /// The stores that are broken.
    pub(crate) on: On,

    // Opening a store.
    pub(crate) label: fn(&str) -> &str,
    pub(crate) cap: fn(u32) -> u32,
    pub(crate) default_cap: Option<u32>,

    // A key-value store.
    /// The key that is read and written in the place of the one asked for.
    pub(crate) key: fn(&str) -> String,
    pub(crate) get: for<'a> fn(&'a Right, &'a str) -> Done<'a, Option<Bytes>>,
    pub(crate) put: for<'a> fn(&'a Right, &'a str, Bytes) -> Done<'a, ()>,
    pub(crate) put_with_ttl: for<'a> fn(&'a Right, &'a str, Bytes, Duration) -> Done<'a, ()>,
    pub(crate) delete: for<'a> fn(&'a Right, &'a str) -> Done<'a, ()>,
    pub(crate) exists: for<'a> fn(&'a Right, &'a str) -> Done<'a, bool>,
    pub(crate) list: for<'a> fn(&'a Right, &'a str, Option<&'a str>, usize) -> Done<'a, KvPage>,
    pub(crate) scan: for<'a> fn(&'a Right, &'a str, Option<&'a str>, usize) -> Done<'a, KvPage>,
    pub(crate) capabilities: fn(KvCapabilities) -> KvCapabilities,
    pub(crate) get_many: for<'a> fn(&'a Right, &'a [&'a str]) -> Done<'a, Values>,
    pub(crate) put_many: for<'a> fn(&'a Right, Pairs) -> Done<'a, ()>,
    pub(crate) delete_many: for<'a> fn(&'a Right, &'a [&'a str]) -> Done<'a, ()>,
    pub(crate) increment: for<'a> fn(&'a Right, &'a str, i64) -> Done<'a, i64>,
    pub(crate) compare_and_swap: for<'a> fn(&'a Right, &'a str) -> Done<'a, Box<dyn KvSwap>>,
    /// What a swap says that it begins with.
    pub(crate) current: fn(Option<Bytes>) -> Option<Bytes>,
    pub(crate) swap: fn(Begun, Bytes) -> Done<'static, ()>,

    /// What the platform is said not to hold.
    pub(crate) unstorable: fn() -> Pairs,

    // A configuration store, and a secret store.
    pub(crate) config: fn(&Configured, &str) -> Text,
    pub(crate) config_many: fn(&Configured, &[&str]) -> Result<Texts, ConfigError>,
    pub(crate) secret: fn(&str, &str) -> Result<Option<Bytes>, SecretError>,
}

pub(crate) type Done<'a, T> = BoxFuture<'a, Result<T, KvError>>;
pub(crate) type Values = Vec<Option<Bytes>>;
pub(crate) type Pairs = Vec<(String, Bytes)>;
pub(crate) type Configured = BTreeMap<String, Vec<u8>>;
pub(crate) type Text = Result<Option<String>, ConfigError>;
pub(crate) type Texts = Vec<Option<String>>;

/// A backend that keeps the contract, to be broken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    /// Without TTL and cap; where nothing is awaited, so that a race is the flaw's own.
    Memory,
    /// [`On::Memory`], with TTL.
    MemoryWithTtl,
    /// With TTL and cap.
    Sqlite,
}

/// No flaw.
pub(crate) const RIGHT: Flaw = Flaw {
    name: "",
    fails: &[],
    on: On::Memory,
    label: |label| label,
    cap: |cap| cap,
    default_cap: None,
    key: |key| key.to_owned(),
    get: |right, key| right.get_bytes(key),
    put: |right, key, value| right.put_bytes(key, value),
    put_with_ttl: |right, key, value, ttl| right.put_bytes_with_ttl(key, value, ttl),
    delete: |right, key| right.delete(key),
    exists: |right, key| right.exists(key),
    list: |right, prefix, cursor, limit| right.list_keys_page(prefix, cursor, limit),
    scan: |right, prefix, cursor, limit| right.scan_page(prefix, cursor, limit),
    capabilities: |capabilities| capabilities,
    get_many: |right, keys| right.get_many(keys),
    put_many: |right, pairs| right.put_many(pairs),
    delete_many: |right, keys| right.delete_many(keys),
    increment: |right, key, delta| right.increment(key, delta),
    compare_and_swap: |right, key| right.compare_and_swap(key),
    current: |current| current,
    swap: |begun, value| begun.swap.swap(value),
    unstorable: Vec::new,
    config: text,
    config_many: |values, keys| keys.iter().map(|key| text(values, key)).collect(),
    secret: memory::secret,
};

fn text(values: &Configured, key: &str) -> Text {
    let text = values.get(key).cloned().map(String::from_utf8).transpose();
    text.map_err(|_| ConfigError::NotUtf8 {
        key: key.to_owned(),
    })
}

/// A store that keeps the contract, with what the flawed one around it remembers.
pub(crate) struct Right {
    pub(crate) store: Arc<dyn KvStore>,
    /// The same store without a cap on listings.
    pub(crate) uncapped: Arc<dyn KvStore>,
    /// The store of the other label.
    pub(crate) other: Arc<dyn KvStore>,
    /// What this one handle remembers.
    pub(crate) own: Notes,
    /// What all handles to the store remember.
    pub(crate) shared: Arc<Notes>,
}

impl Deref for Right {
    type Target = dyn KvStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl Right {
    /// All keys under a prefix, in order.
    pub(crate) async fn keys(&self, prefix: &str) -> Result<Vec<String>, KvError> {
        let mut keys = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = self
                .uncapped
                .list_keys_page(prefix, cursor.as_deref(), 1000);
            let page = page.await?;
            keys.extend(page.keys);
            match page.cursor {
                None => return Ok(keys),
                next => cursor = next,
            }
        }
    }

    /// Runs a batch one by one, and lets others in between.
    pub(crate) async fn put_one_by_one(&self, pairs: Pairs) -> Result<(), KvError> {
        for (key, value) in pairs {
            self.put_bytes(&key, value).await?;
            others().await;
        }
        Ok(())
    }
}

/// A swap that was begun.
pub(crate) struct Begun {
    pub(crate) right: Arc<Right>,
    pub(crate) key: String,
    pub(crate) current: Option<Bytes>,
    pub(crate) swap: Box<dyn KvSwap>,
}

/// What a flawed store remembers.
#[derive(Default)]
pub(crate) struct Notes(Mutex<BTreeMap<String, Bytes>>);

impl Notes {
    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.lock().contains_key(key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Bytes> {
        self.lock().get(key).cloned()
    }

    pub(crate) fn set(&self, key: &str, value: impl Into<Bytes>) {
        self.lock().insert(key.to_owned(), value.into());
    }

    pub(crate) fn take(&self, key: &str) -> Option<Bytes> {
        self.lock().remove(key)
    }

    /// Does the work when nobody else with these notes does any.
    pub(crate) async fn in_turn<T>(&self, work: impl Future<Output = T>) -> T {
        while self.has("turn") {
            others().await;
        }
        self.set("turn", "");
        let done = work.await;
        self.take("turn");
        done
    }

    /// How often it was called with this key.
    pub(crate) fn count(&self, key: &str) -> usize {
        let mut notes = self.lock();
        let count = notes.get(key).map_or(0, Bytes::len) + 1;
        notes.insert(key.to_owned(), vec![0; count].into());
        count
    }
}

/// Lets other tasks run in between, as a call over a network would.
pub(crate) async fn others() {
    tokio::task::yield_now().await;
}

pub(crate) fn internal(message: impl Into<String>) -> KvError {
    KvError::Internal {
        message: message.into(),
        source: None,
    }
}

pub(crate) fn too_large(key: &str) -> KvError {
    KvError::PlatformLimit {
        key: key.to_owned(),
        limit: "a value has at most 1,000 bytes".to_owned(),
    }
}

pub(crate) fn conflict(key: &str) -> KvError {
    KvError::Conflict {
        key: key.to_owned(),
    }
}

//! Configuration in a SQLite file.

use async_trait::async_trait;
use edgezero_store_traits::{ConfigError, ConfigStore, text_from_kv, texts_from_kv};

use crate::SqliteKvStore;

/// The configuration in the key-value store of one label, as Spin apps find it: a
/// key is the dotted key itself, a value its text in UTF-8.
#[derive(Debug)]
pub struct SqliteConfigStore {
    store: SqliteKvStore,
}

impl SqliteConfigStore {
    pub(crate) fn new(store: SqliteKvStore) -> Self {
        Self { store }
    }
}

#[async_trait]
impl ConfigStore for SqliteConfigStore {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        text_from_kv(&self.store, key).await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<String>>, ConfigError> {
        texts_from_kv(&self.store, keys).await
    }
}

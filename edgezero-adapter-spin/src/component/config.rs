//! Configuration in a Spin key-value store.

use async_trait::async_trait;
use edgezero_store_traits::{ConfigError, ConfigStore, text_from_kv, texts_from_kv};

use super::SpinKvStore;

/// The configuration kept in the key-value store of one label.
///
/// A key is the dotted key itself (`service.timeout_ms`), a value its text in
/// UTF-8.
pub struct SpinConfigStore {
    store: SpinKvStore,
}

impl SpinConfigStore {
    /// Opens the configuration in the key-value store `label`.
    ///
    /// # Errors
    /// [`ConfigError::Validation`] for a text that is no
    /// [`Label`](edgezero_store_traits::Label); [`ConfigError::Unavailable`] for a
    /// label that the component may not use, with the two files to look in.
    pub async fn open(label: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            store: SpinKvStore::open(label).await?,
        })
    }
}

#[async_trait]
impl ConfigStore for SpinConfigStore {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        text_from_kv(&self.store, key).await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<String>>, ConfigError> {
        texts_from_kv(&self.store, keys).await
    }
}

//! Configuration: text by dotted key, read by the app, written at deployment.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::{BoxError, status};
use crate::kv::{KvError, KvStore, limits};
use crate::trace::Call;

/// A configuration store, as a backend implements it.
///
/// The app only reads; what is there was pushed by a deployment tool. Rules
/// CONFIG-1 to CONFIG-6 of the [specification](crate::specification).
#[async_trait]
pub trait ConfigStore: Send + Sync {
    /// The text under `key`, or `None`. The key is looked up letter for letter;
    /// its dots have no meaning here.
    ///
    /// # Errors
    /// [`ConfigError::NotUtf8`] when the stored value is no UTF-8.
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError>;

    /// The texts under several keys, in the order of `keys` (CONFIG-6). A backend
    /// whose platform reads many keys in one call does so.
    ///
    /// # Errors
    /// As [`ConfigStore::get`], for the first key that fails.
    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<String>>, ConfigError> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.get(key).await?);
        }
        Ok(values)
    }
}

/// An app's handle to a configuration store: checked and cheap to clone.
///
/// ```
/// use edgezero_store_traits::{ConfigError, ConfigHandle};
///
/// async fn timeout(config: &ConfigHandle) -> Result<String, ConfigError> {
///     config.require("service.timeout_ms").await
/// }
/// ```
#[derive(Clone)]
pub struct ConfigHandle {
    store: Arc<dyn ConfigStore>,
    name: Option<Arc<str>>,
}

impl ConfigHandle {
    /// A handle to `store`; clones of it share the store.
    pub fn new(store: Arc<dyn ConfigStore>) -> Self {
        Self { store, name: None }
    }

    /// The same handle with a name, by which the errors of
    /// [`AppConfig::load`](crate::AppConfig::load) call the store.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        let name = Some(name.into());
        Self { name, ..self }
    }

    /// The name that [`ConfigHandle::with_name`] gave.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The text under `key`, or `None`.
    ///
    /// # Errors
    /// [`ConfigError::Validation`] for a key outside the limits of a
    /// [key-value key](limits::check_key); [`ConfigError::NotUtf8`].
    pub async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        check_key(key)?;
        let call = Call::start("config", "get").key(key);
        let result = self.store.get(key).await;
        call.end(result, Call::found_value)
    }

    /// The texts under `keys`, in their order: `None` for a missing one, and for a
    /// key asked twice its text twice. One call of the backend, where that can.
    ///
    /// # Errors
    /// As [`ConfigHandle::get`], for the first key that fails.
    pub async fn get_many(
        &self,
        keys: &[impl AsRef<str> + Sync],
    ) -> Result<Vec<Option<String>>, ConfigError> {
        let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
        keys.iter().try_for_each(|key| check_key(key))?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let call = Call::start("config", "get_many").keys(keys.len());
        let result = self.store.get_many(&keys).await;
        call.end(result, |call, values| call.found_values(values))
    }

    /// The text under `key`; a missing one is an error.
    ///
    /// # Errors
    /// [`ConfigError::NotFound`] when there is none; else as [`ConfigHandle::get`].
    pub async fn require(&self, key: &str) -> Result<String, ConfigError> {
        self.get(key).await?.ok_or_else(|| ConfigError::NotFound {
            key: key.to_owned(),
        })
    }
}

impl fmt::Debug for ConfigHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Reads a configuration value that is kept in a key-value store, under the key
/// itself and as UTF-8: what [`ConfigStore::get`] is on such a backend.
///
/// # Errors
/// [`ConfigError::NotUtf8`], naming the key, for a value that is no text: it is
/// never read lossily. The store's own errors keep their kind.
pub async fn text_from_kv(store: &dyn KvStore, key: &str) -> Result<Option<String>, ConfigError> {
    text(key, store.get_bytes(key).await?)
}

/// [`text_from_kv`] of several keys, by the store's
/// [`get_many`](KvStore::get_many): what [`ConfigStore::get_many`] is on such a
/// backend.
///
/// # Errors
/// As [`text_from_kv`], for the first key that fails.
pub async fn texts_from_kv(
    store: &dyn KvStore,
    keys: &[&str],
) -> Result<Vec<Option<String>>, ConfigError> {
    let values = store.get_many(keys).await?;
    keys.iter()
        .zip(values)
        .map(|(key, value)| text(key, value))
        .collect()
}

fn text(key: &str, value: Option<Bytes>) -> Result<Option<String>, ConfigError> {
    let text = value
        .map(|value| String::from_utf8(value.into()))
        .transpose();
    text.map_err(|_| ConfigError::NotUtf8 {
        key: key.to_owned(),
    })
}

fn check_key(key: &str) -> Result<(), ConfigError> {
    match limits::key_problem(key) {
        None => Ok(()),
        Some(message) => Err(ConfigError::Validation { message }),
    }
}

/// Why a configuration value could not be read, with the HTTP status that fits.
///
/// A message may name a key and a file; it never holds a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The key breaks a limit; no backend was asked (400).
    #[error("{message}")]
    Validation {
        /// What is wrong, and what would be right.
        message: String,
    },

    /// [`ConfigHandle::require`] found no value (404).
    #[error("no value is configured under the key {key:?}")]
    NotFound {
        /// The key that was asked for.
        key: String,
    },

    /// The stored value is no text (500).
    #[error("the configured value under the key {key:?} is not UTF-8 text")]
    NotUtf8 {
        /// The key that was asked for.
        key: String,
    },

    /// The store cannot serve the call now; the same one may work later, perhaps
    /// after an operator did what the message says (503).
    #[error("{message}")]
    Unavailable {
        /// What was tried and what to look at.
        message: String,
        /// The backend's own error, if it gave one.
        source: Option<BoxError>,
    },

    /// The backend failed in a way that no other variant names, and trying again
    /// is no cure (500).
    #[error("{message}")]
    Internal {
        /// What was tried.
        message: String,
        /// The backend's own error, if it gave one.
        source: Option<BoxError>,
    },
}

impl ConfigError {
    /// The HTTP status that fits: 400, 404, 500 or 503.
    pub fn status(&self) -> u16 {
        match self {
            Self::Validation { .. } => status::VALIDATION,
            Self::NotFound { .. } => status::NOT_FOUND,
            Self::Unavailable { .. } => status::UNAVAILABLE,
            Self::NotUtf8 { .. } | Self::Internal { .. } => status::INTERNAL,
        }
    }

    /// The variant's name in lower case, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Validation { .. } => "validation",
            Self::NotFound { .. } => "not_found",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal { .. } => "internal",
        }
    }
}

/// For a configuration that is kept in a key-value store.
impl From<KvError> for ConfigError {
    fn from(error: KvError) -> Self {
        match error {
            KvError::Validation { message } => Self::Validation { message },
            KvError::NotFound { key } => Self::NotFound { key },
            KvError::Unavailable { message, source } => Self::Unavailable { message, source },
            KvError::Internal { message, source } => Self::Internal { message, source },
            other => Self::Internal {
                message: "the key-value store under the configuration failed".to_owned(),
                source: Some(Box::new(other)),
            },
        }
    }
}

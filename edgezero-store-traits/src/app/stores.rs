//! An app's stores, each opened at its first use and kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{KvName, Metadata, StartError, StoreIds, StoreNames};
use crate::{
    ConfigError, ConfigHandle, ConfigStore, KvError, KvHandle, KvStore, Label, SecretError,
    SecretHandle, SecretStore,
};

/// How a platform opens the stores of an app.
#[async_trait]
pub trait OpenStores: Send + Sync {
    /// Opens the key-value store of a label with a cap on listings; 0 is no cap.
    async fn kv(&self, label: &Label, max_list_keys: u32) -> Result<Arc<dyn KvStore>, KvError>;

    /// Opens the configuration store of a label.
    async fn config(&self, label: &Label) -> Result<Arc<dyn ConfigStore>, ConfigError>;

    /// The secrets of all store ids.
    fn secrets(&self) -> Arc<dyn SecretStore>;
}

/// The stores that an app declared; clones share them.
///
/// A store is opened when a request first asks for it, and kept. Requests that ask
/// for it at the same moment may each open it; one of them is kept. A store that
/// cannot be opened fails the request that asked for it, and is tried again for the
/// next.
#[derive(Clone)]
pub struct Stores {
    inner: Arc<Inner>,
}

struct Inner {
    metadata: Metadata,
    names: StoreNames,
    platform: Box<dyn OpenStores>,
    secrets: Arc<dyn SecretStore>,
    kv: Open<KvHandle>,
    config: Open<ConfigHandle>,
}

/// The handles that are open, by id: a few, so that a list is all it takes.
type Open<H> = Mutex<Vec<(&'static str, H)>>;

impl Stores {
    /// The stores of the app with this metadata, on a platform, under the names that
    /// the environment variables which `variable` finds give them.
    ///
    /// # Errors
    /// As [`StoreNames::new`].
    pub fn new(
        metadata: Metadata,
        variable: impl Fn(&str) -> Option<String>,
        platform: impl OpenStores + 'static,
    ) -> Result<Self, StartError> {
        let names = StoreNames::new(&metadata, variable)?;
        Ok(Self {
            inner: Arc::new(Inner {
                metadata,
                names,
                secrets: platform.secrets(),
                platform: Box::new(platform),
                kv: Open::default(),
                config: Open::default(),
            }),
        })
    }

    /// The labels of the stores.
    pub fn names(&self) -> &StoreNames {
        &self.inner.names
    }

    /// The key-value store of `id`, or the default one.
    pub(super) async fn kv(&self, id: Option<&str>) -> Result<KvHandle, KvError> {
        let undeclared = |message| KvError::Internal {
            message,
            source: None,
        };
        let id = declared("key-value", self.inner.metadata.kv, id).map_err(undeclared)?;
        let name = self.inner.names.kv.iter().find(|name| name.id == id);
        let Some(KvName {
            label,
            max_list_keys,
            ..
        }) = name
        else {
            return Err(undeclared(format!("the store {id:?} has no label")));
        };
        keep(&self.inner.kv, id, async {
            let store = self.inner.platform.kv(label, *max_list_keys).await?;
            Ok(KvHandle::new(store).with_id(id))
        })
        .await
    }

    /// The configuration store of `id`, or the default one.
    pub(super) async fn config(&self, id: Option<&str>) -> Result<ConfigHandle, ConfigError> {
        let undeclared = |message| ConfigError::Internal {
            message,
            source: None,
        };
        let id = declared("configuration", self.inner.metadata.config, id).map_err(undeclared)?;
        let name = self.inner.names.config.iter().find(|name| name.0 == id);
        let Some((_, label)) = name else {
            return Err(undeclared(format!("the store {id:?} has no label")));
        };
        keep(&self.inner.config, id, async {
            let store = self.inner.platform.config(label).await?;
            let name = format!("{id:?} (label {:?})", label.as_str());
            Ok(ConfigHandle::new(store).with_name(&name))
        })
        .await
    }

    /// The default secret store, or any where none is declared: a configuration
    /// without secrets is read without one.
    pub(super) fn default_secrets(&self) -> SecretHandle {
        let id = self
            .inner
            .metadata
            .secrets
            .map_or("", |stores| stores.default);
        SecretHandle::new(self.inner.secrets.clone(), id)
    }

    /// The secret store of `id`, or the default one.
    pub(super) fn secrets(&self, id: Option<&str>) -> Result<SecretHandle, SecretError> {
        let undeclared = |message| SecretError::Internal {
            message,
            source: None,
        };
        let id = declared("secret", self.inner.metadata.secrets, id).map_err(undeclared)?;
        Ok(SecretHandle::new(self.inner.secrets.clone(), id))
    }
}

/// The declared id that is meant, or a message that lists those that are declared.
fn declared(
    kind: &str,
    stores: Option<StoreIds>,
    id: Option<&str>,
) -> Result<&'static str, String> {
    let Some(stores) = stores else {
        return Err(format!(
            "the app uses a {kind} store, and edgezero.toml declares none"
        ));
    };
    let Some(id) = id else {
        return Ok(stores.default);
    };
    let found = stores.ids.iter().find(|declared| **declared == id);
    found.copied().ok_or_else(|| {
        format!(
            "the app uses the {kind} store {id:?}, which edgezero.toml does not declare; it \
             declares: {}",
            stores.ids.join(", ")
        )
    })
}

/// The open handle, or a new one. Nobody waits for another request: a component's
/// requests cannot wake each other.
async fn keep<H: Clone, E>(
    open: &Open<H>,
    id: &'static str,
    new: impl Future<Output = Result<H, E>>,
) -> Result<H, E> {
    let list = || open.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = |list: &[(&str, H)]| {
        let found = list.iter().find(|(kept, _)| *kept == id);
        found.map(|(_, handle)| handle.clone())
    };
    if let Some(handle) = kept(&list()) {
        return Ok(handle);
    }
    let new = new.await?;
    let mut list = list();
    Ok(kept(&list).unwrap_or_else(|| {
        list.push((id, new.clone()));
        new
    }))
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("names", &self.inner.names)
            .finish_non_exhaustive()
    }
}

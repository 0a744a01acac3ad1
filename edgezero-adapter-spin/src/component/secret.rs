//! Secrets in Spin's variables.

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{SecretError, SecretName, SecretStore};
use spin_sdk::variables;

use super::error;

/// The component's variables, as a secret store.
///
/// A secret is declared in `[variables]` of spin.toml with `secret = true` and
/// bound in `[component.<id>.variables]`. Spin has one space of variables for a
/// component, so every store id finds the same secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinSecretStore;

impl SpinSecretStore {
    /// The component's variables.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl SecretStore for SpinSecretStore {
    async fn get_bytes(&self, _store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        let name = SecretName::new(key)?;
        match variables::get(name.as_str()).await {
            Ok(value) => Ok(Some(Bytes::from(value))),
            Err(cause) => error::secret(&name, cause).map_or(Ok(None), Err),
        }
    }
}

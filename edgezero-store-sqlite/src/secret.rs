//! Secrets on the host, where `spin up` finds them.

use std::collections::HashMap;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{InvalidSecretName, SecretError, SecretName, SecretStore};
use secrecy::{ExposeSecret, SecretSlice};

/// What the name of an environment variable that defines a secret starts with.
const PREFIX: &str = "SPIN_VARIABLE_";

/// The variables that `spin up` would give a component, as a secret store.
///
/// Spin keeps no secret in its SQLite file, and so neither does the mirror: a
/// secret is the environment variable `SPIN_VARIABLE_<NAME IN CAPITALS>`. As on
/// Spin, every store id finds the same secrets.
#[derive(Debug, Default)]
pub struct VariableSecretStore {
    values: HashMap<SecretName, SecretSlice<u8>>,
}

impl VariableSecretStore {
    /// The secrets that this process's environment defines now. A variable whose
    /// name gives no secret's name is passed over.
    pub fn from_env() -> Self {
        let mut store = Self::default();
        for (name, value) in std::env::vars_os() {
            let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            if let Some(Ok(name)) = name.map(SecretName::new) {
                store.values.insert(name, value.into_encoded_bytes().into());
            }
        }
        store
    }

    /// Defines one more secret, or another value for one.
    ///
    /// # Errors
    /// [`InvalidSecretName`] for a name that Spin refuses.
    pub fn with(
        mut self,
        name: &str,
        value: impl Into<Vec<u8>>,
    ) -> Result<Self, InvalidSecretName> {
        self.values
            .insert(SecretName::new(name)?, value.into().into());
        Ok(self)
    }
}

#[async_trait]
impl SecretStore for VariableSecretStore {
    async fn get_bytes(&self, _store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        let value = self.values.get(&SecretName::new(key)?);
        Ok(value.map(|value| Bytes::copy_from_slice(value.expose_secret())))
    }
}

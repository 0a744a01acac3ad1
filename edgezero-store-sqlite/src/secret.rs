//! Secrets on the host, where `spin up` finds them.

use std::collections::HashMap;
use std::ffi::OsString;

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
        Self::from_vars(std::env::vars_os())
    }

    fn from_vars(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let values = variables.filter_map(|(name, value)| {
            let name = SecretName::new(name.to_str()?.strip_prefix(PREFIX)?).ok()?;
            Some((name, value.into_encoded_bytes().into()))
        });
        Self {
            values: values.collect(),
        }
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

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[tokio::test]
    async fn variables_that_spin_would_take_are_secrets_and_no_others() {
        let store = VariableSecretStore::from_vars(
            [
                ("SPIN_VARIABLE_API_KEY", &b"planted"[..]),
                ("SPIN_VARIABLE_EMPTY", b""),
                ("SPIN_VARIABLE_BYTES", b"\xff\xfe"),
                ("SPIN_VARIABLE_", b"x"),
                ("SPIN_VARIABLE_A__B", b"x"),
                ("SPIN_VARIABLE", b"x"),
                ("API_KEY", b"x"),
                ("PATH", b"x"),
            ]
            .into_iter()
            .map(|(name, value)| (name.into(), OsString::from_vec(value.to_vec()))),
        );
        let get = async |key| store.get_bytes("default", key).await.unwrap();
        assert_eq!(get("api_key").await, Some(Bytes::from("planted")));
        assert_eq!(get("API_KEY").await, Some(Bytes::from("planted")));
        assert_eq!(get("empty").await, Some(Bytes::new()));
        assert_eq!(get("bytes").await, Some(Bytes::from_static(b"\xff\xfe")));
        assert_eq!(get("path").await, None);
        assert_eq!(store.values.len(), 3);
        assert!(!format!("{store:?}").contains("planted"));
    }
}

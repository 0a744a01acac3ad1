//! Secrets on the host, where `spin up` finds them.

use std::collections::HashMap;
use std::ffi::OsString;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{InvalidSecretName, SecretError, SecretName, SecretStore};
use secrecy::{ExposeSecret, SecretString};

/// What the name of an environment variable that defines a secret starts with.
const PREFIX: &str = "SPIN_VARIABLE_";

/// The secrets that `spin up` would take from its environment.
///
/// Spin keeps no secret in its SQLite file, and so neither does the mirror: a
/// secret is the environment variable `SPIN_VARIABLE_<NAME IN CAPITALS>`. As on
/// Spin, every store id finds the same secrets. Spin's other places, `.env` and the
/// `[[variables_provider]]` of a runtime config file, are not read: hand what is
/// in them to [`VariableSecretStore::with`].
#[derive(Debug, Default)]
pub struct VariableSecretStore {
    /// `None` for a variable that is no text, which Spin cannot read.
    values: HashMap<SecretName, Option<SecretString>>,
}

impl VariableSecretStore {
    /// The secrets that this process's environment defines now. A variable whose
    /// name is not in capitals, or gives no secret's name, is passed over, as by
    /// Spin.
    pub fn from_env() -> Self {
        Self::from_vars(std::env::vars_os())
    }

    fn from_vars(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let values = variables.filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix(PREFIX)?;
            if name.contains(|c: char| c.is_ascii_lowercase()) {
                return None;
            }
            let value = value.into_string().ok().map(SecretString::from);
            Some((SecretName::new(name).ok()?, value))
        });
        Self {
            values: values.collect(),
        }
    }

    /// Defines one more secret, or another value for one.
    ///
    /// # Errors
    /// [`InvalidSecretName`] for a name that Spin refuses.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Result<Self, InvalidSecretName> {
        let value = SecretString::from(value.into());
        self.values.insert(SecretName::new(name)?, Some(value));
        Ok(self)
    }
}

#[async_trait]
impl SecretStore for VariableSecretStore {
    async fn get_bytes(&self, _store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        let name = SecretName::new(key)?;
        match self.values.get(&name) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(Bytes::copy_from_slice(
                value.expose_secret().as_bytes(),
            ))),
            Some(None) => Err(SecretError::Unavailable {
                message: format!(
                    "cannot read the secret {:?}: the environment variable {PREFIX}{} is not \
                     UTF-8 text",
                    name.as_str(),
                    name.as_str().to_ascii_uppercase()
                ),
                source: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn store() -> VariableSecretStore {
        VariableSecretStore::from_vars(
            [
                ("SPIN_VARIABLE_API_KEY", &b"planted"[..]),
                ("SPIN_VARIABLE_EMPTY", b""),
                ("SPIN_VARIABLE_BYTES", b"planted\xff\xfe"),
                ("SPIN_VARIABLE_lower", b"x"),
                ("SPIN_VARIABLE_", b"x"),
                ("SPIN_VARIABLE_A__B", b"x"),
                ("SPIN_VARIABLE", b"x"),
                ("API_KEY", b"x"),
                ("PATH", b"x"),
            ]
            .into_iter()
            .map(|(name, value)| (name.into(), OsString::from_vec(value.to_vec()))),
        )
    }

    #[tokio::test]
    async fn variables_that_spin_would_take_are_secrets_and_no_others() {
        let store = store();
        let get = async |key| store.get_bytes("default", key).await.unwrap();
        assert_eq!(get("api_key").await, Some(Bytes::from("planted")));
        assert_eq!(get("API_KEY").await, Some(Bytes::from("planted")));
        assert_eq!(get("empty").await, Some(Bytes::new()));
        assert_eq!(get("lower").await, None);
        assert_eq!(get("path").await, None);
        assert_eq!(store.values.len(), 3);
        assert!(!format!("{store:?}").contains("planted"));
    }

    #[tokio::test]
    async fn a_variable_that_is_no_text_is_an_error_that_names_it() {
        let error = store().get_bytes("default", "bytes").await.unwrap_err();
        assert_eq!(error.status(), 503);
        let text = format!("{error} {error:?}");
        assert!(text.contains("SPIN_VARIABLE_BYTES"), "{text}");
        assert!(!text.contains("planted"), "{text}");
    }
}

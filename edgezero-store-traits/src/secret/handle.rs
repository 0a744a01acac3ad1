//! The secrets API that an app calls.

use std::fmt;
use std::sync::Arc;

use secrecy::{SecretSlice, SecretString};

use super::{SecretError, SecretName, SecretStore};
use crate::trace::Call;

/// An app's handle to one secret store: checked and cheap to clone.
///
/// What it returns does not print: a value is reached only through
/// [`secrecy::ExposeSecret`], and is wiped from memory when dropped. A copy that
/// the backend or the platform keeps is theirs to wipe: the handle makes none of a
/// value that the backend gives away.
///
/// ```
/// use edgezero_store_traits::{SecretError, SecretHandle};
/// use secrecy::ExposeSecret;
///
/// async fn authorization(secrets: &SecretHandle) -> Result<String, SecretError> {
///     let token = secrets.require("API_TOKEN").await?;
///     Ok(format!("Bearer {}", token.expose_secret()))
/// }
/// ```
#[derive(Clone)]
pub struct SecretHandle {
    store: Arc<dyn SecretStore>,
    store_id: Arc<str>,
}

impl SecretHandle {
    /// A handle to the secrets that `store` keeps under `store_id`.
    pub fn new(store: Arc<dyn SecretStore>, store_id: &str) -> Self {
        Self {
            store,
            store_id: store_id.into(),
        }
    }

    /// The secrets that the same store keeps under another id.
    pub(crate) fn of_store(&self, store_id: &str) -> Self {
        Self::new(self.store.clone(), store_id)
    }

    /// The secret `key` as text, or `None` where it is not defined.
    ///
    /// # Errors
    /// [`SecretError::Validation`] for a key that is no [`SecretName`];
    /// [`SecretError::NotUtf8`] for a value that is no text.
    pub async fn get(&self, key: &str) -> Result<Option<SecretString>, SecretError> {
        let name = SecretName::new(key)?;
        let Some(value) = self.lookup(&name).await? else {
            return Ok(None);
        };
        match String::from_utf8(value.into()) {
            Ok(text) => Ok(Some(SecretString::from(text))),
            Err(bytes) => {
                // Wiped as well.
                drop(SecretSlice::from(bytes.into_bytes()));
                Err(SecretError::NotUtf8 {
                    name: name.as_str().to_owned(),
                })
            }
        }
    }

    /// The secret `key` as bytes, or `None` where it is not defined.
    ///
    /// # Errors
    /// [`SecretError::Validation`] for a key that is no [`SecretName`].
    pub async fn get_bytes(&self, key: &str) -> Result<Option<SecretSlice<u8>>, SecretError> {
        let value = self.lookup(&SecretName::new(key)?).await?;
        Ok(value.map(|value| SecretSlice::from(Vec::from(value))))
    }

    /// The secret `key` as text; one that is not defined is an error.
    ///
    /// # Errors
    /// [`SecretError::NotFound`] where it is not defined; else as
    /// [`SecretHandle::get`].
    pub async fn require(&self, key: &str) -> Result<SecretString, SecretError> {
        self.get(key).await?.ok_or_else(|| SecretError::NotFound {
            name: key.to_ascii_lowercase(),
        })
    }

    async fn lookup(&self, name: &SecretName) -> Result<Option<bytes::Bytes>, SecretError> {
        let call = Call::start("secret", "get_bytes").key(name.as_str());
        let result = self.store.get_bytes(&self.store_id, name.as_str()).await;
        call.end(result, Call::no_size)
    }
}

impl fmt::Debug for SecretHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretHandle")
            .field("store_id", &self.store_id)
            .finish_non_exhaustive()
    }
}

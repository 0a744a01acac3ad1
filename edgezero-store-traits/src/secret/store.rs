//! The contract that a secret backend implements.

use async_trait::async_trait;
use bytes::Bytes;

use super::SecretError;

/// A secret store, as a backend implements it.
///
/// Rules SECRET-1 to SECRET-6 of the [specification](crate::specification). A
/// secret's value appears in no `Debug`, `Display`, error or log line that a
/// backend makes.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// The value of the secret `key` in the store `store_id`, or `None`.
    ///
    /// `key` is looked up as [`SecretName`](crate::SecretName) spells it, in lower
    /// case. A platform with one space of secrets for the whole app, as Spin has,
    /// answers alike for every `store_id`.
    ///
    /// # Errors
    /// [`SecretError::Validation`] for a key that is no secret's name.
    async fn get_bytes(&self, store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError>;
}

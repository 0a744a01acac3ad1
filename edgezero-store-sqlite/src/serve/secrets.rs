//! The variables of the app's component, as its secrets.

use std::collections::HashMap;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_spin_app::{Component, Finding};
use edgezero_store_traits::{SecretError, SecretName, SecretStore};
use secrecy::{ExposeSecret, SecretString};

/// What the component's `variables.get` would answer.
#[derive(Debug)]
pub(super) struct ComponentSecrets(HashMap<String, Result<SecretString, Finding>>);

impl ComponentSecrets {
    pub(super) fn new(component: &Component) -> Self {
        let variables = component.variables().iter();
        Self(
            variables
                .map(|variable| {
                    let value = variable.value().cloned();
                    (variable.name().to_owned(), value)
                })
                .collect(),
        )
    }
}

#[async_trait]
impl SecretStore for ComponentSecrets {
    async fn get_bytes(&self, _store_id: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        let name = SecretName::new(key)?;
        match self.0.get(name.as_str()) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(Bytes::copy_from_slice(
                value.expose_secret().as_bytes(),
            ))),
            Some(Err(finding)) => Err(SecretError::Unavailable {
                message: format!("cannot read the secret {:?}: {finding}", name.as_str()),
                source: None,
            }),
        }
    }
}

//! The types that a secret is read into.

use secrecy::{ExposeSecret, SecretString};

pub(super) const NO_SECRET_NAME: &str = "not the name of a secret";

/// A type that a field marked `#[secret]` can have.
///
/// Prefer [`SecretString`]: it does not print and is wiped from memory.
#[diagnostic::on_unimplemented(
    message = "`#[secret]` cannot be read into a `{Self}`",
    label = "not a type for a secret",
    note = "a field marked `#[secret]` is a `SecretString`, an `Option<SecretString>`, a `String` \
            or an `Option<String>`"
)]
pub trait SecretValue: Sized {
    /// Whether the secret may be missing.
    const OPTIONAL: bool = false;

    /// The value of a secret, or of a missing one if it may be missing.
    fn from_secret(secret: Option<SecretString>) -> Option<Self>;
}

impl SecretValue for SecretString {
    fn from_secret(secret: Option<SecretString>) -> Option<Self> {
        secret
    }
}

impl SecretValue for String {
    fn from_secret(secret: Option<SecretString>) -> Option<Self> {
        secret.map(|secret| secret.expose_secret().to_owned())
    }
}

impl<T: SecretValue> SecretValue for Option<T> {
    const OPTIONAL: bool = true;

    fn from_secret(secret: Option<SecretString>) -> Option<Self> {
        match secret {
            Some(secret) => T::from_secret(Some(secret)).map(Some),
            None => Some(None),
        }
    }
}

/// The name of a secret, or the id of a secret store, in a configuration. It has no
/// `Debug`: the text may be the secret itself, put there by mistake.
#[derive(Clone)]
#[non_exhaustive]
pub struct NamedSecret {
    /// The field's own key.
    pub(super) field: String,
    /// The key that holds the name: the field's own one, or an alias.
    pub key: String,
    /// The name of the secret, or the id of the store.
    pub name: String,
    /// What is named.
    pub what: Named,
}

/// What a text in a configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// A secret in the default store.
    Secret,
    /// A secret in the store of that id.
    SecretIn(String),
    /// A secret store.
    Store,
}

//! The name under which a secret is looked up.

use std::fmt;

/// A secret's name: the key that was asked for, in lower case, once it is one
/// that Spin accepts for a variable.
///
/// Lower-case ASCII letters, digits and underscores; the first character a letter,
/// the last a letter or a digit, no two underscores in a row; at most
/// [`SecretName::MAX_BYTES`] long. Only ASCII letters are lower-cased.
///
/// ```
/// use edgezero_store_traits::SecretName;
///
/// assert_eq!(SecretName::new("API_Key")?.as_str(), "api_key");
/// assert!(SecretName::new("api__key").is_err());
/// # Ok::<(), edgezero_store_traits::InvalidSecretName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName(String);

impl SecretName {
    /// The longest name, in bytes: as long as a key-value key.
    pub const MAX_BYTES: usize = crate::kv::limits::MAX_KEY_BYTES;

    /// Lower-cases `key` and checks it.
    ///
    /// # Errors
    /// [`InvalidSecretName`] with the rule that the key breaks.
    pub fn new(key: &str) -> Result<Self, InvalidSecretName> {
        let name = key.to_ascii_lowercase();
        match name_problem(&name) {
            None => Ok(Self(name)),
            Some(reason) => Err(InvalidSecretName {
                name: name.chars().take(64).collect(),
                reason,
            }),
        }
    }

    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that names no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid secret name {name:?}: {reason}")]
pub struct InvalidSecretName {
    name: String,
    reason: &'static str,
}

fn name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > SecretName::MAX_BYTES {
        Some("it is longer than 512 bytes")
    } else if !name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        Some("it may hold only ASCII letters, digits and underscores")
    } else if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        Some("its first character is not a letter")
    } else if name.ends_with('_') {
        Some("its last character is an underscore")
    } else if name.contains("__") {
        Some("it has two underscores in a row")
    } else {
        None
    }
}

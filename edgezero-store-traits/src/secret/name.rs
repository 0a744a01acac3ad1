//! The name under which a secret is looked up.

use std::fmt;

/// A secret's name: the key that was asked for, in lower case, once it is one that
/// Spin accepts for a variable in spin.toml.
///
/// It is one or more words joined by single underscores. A word is lower-case ASCII
/// letters and digits, and starts with a letter. A name is at most
/// [`SecretName::MAX_BYTES`] long. Only ASCII letters are lower-cased.
///
/// Spin's call that reads a variable accepts more (`v2_1`), but a variable of such a
/// name cannot be declared: Spin does not start.
///
/// ```
/// use edgezero_store_traits::SecretName;
///
/// assert_eq!(SecretName::new("API_Key")?.as_str(), "api_key");
/// let error = SecretName::new("api_key_2").unwrap_err().to_string();
/// assert!(error.contains("the word \"2\" starts with a digit"), "{error}");
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
                name: start_of(&name),
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

/// A text that cannot name a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid secret name {name:?}: {reason}")]
pub struct InvalidSecretName {
    name: String,
    reason: String,
}

fn name_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.len() > SecretName::MAX_BYTES {
        return Some(format!("it is longer than {} bytes", SecretName::MAX_BYTES));
    }
    name.split('_').find_map(|word| {
        let problem = word_problem(word)?;
        if word.is_empty() {
            return Some(problem.to_owned());
        }
        Some(format!("the word {:?} {problem}", start_of(word)))
    })
}

fn word_problem(word: &str) -> Option<&'static str> {
    let mut bytes = word.bytes();
    match bytes.next() {
        None => Some("an underscore stands between two words, never first, last or twice in a row"),
        Some(first) if first.is_ascii_digit() => {
            Some("starts with a digit; each word, between underscores, starts with a letter")
        }
        Some(first) if !first.is_ascii_lowercase() || !bytes.all(is_letter_or_digit) => {
            Some("has a character other than the ASCII letters, digits and underscores")
        }
        Some(_) => None,
    }
}

fn is_letter_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Enough of a text to recognise it in a message.
fn start_of(text: &str) -> String {
    text.chars().take(64).collect()
}

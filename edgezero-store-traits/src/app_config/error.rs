//! Why a configuration could not be read.

use std::fmt;

use crate::config::ConfigError;
use crate::secret::SecretError;

/// Why an app's configuration could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppConfigError {
    /// Values are missing, of the wrong type or against a rule (500): all of them.
    #[error(
        "the app's configuration{} has {}:{}",
        place(store),
        count(problems),
        list(problems)
    )]
    Invalid {
        /// The store's [name](crate::ConfigHandle::name).
        store: Option<String>,
        /// What is wrong, key by key.
        problems: Vec<ConfigProblem>,
    },

    /// The configuration store failed.
    #[error("cannot read the app's configuration{}", place(store))]
    Config {
        /// The store's [name](crate::ConfigHandle::name).
        store: Option<String>,
        /// Why.
        source: ConfigError,
    },

    /// The secret store failed.
    #[error("cannot read the secret that {key} in the app's configuration names")]
    Secret {
        /// The key of the configuration.
        key: String,
        /// Why.
        source: SecretError,
    },
}

impl AppConfigError {
    /// The variant's name in lower case, or the store's, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_config",
            Self::Config { source, .. } => source.kind(),
            Self::Secret { source, .. } => source.kind(),
        }
    }

    /// The HTTP status that fits: 500, or the store's own.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } => crate::error::status::INTERNAL,
            Self::Config { source, .. } => source.status(),
            Self::Secret { source, .. } => source.status(),
        }
    }
}

/// What is wrong with one key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigProblem {
    /// The dotted key; empty for the configuration as a whole.
    pub key: String,
    /// What is wrong: "missing". It may quote a value, never a secret.
    pub problem: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.problem),
            key => write!(f, "{key}: {}", self.problem),
        }
    }
}

fn place(store: &Option<String>) -> String {
    let place = store.as_ref().map(|store| format!(" in the store {store}"));
    place.unwrap_or_default()
}

fn count(problems: &[ConfigProblem]) -> String {
    match problems.len() {
        1 => "a problem".to_owned(),
        several => format!("{several} problems"),
    }
}

fn list(problems: &[ConfigProblem]) -> String {
    let lines = problems.iter().map(|problem| format!("\n- {problem}"));
    lines.collect()
}

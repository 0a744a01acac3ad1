//! Why a configuration could not be read.

use std::fmt;

use crate::config::ConfigError;
use crate::secret::SecretError;

/// Why an app's configuration could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppConfigError {
    /// Fields are missing or ill-typed (500): all of them, in their order.
    #[error("the app's configuration has {} problem(s):{}", problems.len(), list(problems))]
    Invalid {
        /// What is wrong, field by field.
        problems: Vec<ConfigProblem>,
    },

    /// The configuration store failed.
    #[error("cannot read the app's configuration")]
    Config(#[from] ConfigError),

    /// The secret store failed.
    #[error("cannot read the secrets that the app's configuration names")]
    Secret(#[from] SecretError),
}

impl AppConfigError {
    /// The variant's name in lower case, or the store's, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_config",
            Self::Config(error) => error.kind(),
            Self::Secret(error) => error.kind(),
        }
    }

    /// The HTTP status that fits: 500, or the store's own.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } => crate::error::status::INTERNAL,
            Self::Config(error) => error.status(),
            Self::Secret(error) => error.status(),
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigProblem {
    /// The dotted key.
    pub key: String,
    /// What is wrong: "is missing". Never the value.
    pub problem: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.problem)
    }
}

fn list(problems: &[ConfigProblem]) -> String {
    let lines = problems.iter().map(|problem| format!("\n- {problem}"));
    lines.collect()
}

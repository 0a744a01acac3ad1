//! Why a secret could not be read.

use super::InvalidSecretName;
use crate::error::{BoxError, status};

/// Why a secret could not be read, with the HTTP status that fits.
///
/// A message may name the secret; it never holds its value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The key is no secret's name; no backend was asked (400).
    #[error("{message}")]
    Validation {
        /// What is wrong, and what would be right.
        message: String,
    },

    /// [`SecretHandle::require`](crate::SecretHandle::require) found no secret (404).
    #[error("the secret {name:?} is not defined")]
    NotFound {
        /// The name that was looked up.
        name: String,
    },

    /// The secret is no text, and was asked for as text (500).
    #[error("the secret {name:?} is not UTF-8 text")]
    NotUtf8 {
        /// The name that was looked up.
        name: String,
    },

    /// The store cannot serve the call now; the same one may work later, perhaps
    /// after an operator did what the message says (503).
    #[error("{message}")]
    Unavailable {
        /// What was tried and what to look at.
        message: String,
        /// The backend's own error, if it gave one.
        source: Option<BoxError>,
    },

    /// The backend failed in a way that no other variant names, and trying again
    /// is no cure (500).
    #[error("{message}")]
    Internal {
        /// What was tried.
        message: String,
        /// The backend's own error, if it gave one.
        source: Option<BoxError>,
    },
}

impl SecretError {
    /// The HTTP status that fits: 400, 404, 500 or 503.
    pub fn status(&self) -> u16 {
        match self {
            Self::Validation { .. } => status::VALIDATION,
            Self::NotFound { .. } => status::NOT_FOUND,
            Self::Unavailable { .. } => status::UNAVAILABLE,
            Self::NotUtf8 { .. } | Self::Internal { .. } => status::INTERNAL,
        }
    }

    /// The variant's name in lower case, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Validation { .. } => "validation",
            Self::NotFound { .. } => "not_found",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal { .. } => "internal",
        }
    }
}

impl From<InvalidSecretName> for SecretError {
    fn from(invalid: InvalidSecretName) -> Self {
        Self::Validation {
            message: invalid.to_string(),
        }
    }
}

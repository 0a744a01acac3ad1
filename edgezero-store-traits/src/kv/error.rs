//! Why a key-value call failed.

use crate::error::{BoxError, status};
use crate::json::JsonError;
use crate::label::InvalidLabel;
use crate::store_label::StoreKind;

/// Why a key-value call failed, with the HTTP status that fits it.
///
/// A message may name a key and a file; it never holds a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KvError {
    /// The input breaks a limit or a rule; no backend was asked (400).
    #[error("{message}")]
    Validation {
        /// What is wrong, and what would be right.
        message: String,
    },

    /// [`KvHandle::require`](crate::KvHandle::require) found no value (404).
    #[error("no value is stored under the key {key:?}")]
    NotFound {
        /// The key that was asked for.
        key: String,
    },

    /// Another writer was faster: the value that was to be replaced is no longer
    /// the stored one. Nothing was changed; read again and decide anew (409).
    #[error(
        "the value under the key {key:?} was changed by another writer in the meantime; \
         nothing was written: read it again"
    )]
    Conflict {
        /// The key that was to be written.
        key: String,
    },

    /// The stored value is not a counter: not what the platform's own increment
    /// stores (500).
    #[error(
        "the value under the key {key:?}, {len} bytes long, is not a counter: something else \
         was stored there; use another key, or delete this one first"
    )]
    NotACounter {
        /// The key that was to be counted.
        key: String,
        /// The length of the stored value, in bytes.
        len: usize,
    },

    /// The sum is beyond what a counter holds, an `i64`; it stays as it was (500).
    #[error(
        "the counter under the key {key:?} would leave the range of an i64; it was not changed"
    )]
    CounterOverflow {
        /// The key that was to be counted.
        key: String,
    },

    /// This backend cannot do it, and did nothing (501).
    #[error("this key-value store does not support {operation}")]
    Unsupported {
        /// The method of [`KvStore`](crate::KvStore) that was called.
        operation: &'static str,
    },

    /// The platform cannot hold this key or this value, though the contract allows
    /// both; nothing was written (400).
    #[error("the platform cannot store the key {key:?}: {limit}; nothing was written")]
    PlatformLimit {
        /// The key that was to be written, or read.
        key: String,
        /// The platform's limit, in words.
        limit: String,
    },

    /// More keys match the prefix than the store may list (503).
    #[error(
        "more than {max} keys start with {prefix:?}, and max_list_keys is {max}: list a narrower \
         prefix, walk all of them with `scan`, or {} (0: no cap)", raise(store.as_deref())
    )]
    LimitExceeded {
        /// The prefix that was listed.
        prefix: String,
        /// The store's `max_list_keys`.
        max: u32,
        /// The store's id in edgezero.toml, where an app opened it by that.
        store: Option<String>,
    },

    /// The store cannot serve the call now: it is busy, full, not reached, or not
    /// declared. Nothing is wrong with the call; the same one may work later,
    /// perhaps after an operator did what the message says (503).
    #[error("{message}")]
    Unavailable {
        /// What was tried and what to look at.
        message: String,
        /// The backend's own error, if it gave one.
        source: Option<BoxError>,
    },

    /// The stored JSON and the caller's type do not fit (500).
    #[error("the value under the key {key:?} and its Rust type do not fit as JSON")]
    Serialization {
        /// The key that was read or written.
        key: String,
        /// Where and how they do not fit; never the value.
        source: JsonError,
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

/// Who may allow more keys in a listing, and where.
fn raise(store: Option<&str>) -> String {
    match store {
        Some(id) => format!(
            "allow more: {}, or the variable {}",
            StoreKind::Kv.key(id, "max_list_keys"),
            StoreKind::Kv.setting(id, "MAX_LIST_KEYS")
        ),
        None => "open the store with a larger max_list_keys".to_owned(),
    }
}

impl KvError {
    /// A [`KvError::Validation`] with this message.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::Validation {
            message: message.into(),
        }
    }

    /// The HTTP status that fits: 400, 404, 409, 500, 501 or 503.
    pub fn status(&self) -> u16 {
        match self {
            Self::Validation { .. } | Self::PlatformLimit { .. } => status::VALIDATION,
            Self::NotFound { .. } => status::NOT_FOUND,
            Self::Conflict { .. } => status::CONFLICT,
            Self::Unsupported { .. } => status::UNSUPPORTED,
            Self::LimitExceeded { .. } | Self::Unavailable { .. } => status::UNAVAILABLE,
            Self::NotACounter { .. }
            | Self::CounterOverflow { .. }
            | Self::Serialization { .. }
            | Self::Internal { .. } => status::INTERNAL,
        }
    }

    /// The variant's name in lower case, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Validation { .. } => "validation",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::NotACounter { .. } => "not_a_counter",
            Self::CounterOverflow { .. } => "counter_overflow",
            Self::Unsupported { .. } => "unsupported",
            Self::PlatformLimit { .. } => "platform_limit",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::Unavailable { .. } => "unavailable",
            Self::Serialization { .. } => "serialization",
            Self::Internal { .. } => "internal",
        }
    }
}

impl From<InvalidLabel> for KvError {
    fn from(invalid: InvalidLabel) -> Self {
        Self::validation(invalid.to_string())
    }
}

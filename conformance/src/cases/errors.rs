//! Errors, as callers see them.

use std::time::Duration;

use bytes::Bytes;
use edgezero_store_traits::kv::limits::MAX_VALUE_BYTES;
use edgezero_store_traits::{BoxError, ConfigError, KvError, SecretError};

use super::kv::open;
use crate::Mismatch;
use crate::case::{CaseResult, cases, check, check_eq};
use crate::fixture::DynFixture;

cases! {
    "ERROR-1" => every_kind_of_error_has_its_status;
    "ERROR-2" => an_error_about_a_key_names_it_or_its_length;
}

async fn every_kind_of_error_has_its_status(_: &DynFixture) -> CaseResult {
    let message = String::new;
    let key = String::new;
    let kv = [
        (KvError::Validation { message: message() }, 400),
        (KvError::NotFound { key: key() }, 404),
        (KvError::Conflict { key: key() }, 409),
        (KvError::NotACounter { key: key(), len: 1 }, 500),
        (KvError::CounterOverflow { key: key() }, 500),
        (
            KvError::PlatformLimit {
                key: key(),
                limit: message(),
            },
            400,
        ),
        (KvError::Unsupported { operation: "x" }, 501),
        (
            KvError::LimitExceeded {
                prefix: key(),
                max: 1,
                store: None,
            },
            503,
        ),
        (
            KvError::Unavailable {
                message: message(),
                source: None,
            },
            503,
        ),
        (
            KvError::Internal {
                message: message(),
                source: None,
            },
            500,
        ),
    ];
    for (error, status) in kv {
        check_eq!(error.status(), status, "the status of {}", error.kind());
    }
    let config = [
        (ConfigError::Validation { message: message() }, 400),
        (ConfigError::NotFound { key: key() }, 404),
        (ConfigError::NotUtf8 { key: key() }, 500),
        (
            ConfigError::Unavailable {
                message: message(),
                source: None,
            },
            503,
        ),
        (
            ConfigError::Internal {
                message: message(),
                source: None,
            },
            500,
        ),
    ];
    for (error, status) in config {
        check_eq!(error.status(), status, "the status of {}", error.kind());
    }
    let secret = [
        (SecretError::Validation { message: message() }, 400),
        (SecretError::NotFound { name: key() }, 404),
        (SecretError::NotUtf8 { name: key() }, 500),
        (
            SecretError::Unavailable {
                message: message(),
                source: None,
            },
            503,
        ),
        (
            SecretError::Internal {
                message: message(),
                source: None,
            },
            500,
        ),
    ];
    for (error, status) in secret {
        check_eq!(error.status(), status, "the status of {}", error.kind());
    }
    Ok(())
}

/// What a call says that must fail.
fn message<T>(result: Result<T, KvError>) -> Result<String, BoxError> {
    match result {
        Ok(_) => Err(Mismatch::new("input out of range was accepted").into()),
        Err(error) => Ok(error.to_string()),
    }
}

async fn an_error_about_a_key_names_it_or_its_length(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let text = message(kv.get_bytes("zebra\u{7f}").await)?;
    check!(
        text.contains("zebra") && text.contains("U+007F"),
        "it says: {text}"
    );
    check!(
        !text.contains('\u{7f}'),
        "the control character itself is in the message"
    );
    let large = Bytes::from(vec![b'x'; MAX_VALUE_BYTES + 1]);
    let text = message(kv.put_bytes("zebra", large).await)?;
    check!(text.contains("zebra"), "it says: {text}");
    let second = Duration::from_secs(1);
    let text = message(kv.put_bytes_with_ttl("zebra", "x", second).await)?;
    check!(text.contains("zebra"), "it says: {text}");
    let text = message(kv.put_bytes(&"k".repeat(100_000), "hunter2").await)?;
    check!(
        text.contains("100000") && text.len() < 300,
        "{} bytes of message",
        text.len()
    );
    check!(!text.contains("hunter2"), "the value is in the message");
    Ok(())
}

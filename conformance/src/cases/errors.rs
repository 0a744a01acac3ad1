//! Errors, as callers see them.

use edgezero_store_traits::{ConfigError, KvError, SecretError};

use super::kv::open;
use crate::case::{CaseResult, cases, check, check_eq};
use crate::fixture::Fixture;

cases! {
    "ERROR-1" => every_kind_of_error_has_its_status;
    "ERROR-2" => an_error_about_a_key_names_it_or_its_length;
}

async fn every_kind_of_error_has_its_status(_: &dyn Fixture) -> CaseResult {
    let message = String::new;
    let key = String::new;
    let kv = [
        (KvError::Validation { message: message() }, 400),
        (KvError::NotFound { key: key() }, 404),
        (KvError::Unsupported { operation: "x" }, 501),
        (KvError::LimitExceeded { max: 1 }, 503),
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

async fn an_error_about_a_key_names_it_or_its_length(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    let Err(error) = kv.get_bytes("with\u{7f}control").await else {
        return Err(crate::case::Stop::failed(
            "a control character was accepted",
        ));
    };
    let text = error.to_string();
    check!(
        text.contains("control") && text.contains("U+007F"),
        "it says: {text}"
    );
    check!(
        !text.contains('\u{7f}'),
        "the control character itself is in the message"
    );
    let Err(error) = kv.put_bytes(&"k".repeat(100_000), "hunter2").await else {
        return Err(crate::case::Stop::failed(
            "a key of 100,000 bytes was accepted",
        ));
    };
    let text = error.to_string();
    check!(
        text.contains("100000") && text.len() < 300,
        "{} bytes of message",
        text.len()
    );
    check!(!text.contains("hunter2"), "the value is in the message");
    Ok(())
}

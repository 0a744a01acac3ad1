//! Spin's errors as the contract's.

use edgezero_store_traits::{KvError, Label, SecretError, SecretName};
use spin_sdk::{key_value, variables};

/// What Spin's host said of a failure that it has no name for.
#[derive(Debug, thiserror::Error)]
#[error("Spin's host says: {0}")]
struct HostError(String);

/// `action` says what was tried, up to "the store …": "open", "read the key … of".
pub(super) fn kv(label: &Label, action: &str, error: key_value::Error) -> KvError {
    use key_value::Error;
    match error {
        Error::AccessDenied | Error::NoSuchStore => KvError::Unavailable {
            message: format!(
                "cannot {action} the store {label:?}: the component may not use this label. \
                 List it in key_value_stores of the component in spin.toml{stanza}",
                label = label.as_str(),
                stanza = if label.as_str() == "default" {
                    String::new()
                } else {
                    format!(
                        ", and give it a [key_value_store.{label}] stanza in the runtime config file"
                    )
                },
            ),
            source: Some(Box::new(error)),
        },
        Error::StoreTableFull => KvError::Unavailable {
            message: format!(
                "cannot {action} the store {:?}: this component instance has too many stores \
                 open; open each store once and keep it",
                label.as_str()
            ),
            source: Some(Box::new(error)),
        },
        Error::Other(text) => KvError::Internal {
            message: format!("cannot {action} the store {:?}", label.as_str()),
            source: Some(Box::new(HostError(text))),
        },
    }
}

/// `None` where the variable is simply not defined.
pub(super) fn secret(name: &SecretName, error: variables::Error) -> Option<SecretError> {
    use variables::Error;
    match error {
        Error::Undefined(_) => None,
        Error::InvalidName(text) => Some(SecretError::Validation {
            message: format!("Spin refuses the variable name {:?}: {text}", name.as_str()),
        }),
        Error::Provider(text) => Some(SecretError::Unavailable {
            message: format!(
                "cannot read the variable {:?}: its provider failed; look at [[variables_provider]] \
                 in the runtime config file",
                name.as_str()
            ),
            source: Some(Box::new(HostError(text))),
        }),
        Error::Other(text) => Some(SecretError::Internal {
            message: format!("cannot read the variable {:?}", name.as_str()),
            source: Some(Box::new(HostError(text))),
        }),
    }
}

//! Spin's errors as the contract's.

mod host;

use edgezero_store_traits::{KvError, Label, SecretError, SecretName};
use spin_sdk::{key_value, variables};

use self::host::HostError;
pub(super) use self::host::Kind;

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
        Error::Other(text) => {
            let host = HostError::of(&text);
            let message = format!(
                "cannot {action} the store {:?}: {host}; with RUST_LOG=warn in its environment, \
                 spin up prints the whole error",
                label.as_str()
            );
            let source = None;
            match host.kind() {
                Kind::Busy | Kind::NotReached => KvError::Unavailable { message, source },
                Kind::Refused | Kind::Broken => KvError::Internal { message, source },
            }
        }
    }
}

/// Whether the platform does not take the key or the value.
pub(super) fn is_refused(error: &key_value::Error) -> bool {
    kind(error) == Some(Kind::Refused)
}

/// What a failure means; `None` for one that Spin has a name for.
pub(super) fn kind(error: &key_value::Error) -> Option<Kind> {
    match error {
        key_value::Error::Other(text) => Some(HostError::of(text).kind()),
        _ => None,
    }
}

/// `None` where the variable is simply not defined.
pub(super) fn secret(name: &SecretName, error: variables::Error) -> Option<SecretError> {
    use variables::Error;
    let name = name.as_str();
    match error {
        Error::Undefined(_) => None,
        Error::InvalidName(_) => Some(SecretError::Validation {
            message: format!("Spin refuses the variable name {name:?}"),
        }),
        Error::Provider(text) => Some(SecretError::Unavailable {
            message: format!(
                "cannot read the variable {name:?}: its provider failed: {}; look at \
                 [[variables_provider]] in the runtime config file",
                HostError::of(&text)
            ),
            source: None,
        }),
        Error::Other(text) => {
            let host = HostError::of(&text);
            let message = format!("cannot read the variable {name:?}: {host}");
            let source = None;
            Some(match host.kind() {
                Kind::Busy | Kind::NotReached => SecretError::Unavailable { message, source },
                Kind::Refused | Kind::Broken => SecretError::Internal { message, source },
            })
        }
    }
}

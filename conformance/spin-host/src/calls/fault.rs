//! Failures that a test asks for.

use super::Call;
use crate::bindings::spin::key_value::key_value::Error as KeyValueError;
use crate::bindings::spin::variables::variables::Error as VariableError;
use crate::bindings::wasi::keyvalue::atomics::CasError;
use crate::bindings::wasi::keyvalue::store::Error as BucketError;

/// A failure that the host is told to produce, once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The call fails with `store-table-full`.
    StoreTableFull(Call),
    /// The call fails with `no-such-store`.
    NoSuchStore(Call),
    /// The call fails with `other` and this text. For [`Call::Variable`] that is
    /// `other` of `spin:variables`.
    Other(Call, String),
    /// The next variable fails with `provider` and this text.
    Provider(String),
    /// The next variable fails with `invalid-name` and this text.
    InvalidName(String),
    /// The next swap fails with `cas-failed`, as if another writer had been faster;
    /// nothing is written.
    Conflict,
    /// The next key stream hands over so many keys, then ends, and its future
    /// says `other` with this text.
    AfterKeys(usize, String),
}

impl Fault {
    pub(crate) fn call(&self) -> Call {
        match self {
            Self::StoreTableFull(call) | Self::NoSuchStore(call) | Self::Other(call, _) => *call,
            Self::Provider(_) | Self::InvalidName(_) => Call::Variable,
            Self::Conflict => Call::Swap,
            Self::AfterKeys(..) => Call::GetKeys,
        }
    }

    /// Whether the call answers an error at once. The others are the call's own affair.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(self, Self::Conflict | Self::AfterKeys(..))
    }

    /// The text that goes with `other`.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Other(_, text)
            | Self::Provider(text)
            | Self::InvalidName(text)
            | Self::AfterKeys(_, text) => text,
            Self::StoreTableFull(_) => "store table full".to_owned(),
            Self::NoSuchStore(_) => "no such store".to_owned(),
            Self::Conflict => "a lost race".to_owned(),
        }
    }
}

/// An error of an interface, made of a fault or of a backend's text.
pub(crate) trait Refusal {
    fn from_fault(fault: Fault) -> Self;
    fn other(text: String) -> Self;
}

impl Refusal for KeyValueError {
    fn from_fault(fault: Fault) -> Self {
        match fault {
            Fault::StoreTableFull(_) => Self::StoreTableFull,
            Fault::NoSuchStore(_) => Self::NoSuchStore,
            other => Self::Other(other.text()),
        }
    }

    fn other(text: String) -> Self {
        Self::Other(text)
    }
}

impl Refusal for BucketError {
    fn from_fault(fault: Fault) -> Self {
        match fault {
            Fault::NoSuchStore(_) => Self::NoSuchStore,
            other => Self::Other(other.text()),
        }
    }

    fn other(text: String) -> Self {
        Self::Other(text)
    }
}

impl Refusal for CasError {
    fn from_fault(fault: Fault) -> Self {
        Self::StoreError(BucketError::from_fault(fault))
    }

    fn other(text: String) -> Self {
        Self::StoreError(BucketError::Other(text))
    }
}

impl Refusal for VariableError {
    fn from_fault(fault: Fault) -> Self {
        match fault {
            Fault::Provider(text) => Self::Provider(text),
            Fault::InvalidName(text) => Self::InvalidName(text),
            other => Self::Other(other.text()),
        }
    }

    fn other(text: String) -> Self {
        Self::Other(text)
    }
}

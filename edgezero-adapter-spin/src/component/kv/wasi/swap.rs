//! A value that was read in order to be replaced.

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvSwap, Label};

use super::bindings::atomics::{self, Cas, CasError};
use super::plain;
use crate::component::error;

/// The host remembers the value, and compares.
pub(super) struct SpinSwap {
    pub(super) label: Label,
    pub(super) key: String,
    pub(super) cas: Cas,
    pub(super) current: Option<Bytes>,
}

#[async_trait]
impl KvSwap for SpinSwap {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        match atomics::swap(self.cas, &value) {
            Ok(()) => Ok(()),
            Err(CasError::CasFailed(_)) => Err(KvError::Conflict { key: self.key }),
            Err(CasError::StoreError(cause)) => {
                let action = format!("write the key {:?} of", self.key);
                Err(error::kv(&self.label, &action, plain(cause)))
            }
        }
    }
}

//! What a component asked of the host, and which of its calls should fail.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::bindings::spin::key_value::key_value::Error as KeyValueError;

/// A call that a component can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// `spin:key-value` `store.open`.
    Open,
    /// `spin:key-value` `store.get`.
    Get,
    /// `spin:key-value` `store.set`.
    Set,
    /// `spin:key-value` `store.delete`.
    Delete,
    /// `spin:key-value` `store.exists`.
    Exists,
    /// `spin:key-value` `store.get-keys`.
    GetKeys,
    /// One key handed over by the stream of `store.get-keys`.
    Key,
    /// `wasi:keyvalue` `store.open`.
    BucketOpen,
    /// `wasi:keyvalue` `bucket.get`, `set`, `delete` or `exists`.
    Bucket,
    /// `wasi:keyvalue` `bucket.list-keys`.
    ListKeys,
    /// `wasi:keyvalue` `batch.get-many`.
    GetMany,
    /// `wasi:keyvalue` `batch.set-many`.
    SetMany,
    /// `wasi:keyvalue` `batch.delete-many`.
    DeleteMany,
    /// `wasi:keyvalue` `atomics.increment`.
    Increment,
    /// `wasi:keyvalue` `cas.new` or `cas.current`.
    Cas,
    /// `wasi:keyvalue` `atomics.swap`.
    Swap,
    /// `spin:variables` `get`.
    Variable,
}

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
    fn call(&self) -> Call {
        match self {
            Self::StoreTableFull(call) | Self::NoSuchStore(call) | Self::Other(call, _) => *call,
            Self::Provider(_) | Self::InvalidName(_) => Call::Variable,
            Self::Conflict => Call::Swap,
            Self::AfterKeys(..) => Call::GetKeys,
        }
    }
}

/// The record of a host's calls, shared with its instances.
#[derive(Clone, Default)]
pub struct Calls {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    counts: HashMap<Call, u64>,
    faults: VecDeque<Fault>,
}

impl Calls {
    /// How often the component made this call so far.
    pub fn count(&self, call: Call) -> u64 {
        self.lock().counts.get(&call).copied().unwrap_or(0)
    }

    /// Makes the next call of the fault's kind fail. Faults of one kind fire one
    /// after the other, in the order in which they were injected.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// Counts a call; returns the fault that it should meet.
    pub(crate) fn record(&self, call: Call) -> Option<Fault> {
        let mut inner = self.lock();
        *inner.counts.entry(call).or_default() += 1;
        let at = inner.faults.iter().position(|fault| fault.call() == call)?;
        inner.faults.remove(at)
    }

    /// As [`Calls::record`], for a call whose faults are plain errors.
    pub(crate) fn record_key_value(&self, call: Call) -> Result<(), KeyValueError> {
        match self.record(call) {
            None => Ok(()),
            Some(Fault::StoreTableFull(_)) => Err(KeyValueError::StoreTableFull),
            Some(Fault::NoSuchStore(_)) => Err(KeyValueError::NoSuchStore),
            Some(Fault::Conflict) => Err(KeyValueError::Other("a lost race".to_owned())),
            Some(
                Fault::Other(_, text)
                | Fault::Provider(text)
                | Fault::InvalidName(text)
                | Fault::AfterKeys(_, text),
            ) => Err(KeyValueError::Other(text)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

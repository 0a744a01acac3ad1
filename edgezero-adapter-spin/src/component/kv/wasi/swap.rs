//! A value that was read in order to be replaced.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvSwap};
use spin_sdk::key_value::Error;

use super::Inner;
use super::bucket::{Begun, Swapped};
use super::create;
use super::facts::{Counters, Swaps};
use super::patience::{Tries, is_busy};
use crate::component::kv::stream;

/// How long a swap is tried again that failed though the value did not change.
const PATIENCE: Duration = Duration::from_secs(2);

/// The largest value that every platform holds, in bytes, with some room for its key.
const LARGE: usize = 390_000;

/// The host remembers the value, and compares.
pub(super) struct SpinSwap {
    store: Arc<Inner>,
    swaps: Swaps,
    key: String,
    begun: Begun,
    current: Option<Bytes>,
}

impl SpinSwap {
    pub(super) fn new(store: Arc<Inner>, swaps: Swaps, key: &str, mut begun: Begun) -> Self {
        Self {
            store,
            swaps,
            key: key.to_owned(),
            current: begun.current.take().map(Bytes::from),
            begun,
        }
    }
}

#[async_trait]
impl KvSwap for SpinSwap {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        let Self {
            store,
            swaps,
            key,
            begun,
            current,
        } = *self;
        if current.is_none() && swaps == Swaps::CreationOverwrites {
            drop(begun);
            return create::create(&store, &key, value).await;
        }
        let looks_again = swaps == Swaps::Sound && compares_versions(&store);
        match replace(&store, &key, begun, looks_again, current.as_deref(), &value).await {
            Ok(()) => Ok(()),
            Err(Stop::Conflict) => Err(conflict(&key)),
            Err(Stop::SwapsNothing) => Err(swaps_nothing(&key, value.len())),
            Err(Stop::Failed(cause)) => {
                Err(store.plain.write_failed(&key, value.len(), cause).await)
            }
        }
    }
}

/// Whether the platform may compare a version in place of the value, as DynamoDB does.
/// Other writes take the version back to an earlier one, so it is not enough.
fn compares_versions(store: &Inner) -> bool {
    store.known.facts().counters != Some(Counters::Unreadable)
}

/// Why nothing was swapped.
enum Stop {
    Conflict,
    /// The platform said that the value changed, again and again, and it did not.
    SwapsNothing,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(cause: Error) -> Self {
        Self::Failed(cause)
    }
}

/// Swaps `value` for `expected`. A swap that failed is made again while `expected` is
/// still what is stored: then the platform was at fault, and not another writer.
async fn replace(
    store: &Inner,
    key: &str,
    begun: Begun,
    looks_again: bool,
    expected: Option<&[u8]>,
    value: &[u8],
) -> Result<(), Stop> {
    let unchanged = |begun: Begun| {
        let is_same = begun.current.as_deref() == expected;
        is_same.then_some(begun).ok_or(Stop::Conflict)
    };
    let mut tries = Tries::new(PATIENCE);
    store.no_stream().await;
    let mut begun = if looks_again {
        unchanged(begun.again()?)?
    } else {
        begun
    };
    loop {
        let failure = match begun.swap(value) {
            Ok(Swapped::Done) => return Ok(()),
            Ok(Swapped::Not(now)) => {
                unchanged(now)?;
                Stop::SwapsNothing
            }
            Err(cause) if is_busy(&cause) => Stop::Failed(cause),
            Err(cause) => return Err(Stop::Failed(cause)),
        };
        if !tries.pause().await {
            return Err(failure);
        }
        store.no_stream().await;
        begun = unchanged(store.bucket.begin(key)?)?;
    }
}

pub(super) fn conflict(key: &str) -> KvError {
    KvError::Conflict {
        key: key.to_owned(),
    }
}

/// The error where the platform answers "changed" though nothing did. DynamoDB's store
/// answers every failure like this.
fn swaps_nothing(key: &str, length: usize) -> KvError {
    if length > LARGE {
        return stream::too_large(key, length);
    }
    KvError::Unavailable {
        message: format!(
            "cannot write the key {key:?}: for {} seconds the platform reported a conflict with \
             another writer, and the value did not change",
            PATIENCE.as_secs()
        ),
        source: None,
    }
}

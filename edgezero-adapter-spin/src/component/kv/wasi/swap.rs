//! A value that was read in order to be replaced.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::{KvError, KvSwap};

use super::Inner;
use super::bucket::{Begun, Swapped};
use super::create;
use super::patience::{Tries, is_busy};
use super::platform::Swaps;
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
        replace(&store, &key, begun, current.as_deref(), &value).await
    }
}

/// Swaps `value` for `expected`. A swap that failed is made again while `expected` is
/// still what is stored: then the platform was at fault, and not another writer.
async fn replace(
    store: &Inner,
    key: &str,
    begun: Begun,
    expected: Option<&[u8]>,
    value: &[u8],
) -> Result<(), KvError> {
    let mut tries = Tries::new(PATIENCE);
    let mut begun = begun;
    loop {
        let failure = match begun.swap(value) {
            Ok(Swapped::Done) => return Ok(()),
            Ok(Swapped::Not(now)) if now.current.as_deref() != expected => {
                return Err(conflict(key));
            }
            Ok(Swapped::Not(_)) => None,
            Err(cause) => Some(cause),
        };
        let again = failure.as_ref().is_none_or(is_busy) && tries.pause().await;
        let failure = match again.then(|| store.bucket.begin(key)) {
            Some(Ok(now)) if now.current.as_deref() != expected => return Err(conflict(key)),
            Some(Ok(now)) => {
                begun = now;
                continue;
            }
            Some(Err(cause)) => Some(cause),
            None => failure,
        };
        return Err(match failure {
            Some(cause) => store.plain.write_failed(key, value.len(), cause).await,
            None => swaps_nothing(key, value.len()),
        });
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

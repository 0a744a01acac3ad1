//! Counters, in the platform's own form.

use edgezero_store_traits::kv::counter;
use edgezero_store_traits::{KvError, KvStore};

use super::SpinKvStore;
use super::facts::Counters;
use super::patience::{Tries, when_not_busy};
use crate::component::kv::key_limits;

/// How long an increment by swaps is tried again while other writers are faster.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

impl SpinKvStore {
    pub(super) async fn add(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        self.inner
            .plain
            .check_key(key, key_limits::is_refused)
            .await?;
        let form = self.counters(Some(key)).await?;
        if form == Counters::Unreadable {
            return self.add_by_swap(key, delta).await;
        }
        let bucket = &self.inner.bucket;
        let failed = |cause| self.failed(&format!("count at the key {key:?}"), cause);
        // SQLite panics on another value, and its addition wraps. Nothing is awaited
        // between the look and the increment: no other task of this instance runs.
        let counted = when_not_busy(&self.inner, || {
            let stored = bucket.get(key)?;
            match sum(form, key, stored.as_deref(), delta) {
                Ok(_) => bucket.increment(key, delta).map(Ok),
                Err(error) => Ok(Err(error)),
            }
        });
        let cause = match counted.await {
            Ok(counted) => return counted,
            Err(cause) => cause,
        };
        // Another writer may have put something else there in between.
        self.inner.no_stream().await;
        let stored = bucket.get(key).map_err(failed)?;
        sum(form, key, stored.as_deref(), delta)?;
        Err(failed(cause))
    }

    /// Adds by compare-and-swap, in the contract's form.
    async fn add_by_swap(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        let unsupported = |error| match error {
            KvError::Unsupported { .. } => KvError::Unsupported {
                operation: "increment",
            },
            error => error,
        };
        let mut tries = Tries::new(PATIENCE);
        loop {
            let swap = self.compare_and_swap(key).await.map_err(unsupported)?;
            let current = swap.current().map(|current| &current[..]);
            let sum = counter::add(key, current, delta)?;
            let value = bytes::Bytes::copy_from_slice(&counter::to_bytes(sum));
            match swap.swap(value).await {
                Ok(()) => return Ok(sum),
                Err(KvError::Conflict { .. }) if tries.pause().await => {}
                Err(KvError::Conflict { .. }) => {
                    return Err(KvError::Unavailable {
                        message: format!(
                            "cannot count at the key {key:?}: other writers were faster for {} \
                             seconds; nothing was written",
                            PATIENCE.as_secs()
                        ),
                        source: None,
                    });
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn count(&self, key: &str) -> Result<i64, KvError> {
        let Some(stored) = self.inner.plain.get_bytes(key).await? else {
            return Ok(0);
        };
        read(self.counters(Some(key)).await?, key, &stored)
    }
}

/// What the counter becomes.
fn sum(form: Counters, key: &str, stored: Option<&[u8]>, delta: i64) -> Result<i64, KvError> {
    let count = stored.map_or(Ok(0), |stored| read(form, key, stored))?;
    counter::add(key, Some(&counter::to_bytes(count)), delta)
}

fn read(form: Counters, key: &str, stored: &[u8]) -> Result<i64, KvError> {
    match form {
        Counters::Binary | Counters::Unreadable => counter::read(key, Some(stored)),
        Counters::Decimal => decimal(stored).ok_or_else(|| KvError::NotACounter {
            key: key.to_owned(),
            len: stored.len(),
        }),
    }
}

/// A number as the platforms write it. They refuse `007` and `+7` themselves.
fn decimal(stored: &[u8]) -> Option<i64> {
    let number: i64 = std::str::from_utf8(stored).ok()?.parse().ok()?;
    (number.to_string().as_bytes() == stored).then_some(number)
}

//! The suite catches stores that do not keep the contract: each of these is right
//! but for one thing, and fails the case that is about it.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use conformance::{Case, Outcome, Wrapped, Wrapper, suite};
use edgezero_store_traits::kv::counter;
use edgezero_store_traits::{KvError, KvStore, KvSwap};

use crate::support::memory::{MemoryFixture, MemoryStore};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// A swap writes, whatever is stored.
    SwapIgnoresTheExpectedValue,
    /// A lost race is tried again by the store, over the winner's value.
    SwapSwapsAgainAfterALostRace,
    /// A swap is written a second time, after the next write.
    SwapSwapsTwice,
    /// What is stored is compared, and written later.
    SwapComparesAndWritesInTwoSteps,
    /// An empty value and a missing one are taken for the same.
    SwapTakesEmptyForMissing,
    /// A swap of a missing key is refused.
    SwapCreatesNothing,
    IncrementReadsAndWritesInTwoSteps,
    IncrementWraps,
    IncrementStoresText,
    IncrementTakesWhatIsNoCounterForZero,
    GetManyLeavesOutWhatIsMissing,
    GetManySortsItsKeys,
    FirstOfTwoEqualKeysWins,
    PutManyIsSeenInPart,
    DeleteManyStopsAtAMissingKey,
}

struct Broken {
    store: MemoryStore,
    flaw: Flaw,
    replay: Arc<std::sync::Mutex<Option<(String, Bytes)>>>,
}

impl Broken {
    /// Lets other tasks run in between, as a call over a network would.
    async fn others(&self) {
        tokio::task::yield_now().await;
    }

    /// Writes a second time what was swapped.
    async fn replay(&self) -> Result<(), KvError> {
        let replay = self.replay.lock().unwrap().take();
        match replay {
            Some((key, value)) => self.store.put_bytes(&key, value).await,
            None => Ok(()),
        }
    }
}

struct BrokenSwap {
    broken: Broken,
    key: String,
    right: Box<dyn KvSwap>,
    current: Option<Bytes>,
}

#[async_trait]
impl KvSwap for BrokenSwap {
    fn current(&self) -> Option<&Bytes> {
        self.current.as_ref()
    }

    async fn swap(self: Box<Self>, value: Bytes) -> Result<(), KvError> {
        let Self {
            broken,
            key,
            right,
            current,
        } = *self;
        let store = &broken.store;
        match broken.flaw {
            Flaw::SwapIgnoresTheExpectedValue => store.put_bytes(&key, value).await,
            Flaw::SwapSwapsAgainAfterALostRace => match right.swap(value.clone()).await {
                Err(KvError::Conflict { .. }) => store.put_bytes(&key, value).await,
                done => done,
            },
            Flaw::SwapSwapsTwice => {
                right.swap(value.clone()).await?;
                *broken.replay.lock().unwrap() = Some((key, value));
                Ok(())
            }
            Flaw::SwapComparesAndWritesInTwoSteps => {
                if store.get_bytes(&key).await? != current {
                    return Err(KvError::Conflict { key });
                }
                broken.others().await;
                store.put_bytes(&key, value).await
            }
            Flaw::SwapTakesEmptyForMissing => {
                let stored = store.get_bytes(&key).await?.unwrap_or_default();
                if stored != current.unwrap_or_default() {
                    return Err(KvError::Conflict { key });
                }
                store.put_bytes(&key, value).await
            }
            Flaw::SwapCreatesNothing if current.is_none() => Err(KvError::Conflict { key }),
            _ => right.swap(value).await,
        }
    }
}

#[async_trait]
impl Wrapper for Broken {
    fn inner(&self) -> &dyn KvStore {
        &self.store
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.store.put_bytes(key, value).await?;
        self.replay().await
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Bytes>>, KvError> {
        match self.flaw {
            Flaw::GetManyLeavesOutWhatIsMissing => {
                let mut values = self.store.get_many(keys).await?;
                values.retain(Option::is_some);
                Ok(values)
            }
            Flaw::GetManySortsItsKeys => {
                let mut keys = keys.to_vec();
                keys.sort_unstable();
                self.store.get_many(&keys).await
            }
            _ => self.store.get_many(keys).await,
        }
    }

    async fn put_many(&self, mut pairs: Vec<(String, Bytes)>) -> Result<(), KvError> {
        match self.flaw {
            Flaw::FirstOfTwoEqualKeysWins => {
                pairs.reverse();
                self.store.put_many(pairs).await
            }
            Flaw::PutManyIsSeenInPart => {
                for (key, value) in pairs {
                    self.store.put_bytes(&key, value).await?;
                    self.others().await;
                }
                Ok(())
            }
            _ => self.store.put_many(pairs).await,
        }
    }

    async fn delete_many(&self, keys: &[&str]) -> Result<(), KvError> {
        if self.flaw == Flaw::DeleteManyStopsAtAMissingKey {
            for key in keys {
                if !self.store.exists(key).await? {
                    return Ok(());
                }
                self.store.delete(key).await?;
            }
            return Ok(());
        }
        self.store.delete_many(keys).await
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64, KvError> {
        let store = |count: i64| Bytes::copy_from_slice(&counter::to_bytes(count));
        let stored = self.store.get_bytes(key).await?;
        let count = counter::read(key, stored.as_deref());
        match self.flaw {
            Flaw::IncrementReadsAndWritesInTwoSteps => {
                let sum = counter::add(key, stored.as_deref(), delta)?;
                self.others().await;
                self.store.put_bytes(key, store(sum)).await?;
                Ok(sum)
            }
            Flaw::IncrementWraps => {
                let sum = count?.wrapping_add(delta);
                self.store.put_bytes(key, store(sum)).await?;
                Ok(sum)
            }
            Flaw::IncrementTakesWhatIsNoCounterForZero if count.is_err() => {
                self.store.put_bytes(key, store(delta)).await?;
                Ok(delta)
            }
            Flaw::IncrementStoresText => {
                let text = stored.map(|text| String::from_utf8_lossy(&text).into_owned());
                let sum = text.map_or(Ok(0), |text| text.parse::<i64>()).unwrap_or(0) + delta;
                let text = Bytes::from(sum.to_string());
                self.store.put_bytes(key, text).await?;
                Ok(sum)
            }
            _ => self.store.increment(key, delta).await,
        }
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        let right = self.store.compare_and_swap(key).await?;
        Ok(Box::new(BrokenSwap {
            broken: Self {
                store: self.store.clone(),
                flaw: self.flaw,
                replay: self.replay.clone(),
            },
            key: key.to_owned(),
            current: right.current().cloned(),
            right,
        }))
    }
}

/// Those of the cases that a store with this flaw fails.
async fn failures(flaw: Flaw, cases: impl Iterator<Item = Case>) -> Vec<String> {
    let mut failed = Vec::new();
    for case in cases {
        let fixture = MemoryFixture::wrapped(move |store| {
            Arc::new(Wrapped(Broken {
                store,
                flaw,
                replay: Arc::default(),
            }))
        });
        if let Outcome::Failed(_) = case.run(&fixture).await {
            failed.push(case.name());
        }
    }
    failed
}

#[tokio::test]
async fn a_store_without_a_flaw_passes_every_case() {
    assert_eq!(failures(Flaw::None, suite()).await, [""; 0]);
}

#[tokio::test]
async fn each_flaw_fails_the_case_that_is_about_it() {
    for (flaw, case) in [
        (
            Flaw::SwapIgnoresTheExpectedValue,
            "swap::a_swap_of_a_value_that_changed_is_a_conflict",
        ),
        (
            Flaw::SwapSwapsAgainAfterALostRace,
            "swap::a_swap_of_a_value_that_changed_is_a_conflict",
        ),
        (
            Flaw::SwapSwapsTwice,
            "swap::swap_follows_swap_and_each_counts_once",
        ),
        (
            Flaw::SwapComparesAndWritesInTwoSteps,
            "swap::of_many_swaps_at_once_one_succeeds",
        ),
        (
            Flaw::SwapTakesEmptyForMissing,
            "swap::a_swap_of_a_value_that_was_removed_is_a_conflict",
        ),
        (
            Flaw::SwapCreatesNothing,
            "swap::a_swap_creates_what_was_missing",
        ),
        (
            Flaw::IncrementReadsAndWritesInTwoSteps,
            "increment::increments_at_the_same_time_are_all_counted",
        ),
        (
            Flaw::IncrementWraps,
            "increment::an_overflow_is_an_error_and_leaves_the_counter",
        ),
        (
            Flaw::IncrementStoresText,
            "increment::a_counter_is_8_bytes_in_little_endian_order",
        ),
        (
            Flaw::IncrementTakesWhatIsNoCounterForZero,
            "increment::a_value_that_is_no_counter_is_an_error_and_stays",
        ),
        (
            Flaw::GetManyLeavesOutWhatIsMissing,
            "batch::values_are_in_the_order_of_the_keys_asked",
        ),
        (
            Flaw::GetManySortsItsKeys,
            "batch::values_are_in_the_order_of_the_keys_asked",
        ),
        (
            Flaw::FirstOfTwoEqualKeysWins,
            "batch::the_last_of_two_equal_keys_wins",
        ),
        (
            Flaw::PutManyIsSeenInPart,
            "batch::a_batch_is_seen_whole_or_not_at_all",
        ),
        (
            Flaw::DeleteManyStopsAtAMissingKey,
            "batch::a_batch_of_deletes_removes_its_keys_and_no_other",
        ),
    ] {
        let about = |found: &Case| found.name() == format!("kv::{case}");
        let failed = failures(flaw, suite().filter(about)).await;
        assert_eq!(failed.len(), 1, "{flaw:?} passes {case}");
    }
}

//! Updates of typed values.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use edgezero_store_traits::{BoxError, KvError, KvHandle, KvStore, KvSwap};
use futures_util::future::try_join_all;

use super::open;
use super::swap::open_with_swap;
use crate::case::{CaseResult, cases, check, check_eq, check_err};
use crate::fixture::{DynFixture, LABEL};
use crate::wrapper::{Wrapped, Wrapper};

cases! {
    "KV-HANDLE-6" => an_update_starts_from_the_value_or_from_none;
    "KV-HANDLE-6" => an_update_that_is_declined_writes_nothing;
    "KV-HANDLE-6", "KV-HANDLE-2" => an_update_leaves_a_value_it_cannot_read;
    "KV-HANDLE-7" => updates_at_the_same_time_are_all_kept;
    "KV-HANDLE-7" => an_update_that_meets_a_faster_writer_starts_from_the_newer_value;
    "KV-HANDLE-7" => an_update_that_always_meets_a_faster_writer_ends_in_a_conflict;
    "KV-HANDLE-4" => read_modify_write_starts_from_the_value_or_the_default;
    "KV-HANDLE-4" => read_modify_write_leaves_a_value_it_cannot_read;
    "KV-HANDLE-4" => read_modify_write_that_is_not_atomic_works_everywhere;
}

async fn an_update_starts_from_the_value_or_from_none(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for (before, after) in [(None, 10), (Some(10), 11), (Some(11), 12)] {
        let mut seen = Vec::new();
        let updated = kv
            .update("n", |n: Option<u32>| {
                seen.push(n);
                Some(n.map_or(10, |n| n + 1))
            })
            .await?;
        check_eq!(seen, [before], "what the closure was given");
        check_eq!(updated, Some(after), "what it returned");
        check_eq!(kv.get("n").await?, Some(after), "what is stored");
    }
    Ok(())
}

async fn an_update_that_is_declined_writes_nothing(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    let declined = kv.update("n", |_: Option<u32>| None).await?;
    check_eq!(declined, None, "of a missing value");
    check!(!kv.exists("n").await?, "the key was made");
    // Text that is not as we would write it: a rewrite would show.
    kv.put_bytes("n", " 7 ").await?;
    let declined = kv.update("n", |_: Option<u32>| None).await?;
    check_eq!(declined, None, "of a stored value");
    check_eq!(kv.get_bytes("n").await?, Some(" 7 ".into()), "get");
    Ok(())
}

async fn an_update_leaves_a_value_it_cannot_read(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("n", "many").await?;
    let updated = kv.update("n", |_: Option<u32>| Some(1)).await;
    check_err!(updated, KvError::Serialization { .. }, "no number");
    check_eq!(kv.get_bytes("n").await?, Some("many".into()), "get");
    Ok(())
}

async fn updates_at_the_same_time_are_all_kept(fixture: &DynFixture) -> CaseResult {
    const TASKS: usize = 16;
    const EACH: usize = 500;
    let kv = open_with_swap(fixture).await?;
    try_join_all((0..TASKS).map(|_| async {
        for _ in 0..EACH {
            kv.update("n", |n: Option<usize>| Some(n.unwrap_or(0) + 1))
                .await?;
        }
        Ok::<_, KvError>(())
    }))
    .await?;
    check_eq!(kv.get("n").await?, Some(TASKS * EACH), "the count");
    Ok(())
}

/// The backend, with another writer who is faster for so many times.
struct Raced {
    store: Arc<dyn KvStore>,
    races: AtomicU32,
}

impl Raced {
    async fn open(fixture: &DynFixture, races: u32) -> Result<KvHandle, BoxError> {
        let raced = Self {
            store: fixture.kv(LABEL).await?,
            races: AtomicU32::new(races),
        };
        Ok(KvHandle::new(Arc::new(Wrapped(raced))))
    }
}

#[async_trait]
impl Wrapper for Raced {
    fn inner(&self) -> &dyn KvStore {
        &*self.store
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn KvSwap>, KvError> {
        let swap = self.store.compare_and_swap(key).await?;
        let left = self.races.load(Ordering::Relaxed);
        if left > 0 {
            self.races.store(left - 1, Ordering::Relaxed);
            self.store.put_bytes(key, left.to_string().into()).await?;
        }
        Ok(swap)
    }

    async fn pause(&self, _: Duration) {}
}

async fn an_update_that_meets_a_faster_writer_starts_from_the_newer_value(
    fixture: &DynFixture,
) -> CaseResult {
    open_with_swap(fixture).await?;
    let kv = Raced::open(fixture, 3).await?;
    let mut seen = Vec::new();
    let updated = kv
        .update("n", |n: Option<u32>| {
            seen.push(n);
            Some(n.unwrap_or(0) + 100)
        })
        .await?;
    check_eq!(seen, [None, Some(3), Some(2), Some(1)], "the values given");
    check_eq!(updated, Some(101), "what it returned");
    check_eq!(kv.get("n").await?, Some(101), "what is stored");
    Ok(())
}

async fn an_update_that_always_meets_a_faster_writer_ends_in_a_conflict(
    fixture: &DynFixture,
) -> CaseResult {
    open_with_swap(fixture).await?;
    let kv = Raced::open(fixture, 1000).await?;
    let mut tries = 0;
    let updated = kv.update("n", |_: Option<u32>| {
        tries += 1;
        Some(0)
    });
    check_err!(updated.await, KvError::Conflict { .. }, "1000 races lost");
    check_eq!(tries, 100, "how often it was tried");
    check_eq!(kv.get("n").await?, Some(901), "the other writer's value");
    Ok(())
}

async fn read_modify_write_starts_from_the_value_or_the_default(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    for expected in [11, 12, 13] {
        let returned = kv.read_modify_write("count", 10, |count| count + 1).await?;
        check_eq!(returned, expected, "what it returned");
        check_eq!(kv.get("count").await?, Some(expected), "what it stored");
    }
    Ok(())
}

async fn read_modify_write_leaves_a_value_it_cannot_read(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_swap(fixture).await?;
    kv.put_bytes("count", "many").await?;
    let mut called = false;
    let done = kv.read_modify_write("count", 10, |count| {
        called = true;
        count + 1
    });
    check_err!(done.await, KvError::Serialization { .. }, "no number");
    check!(!called, "the closure was called");
    let found = kv.get_bytes("count").await?;
    check_eq!(found, Some("many".into()), "the value");
    Ok(())
}

async fn read_modify_write_that_is_not_atomic_works_everywhere(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for expected in [11, 12] {
        let done = kv.read_modify_write_not_atomic("count", 10, |count| count + 1);
        check_eq!(done.await?, expected, "what it returned");
        check_eq!(kv.get("count").await?, Some(expected), "what it stored");
    }
    kv.put_bytes("count", "many").await?;
    let done = kv.read_modify_write_not_atomic("count", 10, |count: u8| count + 1);
    check_err!(done.await, KvError::Serialization { .. }, "no number");
    let found = kv.get_bytes("count").await?;
    check_eq!(found, Some("many".into()), "the value");
    Ok(())
}

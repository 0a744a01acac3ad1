//! What the platform behind a label does with counters and swaps.
//!
//! Spin keeps a label's keys in SQLite, Redis, DynamoDB or Cosmos, as the operator
//! chose. They differ, and a component cannot ask which one it is on. So a store tries
//! out what it needs to know, on reserved keys, before its first atomic call. It
//! believes only what it saw a call of this instance do. What it found lasts as long as
//! the instance, and an instance does not outlive its Spin: an upgrade is noticed.

use std::sync::OnceLock;
use std::time::Duration;

use edgezero_store_traits::kv::reserved;
use spin_sdk::key_value::Error;

use super::bucket::{Bucket, Swapped};
use super::patience::{Tries, when_not_busy};
use super::random;

/// How long a swap that changes nothing is tried again.
const TRY_SWAPS_FOR: Duration = Duration::from_millis(200);

/// How the platform's own increment stores a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counters {
    /// 8 bytes, a little-endian `i64`: SQLite.
    Binary,
    /// Decimal text: Redis and DynamoDB.
    Decimal,
    /// In a form that `get` does not read: Cosmos. Its increment also answers one sum
    /// to two callers. The adapter counts by swaps there, in the contract's form.
    Unreadable,
}

/// What the platform's swap is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swaps {
    /// It writes and reports a conflict, or the reverse: Redis in Spin 4.1.
    Unsound,
    /// A swap of an existing value is sound; one of a missing value overwrites what
    /// came in between: SQLite.
    CreationOverwrites,
    /// Both are sound: DynamoDB and Cosmos.
    Sound,
}

#[derive(Default)]
pub(super) struct Platform {
    counters: OnceLock<Counters>,
    swaps: OnceLock<Swaps>,
}

impl Platform {
    pub(super) async fn counters(&self, bucket: &Bucket) -> Result<Counters, Error> {
        if let Some(counters) = self.counters.get() {
            return Ok(*counters);
        }
        let found = find_counters(bucket).await?;
        Ok(*self.counters.get_or_init(|| found))
    }

    pub(super) async fn swaps(&self, bucket: &Bucket) -> Result<Swaps, Error> {
        if let Some(swaps) = self.swaps.get() {
            return Ok(*swaps);
        }
        let mut tries = Tries::new(TRY_SWAPS_FOR);
        loop {
            if let Some(found) = find_swaps(bucket)? {
                return Ok(*self.swaps.get_or_init(|| found));
            }
            if !tries.pause().await {
                // Not kept: the platform may have been away.
                return Ok(Swaps::Unsound);
            }
        }
    }

    /// Whether it was found that the platform has no sound swap.
    pub(super) fn has_no_swaps(&self) -> bool {
        self.swaps.get() == Some(&Swaps::Unsound)
    }

    /// Whether it was found that the adapter cannot count on the platform.
    pub(super) fn has_no_increment(&self) -> bool {
        self.counters.get() == Some(&Counters::Unreadable) && self.has_no_swaps()
    }
}

/// Counts on a reserved key of its own, and looks at what is stored.
async fn find_counters(bucket: &Bucket) -> Result<Counters, Error> {
    let key = key_of_its_own("counter");
    let found = try_counter(bucket, &key).await;
    let deleted = when_not_busy(|| bucket.delete(&key)).await;
    let found = found?;
    deleted?;
    Ok(found)
}

async fn try_counter(bucket: &Bucket, key: &str) -> Result<Counters, Error> {
    when_not_busy(|| bucket.increment(key, 0)).await?;
    let stored = match bucket.get(key) {
        // DynamoDB may not yet show it; what a swap begins with is the latest.
        Ok(None) => bucket.begin(key)?.current,
        Ok(stored) => stored,
        // Is it this value that cannot be read, or the platform that is away?
        Err(cause) => {
            let another = bucket.get(&key_of_its_own("missing"));
            let is_there = bucket.exists(key)? && another?.is_none();
            return match bucket.get(key) {
                Err(_) if is_there => Ok(Counters::Unreadable),
                _ => Err(cause),
            };
        }
    };
    Ok(match stored.as_deref() {
        Some(&[0, 0, 0, 0, 0, 0, 0, 0]) => Counters::Binary,
        Some(b"0") => Counters::Decimal,
        // A form of a later Spin.
        _ => Counters::Unreadable,
    })
}

/// A reserved key that no other instance has, so that none comes in between. It is
/// deleted when it was tried out.
fn key_of_its_own(what: &str) -> String {
    let random = (random::u64(), random::u64());
    format!(
        "{}{what}:{:016x}{:016x}",
        reserved::PREFIX,
        random.0,
        random.1
    )
}

/// Swaps on a reserved key of its own: once where nothing came in between, and twice
/// where something did. `None` where the platform swapped nothing at all.
///
/// It reads by a swap that it begins: that sees the latest write on every platform.
fn find_swaps(bucket: &Bucket) -> Result<Option<Swaps>, Error> {
    let key = key_of_its_own("swap");
    let found = try_swaps(bucket, &key);
    let deleted = bucket.delete(&key);
    let found = found?;
    deleted?;
    Ok(found)
}

fn try_swaps(bucket: &Bucket, key: &str) -> Result<Option<Swaps>, Error> {
    // Creating what another writer creates in between.
    let creating = bucket.begin(key)?;
    bucket.set(key, b"1")?;
    let created = is_done(creating.swap(b"2")?);
    let first = bucket.begin(key)?;
    let swaps = match (created, first.current.as_deref()) {
        (false, Some(b"1")) => Swaps::Sound,
        (true, Some(b"2")) => Swaps::CreationOverwrites,
        _ => return Ok(Some(Swaps::Unsound)),
    };

    // Replacing, with nothing in between.
    let second = bucket.begin(key)?;
    let before = first.current.clone();
    let replaced = is_done(first.swap(b"3")?);
    let stored = bucket.begin(key)?;
    match (replaced, stored.current.as_deref()) {
        (true, Some(b"3")) => {}
        (false, current) if current == before.as_deref() => return Ok(None),
        _ => return Ok(Some(Swaps::Unsound)),
    }

    // Replacing what the swap before replaced.
    let replaced = is_done(second.swap(b"4")?);
    let stored = stored.again()?;
    match (replaced, stored.current.as_deref()) {
        (false, Some(b"3")) => Ok(Some(swaps)),
        _ => Ok(Some(Swaps::Unsound)),
    }
}

fn is_done(swapped: Swapped) -> bool {
    matches!(swapped, Swapped::Done)
}

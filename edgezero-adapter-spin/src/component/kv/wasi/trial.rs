//! Trying out what the platform does, on reserved keys.
//!
//! A trial believes only what it saw a call of this instance do. Its keys are its own, so
//! that no other instance comes in between, and are deleted at its end.

use std::time::Duration;

use edgezero_store_traits::kv::reserved;
use spin_sdk::key_value::Error;

use super::Inner;
use super::bucket::{Bucket, Swapped};
use super::facts::{Counters, Swaps};
use super::patience::{Tries, when_not_busy};
use super::random;

/// How long a swap that changes nothing is tried again.
const TRY_SWAPS_FOR: Duration = Duration::from_millis(200);

/// Counts, and looks at what is stored.
pub(super) async fn counters(store: &Inner) -> Result<Counters, Error> {
    when_not_busy(store, || {
        on_a_key(&store.bucket, "counter", |key| {
            try_counter(&store.bucket, key)
        })
    })
    .await
}

/// Swaps: once where nothing came in between, and twice where something did. `None`
/// where the platform swapped nothing at all.
pub(super) async fn swaps(store: &Inner) -> Result<Option<Swaps>, Error> {
    let mut tries = Tries::new(TRY_SWAPS_FOR);
    loop {
        let found = when_not_busy(store, || {
            on_a_key(&store.bucket, "swap", |key| try_swaps(&store.bucket, key))
        });
        let found = found.await?;
        if found.is_some() || !tries.pause().await {
            return Ok(found);
        }
    }
}

fn on_a_key<T>(
    bucket: &Bucket,
    what: &str,
    attempt: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, Error> {
    let key = key_of_its_own(what);
    let found = attempt(&key);
    let deleted = bucket.delete(&key);
    let found = found?;
    deleted?;
    Ok(found)
}

fn key_of_its_own(what: &str) -> String {
    reserved::key(&format!(
        "{what}:{:016x}{:016x}",
        random::u64(),
        random::u64()
    ))
}

fn try_counter(bucket: &Bucket, key: &str) -> Result<Counters, Error> {
    bucket.increment(key, 0)?;
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

/// It reads by a swap that it begins: that sees the latest write on every platform.
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

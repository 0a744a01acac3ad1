//! A stored form of counters: eight bytes, a little-endian `i64`, as Spin's SQLite
//! store has it. A backend whose platform has an increment of its own stores what
//! that stores.

use bytes::Bytes;

use super::swap::until_swapped;
use super::{KvError, KvStore};

/// Reads the counter stored under `key`; a missing one is 0.
///
/// # Errors
/// [`KvError::NotACounter`] for a value that is not eight bytes long.
pub fn read(key: &str, stored: Option<&[u8]>) -> Result<i64, KvError> {
    let Some(stored) = stored else { return Ok(0) };
    let bytes = stored.try_into().map_err(|_| KvError::NotACounter {
        key: key.to_owned(),
        len: stored.len(),
    })?;
    Ok(i64::from_le_bytes(bytes))
}

/// What the counter stored under `key` becomes when `delta` is added.
///
/// ```
/// use edgezero_store_traits::kv::counter;
///
/// let two = counter::to_bytes(2);
/// assert_eq!(counter::add("visits", Some(&two), -3)?, -1);
/// assert!(counter::add("visits", Some(b"two"), 1).is_err());
/// # Ok::<(), edgezero_store_traits::KvError>(())
/// ```
///
/// # Errors
/// As [`read`]; [`KvError::CounterOverflow`] for a sum that is no `i64`.
pub fn add(key: &str, stored: Option<&[u8]>, delta: i64) -> Result<i64, KvError> {
    let count = read(key, stored)?;
    count
        .checked_add(delta)
        .ok_or_else(|| KvError::CounterOverflow {
            key: key.to_owned(),
        })
}

/// Adds `delta` to the counter under `key` by [`KvStore::compare_and_swap`], and returns
/// the sum: an [increment](KvStore::increment) for a backend whose platform has
/// compare-and-swap and no increment of its own.
///
/// ```
/// # use edgezero_store_traits::{KvError, KvStore};
/// use edgezero_store_traits::kv::counter;
///
/// // In your implementation of `KvStore`:
/// async fn increment(store: &dyn KvStore, key: &str, delta: i64) -> Result<i64, KvError> {
///     counter::by_swap(store, key, delta).await
/// }
/// ```
///
/// # Errors
/// As [`add`]. [`KvError::Unavailable`] when other writers were faster 100 times in a
/// row. Any other error of a swap; one that may have been made is not made again, so
/// nothing is counted twice.
pub async fn by_swap(store: &dyn KvStore, key: &str, delta: i64) -> Result<i64, KvError> {
    let mut sum = 0;
    let swapped = until_swapped(store, key, "count at", |stored| {
        sum = add(key, stored.map(|stored| &stored[..]), delta)?;
        Ok(Bytes::copy_from_slice(&to_bytes(sum)))
    });
    swapped.await?;
    Ok(sum)
}

/// The bytes to store for a count.
pub fn to_bytes(count: i64) -> [u8; 8] {
    count.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_range_are_reached_and_not_passed() {
        for (count, step) in [(i64::MAX, 1), (i64::MIN, -1)] {
            let near = to_bytes(count - step);
            assert_eq!(add("c", Some(&near), step).unwrap(), count);
            let end = to_bytes(count);
            let error = add("c", Some(&end), step).unwrap_err();
            assert!(matches!(error, KvError::CounterOverflow { .. }), "{error}");
        }
        let most = to_bytes(i64::MAX);
        assert_eq!(add("c", Some(&most), i64::MIN).unwrap(), -1);
    }

    #[test]
    fn a_value_of_another_length_is_no_counter_and_is_not_shown() {
        for stored in [&b""[..], b"hunter2", b"hunter234"] {
            let error = read("the-key", Some(stored)).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains("the-key"), "{text}");
            assert!(!text.contains("hunter"), "{text}");
        }
    }
}

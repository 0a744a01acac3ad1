//! A stored form of counters: eight bytes, a little-endian `i64`, as Spin's SQLite
//! store has it. A backend whose platform has an increment of its own stores what
//! that stores.

use super::KvError;

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

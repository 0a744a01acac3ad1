//! The limits of keys, values, TTLs and pages, and the checks that keep them.
//!
//! They are the tightest of the platforms that EdgeZero targets (key, value and
//! TTL limits are those of Cloudflare's Workers KV), so that an app within them
//! runs on each. [`KvHandle`](crate::KvHandle) applies them before a backend is
//! called.

use std::time::Duration;

use super::KvError;

/// The longest key, in bytes of UTF-8.
pub const MAX_KEY_BYTES: usize = 512;

/// The largest value, in bytes: 25 MiB.
pub const MAX_VALUE_BYTES: usize = 25 * 1024 * 1024;

/// The shortest time to live.
pub const MIN_TTL: Duration = Duration::from_secs(60);

/// The longest time to live: 365 days.
pub const MAX_TTL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The most keys in a page.
pub const MAX_PAGE_KEYS: usize = 1000;

/// The most keys in a batch: in one `put_many`, `delete_many` or `get_many`. Where
/// [`KvCapabilities::transactions`](crate::KvCapabilities::transactions) is true, a batch
/// of so many keys is one step.
pub const MAX_BATCH_KEYS: usize = 10_000;

/// The most bytes in the keys and values of one `put_many`: 64 MiB.
pub const MAX_BATCH_BYTES: usize = 64 * 1024 * 1024;

/// How many swaps at least may be open at once on one store: begun, and neither made
/// nor given up. A component of Spin may have 256 in all.
pub const MIN_OPEN_SWAPS: usize = 100;

/// How many keys a listing may match before a store without an index refuses
/// it, unless the store was opened with another cap.
pub const DEFAULT_MAX_LIST_KEYS: u32 = 1000;

/// Checks a key: 1 to [`MAX_KEY_BYTES`] bytes, neither `.` nor `..`, and no
/// control character (Unicode category Cc).
pub fn check_key(key: &str) -> Result<(), KvError> {
    key_problem(key).map_or(Ok(()), |problem| Err(KvError::validation(problem)))
}

/// What is wrong with `key`, in words; shared with the keys of a config store.
pub(crate) fn key_problem(key: &str) -> Option<String> {
    if key.is_empty() {
        Some("the key is empty".to_owned())
    } else if key == "." || key == ".." {
        Some(format!("the key {key:?} is reserved"))
    } else {
        text_problem("key", key)
    }
}

/// Checks a listing's prefix: at most [`MAX_KEY_BYTES`] bytes and no control
/// character. An empty prefix lists every key.
pub fn check_prefix(prefix: &str) -> Result<(), KvError> {
    text_problem("prefix", prefix).map_or(Ok(()), |problem| Err(KvError::validation(problem)))
}

fn text_problem(what: &str, text: &str) -> Option<String> {
    if text.len() > MAX_KEY_BYTES {
        return Some(format!(
            "the {what} is {} bytes long; at most {MAX_KEY_BYTES} are allowed",
            text.len()
        ));
    }
    if is_printable_ascii(text) {
        return None;
    }
    let (at, control) = text.char_indices().find(|(_, c)| c.is_control())?;
    Some(format!(
        "the {what} {text:?} holds the control character U+{:04X} at byte {at}",
        u32::from(control)
    ))
}

/// Looks at all bytes without a branch, many at a time: most texts are.
fn is_printable_ascii(text: &str) -> bool {
    let bytes = text.bytes();
    bytes.fold(true, |so_far, byte| so_far & matches!(byte, b' '..=b'~'))
}

/// Checks the length of the value for `key`: at most [`MAX_VALUE_BYTES`]. Empty is
/// fine.
pub fn check_value(key: &str, value: &[u8]) -> Result<(), KvError> {
    if value.len() <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(KvError::validation(format!(
        "the value for the key {key:?} is {} bytes long; at most {MAX_VALUE_BYTES} (25 MiB) are \
         allowed",
        value.len()
    )))
}

/// Checks the time to live of `key`: [`MIN_TTL`] to [`MAX_TTL`], both included.
pub fn check_ttl(key: &str, ttl: Duration) -> Result<(), KvError> {
    if (MIN_TTL..=MAX_TTL).contains(&ttl) {
        return Ok(());
    }
    Err(KvError::validation(format!(
        "the TTL of {ttl:?} for the key {key:?} is out of range; 60 seconds to 365 days are allowed"
    )))
}

/// Checks how many keys a batch has: at most [`MAX_BATCH_KEYS`].
pub fn check_batch_keys(keys: usize) -> Result<(), KvError> {
    if keys <= MAX_BATCH_KEYS {
        return Ok(());
    }
    Err(KvError::validation(format!(
        "a batch of {keys} keys was asked for; at most {MAX_BATCH_KEYS} are allowed: make \
         several smaller ones"
    )))
}

/// Checks how many bytes the keys and values of a batch have together: at most
/// [`MAX_BATCH_BYTES`].
pub fn check_batch_bytes(bytes: usize) -> Result<(), KvError> {
    if bytes <= MAX_BATCH_BYTES {
        return Ok(());
    }
    Err(KvError::validation(format!(
        "the keys and values of a batch are {bytes} bytes long together; at most \
         {MAX_BATCH_BYTES} (64 MiB) are allowed: make several smaller batches"
    )))
}

/// Checks a page's size: 1 to [`MAX_PAGE_KEYS`] keys.
pub fn check_page_limit(limit: usize) -> Result<(), KvError> {
    if (1..=MAX_PAGE_KEYS).contains(&limit) {
        return Ok(());
    }
    Err(KvError::validation(format!(
        "a page of {limit} keys was asked for; 1 to {MAX_PAGE_KEYS} are allowed"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_lengths_count_bytes_not_characters() {
        assert!(check_key(&"ü".repeat(256)).is_ok());
        assert!(check_key(&"ü".repeat(257)).is_err());
    }

    #[test]
    fn controls_of_both_sets_are_refused_and_named() {
        for (key, code) in [
            ("a\nb", "U+000A"),
            ("\0", "U+0000"),
            ("a\u{7f}", "U+007F"),
            ("\u{85}", "U+0085"),
        ] {
            let error = check_key(key).unwrap_err().to_string();
            assert!(error.contains(code), "{error}");
            assert!(!error.contains(char::is_control), "{error:?}");
        }
    }

    #[test]
    fn the_highest_code_point_and_a_bom_are_no_controls() {
        assert!(check_key("\u{10ffff}\u{feff}").is_ok());
    }

    #[test]
    fn an_over_long_key_is_not_repeated_in_the_message() {
        let error = check_key(&"k".repeat(1 << 20)).unwrap_err().to_string();
        assert!(error.contains("1048576") && error.len() < 200, "{error}");
    }

    #[test]
    fn both_ends_of_the_ttl_are_allowed_and_nothing_beyond() {
        let in_range = |ttl| check_ttl("key", ttl).is_ok();
        assert!(in_range(MIN_TTL) && in_range(MAX_TTL));
        assert!(!in_range(MIN_TTL - Duration::from_nanos(1)));
        assert!(!in_range(MAX_TTL + Duration::from_nanos(1)));
        assert!(!in_range(Duration::ZERO) && !in_range(Duration::MAX));
    }
}

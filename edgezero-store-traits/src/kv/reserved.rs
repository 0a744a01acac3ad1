//! Keys of the adapters, which share a store with an app's own keys.
//!
//! An adapter may have to keep something in the platform's store: what it found out
//! about the platform, or whose turn it is. Such a key starts with [`PREFIX`]. A
//! listing neither shows nor counts it (KV-LIST-12).
//!
//! It cannot be a caller's key, because it is longer than a caller's key may be
//! (KV-KEY-2). A control character would do as well on most platforms. But Spin's store
//! for Azure Cosmos DB cannot delete or swap a key with one.

use super::limits::MAX_KEY_BYTES;

/// What a reserved key starts with: `edgezero:reserved:`, filled up with `-` to 513
/// bytes.
///
/// ```
/// use edgezero_store_traits::kv::{limits, reserved};
///
/// assert_eq!(reserved::PREFIX.len(), limits::MAX_KEY_BYTES + 1);
/// ```
pub const PREFIX: &str = text(&FILLED);

/// The first text behind all reserved keys, in the order of a listing.
pub const END: &str = text(&BEHIND);

const NAME: &[u8] = b"edgezero:reserved:";

const FILLED: [u8; MAX_KEY_BYTES + 1] = {
    let mut filled = [b'-'; MAX_KEY_BYTES + 1];
    let mut at = 0;
    while at < NAME.len() {
        filled[at] = NAME[at];
        at += 1;
    }
    filled
};

const BEHIND: [u8; MAX_KEY_BYTES + 1] = {
    let mut behind = FILLED;
    behind[MAX_KEY_BYTES] += 1;
    behind
};

const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("it is ASCII"),
    }
}

/// The reserved key of this name.
pub fn key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Whether a key belongs to an adapter.
///
/// ```
/// use edgezero_store_traits::kv::reserved;
///
/// assert!(reserved::is_reserved(&reserved::key("create:07")));
/// assert!(!reserved::is_reserved("edgezero:reserved:create:07"));
/// ```
pub fn is_reserved(key: &str) -> bool {
    key.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kv::limits;

    #[test]
    fn a_reserved_key_is_not_a_callers_key_and_stands_between_prefix_and_end() {
        let reserved = key("z");
        assert!(limits::check_key(&reserved).is_err());
        assert!(limits::check_key(PREFIX).is_err());
        assert!(PREFIX < reserved.as_str() && reserved.as_str() < END);
        assert!(PREFIX.starts_with("edgezero:reserved:--"));
    }
}

//! Keys of the adapters, which share a store with an app's own keys.
//!
//! An adapter may have to keep something in the platform's store: what it found out
//! about the platform, or whose turn it is. Such a key starts with [`PREFIX`]. It
//! cannot be a caller's key, because a caller's key has no control character
//! (KV-KEY-3). A listing neither shows nor counts it (KV-LIST-12).

/// What a reserved key starts with: the control character U+0001, then `edgezero:`.
///
/// It has no character that a platform of Spin refuses in a key.
pub const PREFIX: &str = "\u{1}edgezero:";

/// The first text behind all reserved keys, in the order of a listing.
pub const END: &str = "\u{1}edgezero;";

/// Whether a key belongs to an adapter.
///
/// ```
/// use edgezero_store_traits::kv::reserved;
///
/// assert!(reserved::is_reserved("\u{1}edgezero:create:07"));
/// assert!(!reserved::is_reserved("edgezero:create:07"));
/// ```
pub fn is_reserved(key: &str) -> bool {
    key.starts_with(PREFIX)
}

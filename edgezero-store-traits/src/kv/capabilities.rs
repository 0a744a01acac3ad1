//! What a key-value backend can do.

use std::num::NonZeroU32;

/// What a backend can do; what it cannot fails with an explicit error.
///
/// ```
/// use edgezero_store_traits::KvCapabilities;
///
/// let capabilities = KvCapabilities::new().with_max_list_keys(1000);
/// assert!(!capabilities.ttl);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KvCapabilities {
    /// Whether a value can expire. Without it `put_bytes_with_ttl` is
    /// [`Unsupported`](crate::KvError::Unsupported).
    pub ttl: bool,

    /// How many keys may match a listing's prefix before it is
    /// [`LimitExceeded`](crate::KvError::LimitExceeded); `None`: any number.
    pub max_list_keys: Option<NonZeroU32>,
}

impl KvCapabilities {
    /// The least a backend can do: no TTL, listings without a cap.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether values can expire.
    #[must_use]
    pub fn with_ttl(mut self, ttl: bool) -> Self {
        self.ttl = ttl;
        self
    }

    /// Sets the cap on listings, in keys; 0 is no cap.
    #[must_use]
    pub fn with_max_list_keys(mut self, max_list_keys: u32) -> Self {
        self.max_list_keys = NonZeroU32::new(max_list_keys);
        self
    }
}

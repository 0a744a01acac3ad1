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

    /// Whether `increment` works; else it is `Unsupported`.
    pub increment: bool,

    /// Whether `compare_and_swap` works, and with it
    /// [`KvHandle::update`](crate::KvHandle::update); else it is `Unsupported`.
    pub compare_and_swap: bool,

    /// Whether `put_many` and `delete_many` take effect all at once or not at all.
    pub transactions: bool,
}

impl KvCapabilities {
    /// The least a backend can do: no TTL, nothing atomic; listings without a cap.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether values can expire.
    #[must_use]
    pub fn with_ttl(mut self, ttl: bool) -> Self {
        self.ttl = ttl;
        self
    }

    /// Says whether `increment` works.
    #[must_use]
    pub fn with_increment(mut self, increment: bool) -> Self {
        self.increment = increment;
        self
    }

    /// Says whether `compare_and_swap` works.
    #[must_use]
    pub fn with_compare_and_swap(mut self, compare_and_swap: bool) -> Self {
        self.compare_and_swap = compare_and_swap;
        self
    }

    /// Says whether a batch is written all at once or not at all.
    #[must_use]
    pub fn with_transactions(mut self, transactions: bool) -> Self {
        self.transactions = transactions;
        self
    }

    /// Sets the cap on listings, in keys; 0 is no cap.
    #[must_use]
    pub fn with_max_list_keys(mut self, max_list_keys: u32) -> Self {
        self.max_list_keys = NonZeroU32::new(max_list_keys);
        self
    }
}

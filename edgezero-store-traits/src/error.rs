//! What the three error types share.

/// The cause of a store's error, kept for logs and for `source()`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The HTTP status of each kind of error, one table for the three error types.
pub(crate) mod status {
    pub(crate) const VALIDATION: u16 = 400;
    pub(crate) const NOT_FOUND: u16 = 404;
    pub(crate) const CONFLICT: u16 = 409;
    pub(crate) const INTERNAL: u16 = 500;
    pub(crate) const UNSUPPORTED: u16 = 501;
    pub(crate) const UNAVAILABLE: u16 = 503;
}

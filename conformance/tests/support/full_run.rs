//! Runs at full length.

/// Whether tests are to run at full length, which takes hours: whether
/// `EDGEZERO_FULL_RUN` is set, and not to the empty text.
pub(crate) fn is_full_run() -> bool {
    std::env::var_os("EDGEZERO_FULL_RUN").is_some_and(|wanted| !wanted.is_empty())
}

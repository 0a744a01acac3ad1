//! Why a case ends before its end.

use std::panic::Location;

use edgezero_store_traits::{BoxError, KvError};

use super::Mismatch;
use crate::fixture::Declined;

/// Why a case ends before its end: it failed, or it does not apply.
///
/// Any error becomes a `Stop` by `?`: a failure at the line of the `?`. A helper that
/// several cases share returns `Result<_, BoxError>`; then a failed check in it is
/// reported at the case's line. [`Declined`] excludes the case.
#[derive(Debug)]
pub struct Stop {
    pub(super) why: Why,
    pub(super) at: &'static Location<'static>,
}

#[derive(Debug)]
pub(super) enum Why {
    Excluded(String),
    /// The platform cannot hold a key or a value of the case.
    PlatformLimit(String),
    Failed(String),
}

impl Stop {
    /// The case fails here, with this message.
    #[track_caller]
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            why: Why::Failed(message.into()),
            at: Location::caller(),
        }
    }

    /// The case does not apply to the backend, for this reason.
    #[track_caller]
    pub fn excluded(reason: impl Into<String>) -> Self {
        Self {
            why: Why::Excluded(reason.into()),
            at: Location::caller(),
        }
    }
}

/// An error that a case did not expect, with all its causes.
impl<E: Into<BoxError>> From<E> for Stop {
    #[track_caller]
    fn from(error: E) -> Self {
        let error = error.into();
        let why = if let Some(declined) = error.downcast_ref::<Declined>() {
            Why::Excluded(declined.to_string())
        } else if let Some(mismatch) = error.downcast_ref::<Mismatch>() {
            Why::Failed(mismatch.to_string())
        } else if let Some(KvError::PlatformLimit { .. }) = error.downcast_ref() {
            Why::PlatformLimit(error.to_string())
        } else {
            Why::Failed(unexpected(&error))
        };
        Self {
            why,
            at: Location::caller(),
        }
    }
}

fn unexpected(error: &BoxError) -> String {
    let mut message = format!("unexpected error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!("\n  because: {cause}"));
        source = cause.source();
    }
    message
}

//! What Spin's host says of a failure, without what it quotes.
//!
//! The host's text is the Debug form of an error of SQLite, Redis, DynamoDB or
//! Cosmos. It can hold the value that was written, as text, escaped or in base64. So
//! the adapter keeps the codes that it knows, and nothing else of the text.

use std::fmt;

/// What a failure means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::component) enum Kind {
    /// Another writer was faster, or the platform is busy. Nothing was written.
    Busy,
    /// The platform cannot be reached, or does not serve the call now. It may have
    /// carried it out.
    NotReached,
    /// The platform does not take this key or this value.
    Refused,
    /// Anything else.
    Broken,
}

/// Texts of which nothing comes before: so a key or a value that the host quotes
/// cannot pass for one of them. A call that failed like this wrote nothing, and may be
/// made again.
const BUSY: &[(&str, &str)] = &[
    ("SqliteFailure(Error { code: DatabaseBusy", "DatabaseBusy"),
    (
        "SqliteFailure(Error { code: DatabaseLocked",
        "DatabaseLocked",
    ),
    (
        "ServiceError(ServiceError { source: TransactionCanceledException(",
        "TransactionCanceledException",
    ),
    (
        "ServiceError(ServiceError { source: TransactionInProgressException(",
        "TransactionInProgressException",
    ),
    ("too many requests", "too many requests"),
];

/// Codes that a text may hold anywhere, by the backend that uses them.
const CODES: &[(&str, Kind)] = &[
    // Spin itself.
    ("too many compare_and_swaps opened", Kind::NotReached),
    ("store table full", Kind::NotReached),
    ("Key contains an illegal character", Kind::Refused),
    ("query result exceeds limit", Kind::Broken),
    // SQLite.
    ("DatabaseBusy", Kind::NotReached),
    ("DatabaseLocked", Kind::NotReached),
    ("DiskFull", Kind::NotReached),
    ("CannotOpen", Kind::NotReached),
    ("SystemIoFailure", Kind::NotReached),
    ("ReadOnly", Kind::NotReached),
    ("PermissionDenied", Kind::NotReached),
    ("OutOfMemory", Kind::NotReached),
    ("FileLockingProtocolFailed", Kind::NotReached),
    ("TooBig", Kind::Refused),
    ("DatabaseCorrupt", Kind::Broken),
    ("NotADatabase", Kind::Broken),
    ("InvalidColumnType", Kind::Broken),
    // DynamoDB.
    ("TransactionCanceledException", Kind::NotReached),
    ("TransactionConflictException", Kind::NotReached),
    ("ProvisionedThroughputExceededException", Kind::NotReached),
    ("ThrottlingException", Kind::NotReached),
    ("RequestLimitExceeded", Kind::NotReached),
    ("InternalServerError", Kind::NotReached),
    ("ServiceUnavailable", Kind::NotReached),
    ("DispatchFailure", Kind::NotReached),
    ("TimeoutError", Kind::NotReached),
    ("ResponseError", Kind::NotReached),
    ("ConstructionFailure", Kind::NotReached),
    ("ResourceNotFoundException", Kind::NotReached),
    ("UnrecognizedClientException", Kind::NotReached),
    ("AccessDeniedException", Kind::NotReached),
    ("ValidationException", Kind::Refused),
    ("UnknownOperationException", Kind::Broken),
    // Cosmos.
    ("TooManyRequests", Kind::NotReached),
    ("RequestTimeout", Kind::NotReached),
    ("GatewayTimeout", Kind::NotReached),
    ("Unauthorized", Kind::NotReached),
    ("Forbidden", Kind::NotReached),
    ("RequestEntityTooLarge", Kind::Refused),
    ("PayloadTooLarge", Kind::Refused),
    // Redis, and the connection to it.
    ("Connection refused", Kind::NotReached),
    ("Connection reset", Kind::NotReached),
    ("onnection closed", Kind::NotReached),
    ("roken pipe", Kind::NotReached),
    ("timed out", Kind::NotReached),
    ("unexpected end of file", Kind::NotReached),
    ("driver unexpectedly terminated", Kind::NotReached),
    ("LOADING", Kind::NotReached),
    ("MASTERDOWN", Kind::NotReached),
    ("CLUSTERDOWN", Kind::NotReached),
    ("READONLY", Kind::NotReached),
    ("MISCONF", Kind::NotReached),
    ("NOAUTH", Kind::NotReached),
    ("WRONGPASS", Kind::NotReached),
    ("AuthenticationFailed", Kind::NotReached),
    ("OOM", Kind::NotReached),
    ("WRONGTYPE", Kind::Broken),
];

/// A failure of Spin's host, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::component) struct HostError {
    kind: Kind,
    codes: Vec<&'static str>,
}

impl HostError {
    /// What the adapter knows of this text of the host.
    pub(in crate::component) fn of(text: &str) -> Self {
        let busy = BUSY.iter().find(|(start, _)| text.starts_with(start));
        if let Some((_, code)) = busy {
            return Self {
                kind: Kind::Busy,
                codes: vec![code],
            };
        }
        let found = CODES.iter().filter(|(code, _)| text.contains(code));
        let (codes, kinds): (Vec<_>, Vec<_>) = found.copied().unzip();
        Self {
            // The first in the table: the most telling one.
            kind: kinds.first().copied().unwrap_or(Kind::Broken),
            codes,
        }
    }

    pub(in crate::component) fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.codes.is_empty() {
            f.write_str("Spin's host reports an error that this adapter does not know")
        } else {
            write!(f, "Spin's host reports {}", self.codes.join(", "))
        }
    }
}

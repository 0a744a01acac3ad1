//! Errors with the text that Azure's SDK gives them: the `Debug` output of its types,
//! which are rebuilt here by name and field.
#![allow(dead_code, reason = "the fields are read by Debug")]

use std::collections::HashMap;
use std::fmt;

use crate::backend::Failure;

/// An error of Azure's SDK.
#[derive(Debug)]
pub(super) struct CosmosError(Error);

impl CosmosError {
    /// The HTTP status, where the service answered one.
    pub(super) fn status(&self) -> Option<u16> {
        match &self.0.context {
            Context::Full(custom, _) => match &custom.error {
                Cause::Http(error) => Some(error.status.number()),
                Cause::Request(_) => None,
            },
            Context::Custom(_) => None,
        }
    }
}

impl From<CosmosError> for Failure {
    fn from(error: CosmosError) -> Self {
        Self::other(error.0)
    }
}

#[derive(Debug)]
struct Error {
    context: Context,
}

#[derive(Debug)]
enum Context {
    Custom(CustomJson),
    Full(Box<Custom>, String),
}

#[derive(Debug)]
struct Custom {
    kind: ErrorKind,
    error: Cause,
}

/// [`Custom`] of a reply that is not as Spin expects it.
struct CustomJson(serde_json::Error);

impl fmt::Debug for CustomJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom")
            .field("kind", &ErrorKind::DataConversion)
            .field("error", &self.0)
            .finish()
    }
}

#[derive(Debug)]
enum ErrorKind {
    HttpResponse {
        status: StatusCode,
        error_code: Option<&'static str>,
    },
    DataConversion,
    Other,
}

enum Cause {
    Http(HttpError),
    Request(&'static str),
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::Request(error) => f.write_str(error),
        }
    }
}

#[derive(Debug)]
struct HttpError {
    status: StatusCode,
    details: ErrorDetails,
    headers: Headers,
    body: bytes::Bytes,
}

#[derive(Debug)]
struct ErrorDetails {
    code: Option<&'static str>,
    message: Option<String>,
}

#[derive(Debug)]
struct Headers(HashMap<&'static str, &'static str>);

#[derive(Clone, Copy, Debug)]
enum StatusCode {
    BadRequest,
    Unauthorized,
    NotFound,
    Conflict,
    PreconditionFailed,
    PayloadTooLarge,
}

impl StatusCode {
    fn number(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
            Self::PayloadTooLarge => 413,
        }
    }
}

pub(super) fn bad_request(message: &str) -> CosmosError {
    http(StatusCode::BadRequest, "BadRequest", message)
}

/// A path that was signed otherwise than the service reads it.
pub(super) fn unauthorized() -> CosmosError {
    let message = "The input authorization token can't serve the request. The wrong key is being \
                   used or the expected payload is not built as per the protocol.";
    http(StatusCode::Unauthorized, "Unauthorized", message)
}

pub(super) fn not_found() -> CosmosError {
    let message = "Entity with the specified id does not exist in the system.";
    http(StatusCode::NotFound, "NotFound", message)
}

pub(super) fn conflict() -> CosmosError {
    let message = "Entity with the specified id already exists in the system.";
    http(StatusCode::Conflict, "Conflict", message)
}

pub(super) fn precondition_failed() -> CosmosError {
    let message = "Operation cannot be performed because one of the specified precondition is not \
                   met.";
    http(
        StatusCode::PreconditionFailed,
        "PreconditionFailed",
        message,
    )
}

pub(super) fn too_large() -> CosmosError {
    let message = "Request size is too large";
    http(
        StatusCode::PayloadTooLarge,
        "RequestEntityTooLarge",
        message,
    )
}

/// A key that no header can hold: the request is not sent.
pub(super) fn no_header() -> CosmosError {
    CosmosError(Error {
        context: Context::Full(
            Box::new(Custom {
                kind: ErrorKind::Other,
                error: Cause::Request(
                    "reqwest::Error { kind: Builder, source: http::Error(InvalidHeaderValue) }",
                ),
            }),
            "failed to build `reqwest` request".to_owned(),
        ),
    })
}

/// A document that has another form than Spin expects.
pub(super) fn unexpected(error: serde_json::Error) -> CosmosError {
    CosmosError(Error {
        context: Context::Custom(CustomJson(error)),
    })
}

fn http(status: StatusCode, code: &'static str, message: &str) -> CosmosError {
    let body = serde_json::json!({ "code": code, "message": message });
    CosmosError(Error {
        context: Context::Full(
            Box::new(Custom {
                kind: ErrorKind::HttpResponse {
                    status,
                    error_code: Some(code),
                },
                error: Cause::Http(HttpError {
                    status,
                    details: ErrorDetails {
                        code: Some(code),
                        message: Some(message.to_owned()),
                    },
                    headers: Headers(HashMap::from([("content-type", "[redacted]")])),
                    body: body.to_string().into(),
                }),
            }),
            format!(
                "server returned error status which will not be retried: {}",
                status.number()
            ),
        ),
    })
}

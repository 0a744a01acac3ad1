//! Errors with the text that the AWS SDK gives them: the `Debug` output of its types,
//! which are rebuilt here by name and field.
#![allow(dead_code, reason = "the fields are read by Debug")]

use std::collections::HashMap;

use crate::backend::Failure;

const REQUEST_ID: &str = "3F5DTBNKM1VGHJKQK0E9S7J3VVVV4KQNSO5AEMVJF66Q9ASUAAJG";

#[derive(Debug)]
enum SdkError<E> {
    ServiceError(ServiceError<E>),
}

#[derive(Debug)]
struct ServiceError<E> {
    source: E,
    raw: Response,
}

#[derive(Debug)]
enum OperationError {
    TransactionCanceledException(TransactionCanceledException),
    Unhandled(Unhandled),
}

#[derive(Debug)]
struct TransactionCanceledException {
    message: Option<String>,
    cancellation_reasons: Option<Vec<CancellationReason>>,
    meta: ErrorMetadata,
}

#[derive(Debug)]
struct CancellationReason {
    item: Option<()>,
    code: Option<&'static str>,
    message: Option<&'static str>,
}

#[derive(Debug)]
struct Unhandled {
    source: ErrorMetadata,
    meta: ErrorMetadata,
}

#[derive(Clone, Debug)]
struct ErrorMetadata {
    code: Option<&'static str>,
    message: Option<String>,
    extras: Option<HashMap<&'static str, &'static str>>,
}

#[derive(Debug)]
struct Response {
    status: StatusCode,
    headers: Headers,
    body: SdkBody,
    extensions: Extensions,
}

#[derive(Debug)]
struct StatusCode(u16);

#[derive(Debug)]
struct Headers {
    headers: HashMap<&'static str, HeaderValue>,
}

#[derive(Debug)]
struct HeaderValue {
    _private: Inner,
}

#[derive(Debug)]
enum Inner {
    H0(&'static str),
}

#[derive(Debug)]
struct SdkBody {
    inner: Body,
    retryable: bool,
}

#[derive(Debug)]
enum Body {
    Once(Option<bytes::Bytes>),
}

#[derive(Debug)]
struct Extensions {
    extensions_02x: http_02x::Extensions,
    extensions_1x: http::Extensions,
}

mod http_02x {
    #[derive(Debug)]
    pub(super) struct Extensions;
}

/// A request that the service refuses as it stands.
pub(super) fn validation(message: &str) -> Failure {
    unhandled("ValidationException", Some(message))
}

/// A server that does not know `TransactWriteItems`.
pub(super) fn unknown_operation() -> Failure {
    unhandled("UnknownOperationException", None)
}

/// A transaction that wrote nothing.
pub(super) fn canceled(code: &'static str, reason: &'static str) -> Failure {
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{code}]"
    );
    let body = serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": [{ "Code": code, "Message": reason }],
        "Message": &message,
    });
    service_error(
        OperationError::TransactionCanceledException(TransactionCanceledException {
            message: Some(message.clone()),
            cancellation_reasons: Some(vec![CancellationReason {
                item: None,
                code: Some(code),
                message: Some(reason),
            }]),
            meta: metadata("TransactionCanceledException", Some(message)),
        }),
        &body,
    )
}

fn unhandled(code: &'static str, message: Option<&str>) -> Failure {
    let mut body = serde_json::json!({ "__type": format!("com.amazon.coral.validate#{code}") });
    if let Some(message) = message {
        body["message"] = message.into();
    }
    let meta = metadata(code, message.map(str::to_owned));
    service_error(
        OperationError::Unhandled(Unhandled {
            source: meta.clone(),
            meta,
        }),
        &body,
    )
}

fn metadata(code: &'static str, message: Option<String>) -> ErrorMetadata {
    ErrorMetadata {
        code: Some(code),
        message,
        extras: Some(HashMap::from([("aws_request_id", REQUEST_ID)])),
    }
}

fn service_error(source: OperationError, body: &serde_json::Value) -> Failure {
    let header = |value| HeaderValue {
        _private: Inner::H0(value),
    };
    Failure::other(SdkError::ServiceError(ServiceError {
        source,
        raw: Response {
            status: StatusCode(400),
            headers: Headers {
                headers: HashMap::from([
                    ("content-type", header("application/x-amz-json-1.0")),
                    ("x-amzn-requestid", header(REQUEST_ID)),
                ]),
            },
            body: SdkBody {
                inner: Body::Once(Some(body.to_string().into())),
                retryable: true,
            },
            extensions: Extensions {
                extensions_02x: http_02x::Extensions,
                extensions_1x: http::Extensions::new(),
            },
        },
    }))
}

//! Store errors as answers to a request: a JSON problem (RFC 9457) that tells the
//! client the status and nothing of the app, and the whole story for the log.

use std::error::Error;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::{FetchError, StartError};
use crate::{AppConfigError, ConfigError, KvError, SecretError};

/// What went wrong, in the extensions of a response, for whoever runs the app to
/// log. It may name keys and files; it never holds a value or a secret.
#[derive(Clone, Debug)]
pub struct ErrorReport(pub String);

macro_rules! into_response {
    ($($error:ty),*) => {$(
        impl IntoResponse for $error {
            fn into_response(self) -> Response {
                problem(self.status(), self.kind(), &self)
            }
        }
    )*};
}

into_response!(
    KvError,
    ConfigError,
    SecretError,
    AppConfigError,
    FetchError
);

impl IntoResponse for StartError {
    fn into_response(self) -> Response {
        problem(500, "start", &self)
    }
}

pub(super) fn problem(status: u16, code: &str, error: &dyn Error) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // None of it needs to be escaped.
    let body = format!(
        r#"{{"type":"about:blank","title":"{}","status":{},"code":"{code}"}}"#,
        status.canonical_reason().unwrap_or("Error"),
        status.as_u16(),
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response.extensions_mut().insert(ErrorReport(chain(error)));
    response
}

/// An error with all its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_learns_the_status_and_the_log_the_story() {
        let error = KvError::Unavailable {
            message: "cannot open the store \"sessions\"".to_owned(),
            source: Some("spin.toml".into()),
        };
        let response = error.into_response();
        assert_eq!(response.status(), 503);
        let report = response.extensions().get::<ErrorReport>().unwrap();
        assert_eq!(report.0, "cannot open the store \"sessions\": spin.toml");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
    }
}

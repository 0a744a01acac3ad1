//! Requests that an app sends to other servers.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode, Uri};

use super::AppError;

/// The longest body of an answer that is read, in bytes: 10 MiB.
pub const MAX_FETCHED_BYTES: usize = 10 * 1024 * 1024;

/// How a platform sends a request.
#[async_trait]
pub trait SendRequest: Send + Sync {
    /// Sends a request and reads its answer, of whatever status, as [`Fetch::send`] has it.
    /// The URL was checked: it is of http or https and has a host.
    async fn send(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>, FetchError>;
}

/// Sends requests over http and https, in Spin and on the host alike.
///
/// In Spin `allowed_outbound_hosts` of the component in spin.toml says which servers may be
/// asked, and the host keeps to it. Both need the feature `fetch` of their adapter. A test
/// gives a handler one of its own with [`Fetch::new`].
///
/// ```
/// use axum::http::Request;
/// use edgezero_store_traits::AppError;
/// use edgezero_store_traits::app::Fetch;
///
/// async fn weather(fetch: Fetch) -> Result<String, AppError> {
///     let request = Request::get("https://weather.example/today").body("")?;
///     let answer = fetch.send(request).await?;
///     Ok(format!("{}: {} bytes", answer.status(), answer.body().len()))
/// }
/// ```
#[derive(Clone)]
pub struct Fetch(Arc<dyn SendRequest>);

impl Fetch {
    /// Requests as `platform` sends them.
    pub fn new(platform: impl SendRequest + 'static) -> Self {
        Self(Arc::new(platform))
    }

    /// Sends a request and reads the answer whole, up to [`MAX_FETCHED_BYTES`].
    ///
    /// An answer of any status is an answer: 404 and 500 are no errors, and a redirect is
    /// not followed.
    ///
    /// # Errors
    /// [`FetchError`]. No message has more of the URL than its scheme, host and port.
    pub async fn send<B: Into<Bytes>>(
        &self,
        request: Request<B>,
    ) -> Result<http::Response<Bytes>, FetchError> {
        server_of(request.uri())?;
        self.0.send(request.map(Into::into)).await
    }
}

/// Why a request was not answered. Its text has the server, and nothing else of the request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It is not a request that could be sent (500).
    #[error("cannot send a request: {message}")]
    Invalid {
        /// What is wrong with it.
        message: String,
    },

    /// The component may not ask this server (500).
    #[error(
        "the app may not send a request to {server}: add \"{server}\" to \
         `allowed_outbound_hosts` of the component in spin.toml"
    )]
    Denied {
        /// As [`server_of`] gives it.
        server: String,
    },

    /// There was no answer (502).
    #[error("{server} did not answer a request: {reason}")]
    NoAnswer {
        /// As [`server_of`] gives it.
        server: String,
        /// Why, in the platform's words.
        reason: String,
    },

    /// The answer's body is over [`MAX_FETCHED_BYTES`] (502).
    #[error("{server} answered with more than {MAX_FETCHED_BYTES} bytes (10 MiB)")]
    TooLarge {
        /// As [`server_of`] gives it.
        server: String,
    },
}

impl FetchError {
    /// The HTTP status that fits: 500 or 502.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } | Self::Denied { .. } => 500,
            Self::NoAnswer { .. } | Self::TooLarge { .. } => 502,
        }
    }

    /// The variant's name in lower case, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "fetch_invalid",
            Self::Denied { .. } => "fetch_denied",
            Self::NoAnswer { .. } => "fetch_no_answer",
            Self::TooLarge { .. } => "fetch_too_large",
        }
    }
}

/// The URL's scheme, host and port, for messages: without a user's name, path and query,
/// which may hold a secret.
///
/// # Errors
/// [`FetchError::Invalid`] for a URL of another scheme than http and https, or without a
/// host.
pub fn server_of(url: &Uri) -> Result<String, FetchError> {
    let invalid = |message: &str| FetchError::Invalid {
        message: message.to_owned(),
    };
    let scheme = url.scheme_str().filter(|s| ["http", "https"].contains(s));
    let scheme =
        scheme.ok_or_else(|| invalid("its URL does not start with http:// or https://"))?;
    let host = url.host().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| invalid("its URL has no host"))?;
    Ok(match url.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

impl<S: Sync> FromRequestParts<S> for Fetch {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get().cloned().ok_or_else(|| {
            let message = "the app sends requests, which needs the feature `fetch` of \
                           edgezero-adapter-spin and of edgezero-store-sqlite";
            AppError::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        })
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch").finish_non_exhaustive()
    }
}

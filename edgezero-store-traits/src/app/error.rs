//! One error for handlers.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::FetchError;
use super::response::problem;
use crate::{AppConfigError, ConfigError, KvError, SecretError};

/// What a handler fails with: any error of a store by `?`, or an answer of the app's own.
///
/// The client gets a JSON problem (RFC 9457) with the status and no more. The log gets the
/// error with its causes, by [`ErrorReport`](super::ErrorReport).
///
/// ```
/// use axum::http::StatusCode;
/// use edgezero_store_traits::AppError;
/// use edgezero_store_traits::app::{Config, Kv};
///
/// async fn greeting(kv: Kv, config: Config) -> Result<String, AppError> {
///     let greeting = config.default().await?.require("greeting").await?;
///     match kv.default().await?.get::<String>("name").await? {
///         Some(name) => Ok(format!("{greeting}, {name}")),
///         None => Err(AppError::new(StatusCode::NOT_FOUND, "nobody to greet")),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// A key-value store failed.
    #[error(transparent)]
    Kv(#[from] KvError),

    /// A configuration store failed.
    #[error(transparent)]
    Config(#[from] ConfigError),

    /// A secret store failed.
    #[error(transparent)]
    Secret(#[from] SecretError),

    /// The configuration could not be read as a struct.
    #[error(transparent)]
    Typed(#[from] AppConfigError),

    /// Another server was not asked, or did not answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),

    /// The app's own answer.
    #[error("{message}")]
    #[non_exhaustive]
    Answer {
        /// The status of the answer.
        status: StatusCode,
        /// Why, for the log. It may name a key; put no value and no secret into it.
        message: String,
    },
}

impl AppError {
    /// The app's own answer: the client gets the status, the log the message too. Put no
    /// value and no secret into it.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Answer { status, message }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        let status = match self {
            Self::Kv(error) => error.status(),
            Self::Config(error) => error.status(),
            Self::Secret(error) => error.status(),
            Self::Typed(error) => error.status(),
            Self::Fetch(error) => error.status(),
            Self::Answer { status, .. } => return *status,
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A request that cannot be built, of a URL that is none, say.
impl From<http::Error> for AppError {
    fn from(error: http::Error) -> Self {
        Self::Fetch(FetchError::Invalid {
            message: error.to_string(),
        })
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::Kv(error) => error.into_response(),
            Self::Config(error) => error.into_response(),
            Self::Secret(error) => error.into_response(),
            Self::Typed(error) => error.into_response(),
            Self::Fetch(error) => error.into_response(),
            Self::Answer { status, .. } => problem(status.as_u16(), "app", &self),
        }
    }
}

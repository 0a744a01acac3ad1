//! Whose request it is.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::AppError;

/// The address of the client whose request a handler answers, without its port.
///
/// It is the other end of the connection: behind a proxy, or on a cloud, that is the proxy.
/// No header of the request can change it.
///
/// ```
/// use edgezero_store_traits::app::ClientAddress;
///
/// async fn who(ClientAddress(address): ClientAddress) -> String {
///     address.to_string()
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl From<SocketAddr> for ClientAddress {
    /// An IPv4 address that stands in an IPv6 one is given as IPv4.
    fn from(address: SocketAddr) -> Self {
        Self(address.ip().to_canonical())
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get().copied().ok_or_else(|| {
            let message = "the platform did not say which client sent the request";
            AppError::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        })
    }
}

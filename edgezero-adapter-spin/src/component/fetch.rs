//! Requests to other servers, by spin-sdk's client.

use std::error::Error;

use async_trait::async_trait;
use bytes::Bytes;
use edgezero_store_traits::app::axum;
use edgezero_store_traits::app::axum::body::{Body, to_bytes};
use edgezero_store_traits::app::axum::http::header::CONTENT_LENGTH;
use edgezero_store_traits::app::axum::http::{Extensions, Request, Response};
use edgezero_store_traits::app::{Fetch, FetchError, MAX_FETCHED_BYTES, SendRequest, server_of};
use http_body_util::LengthLimitError;
use spin_sdk::http::{FullBody, send};
use spin_sdk::wasip3::http::types::ErrorCode;

/// Lets the app's handlers send requests.
pub(super) fn insert(extensions: &mut Extensions) {
    extensions.insert(Fetch::new(SpinClient));
}

struct SpinClient;

#[async_trait]
impl SendRequest for SpinClient {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let server = server_of(request.uri())?;
        let length = request.body().len();
        if length > 0 {
            // Else Spin sends the body in chunks, which not every server takes.
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        let answer = match send(request.map(FullBody::new)).await {
            Ok(answer) => answer,
            Err(ErrorCode::HttpRequestDenied) => return Err(FetchError::Denied { server }),
            Err(code) => {
                let reason = name(&code);
                return Err(FetchError::NoAnswer { server, reason });
            }
        };
        let (parts, body) = answer.into_parts();
        match to_bytes(Body::new(body), MAX_FETCHED_BYTES).await {
            Ok(body) => Ok(Response::from_parts(parts, body)),
            Err(error) if is_too_long(&error) => Err(FetchError::TooLarge { server }),
            Err(_) => Err(FetchError::NoAnswer {
                server,
                reason: "its answer was broken off".to_owned(),
            }),
        }
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    error
        .source()
        .is_some_and(|cause| cause.is::<LengthLimitError>())
}

/// The name of a code, without the texts in it: they may quote the request.
fn name(code: &ErrorCode) -> String {
    let text = format!("{code:?}");
    let name = text.split(|c: char| !c.is_ascii_alphanumeric()).next();
    name.unwrap_or_default().to_owned()
}

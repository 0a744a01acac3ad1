//! Requests to other servers, to those that Spin would allow.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Request, Response};
use axum::{Extension, Router};
use bytes::Bytes;
use edgezero_spin_app::{Component, OutboundHosts};
use edgezero_store_traits::app::{Fetch, FetchError, MAX_FETCHED_BYTES, SendRequest, server_of};
use ureq::{Agent, Error};

/// How long an answer may take as a whole.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Lets the app's handlers send requests.
pub(super) fn layer(router: Router, component: &Component) -> Router {
    let agent = Agent::config_builder()
        // As Spin: an answer is an answer, and nothing is added to a request.
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .build()
        .new_agent();
    router.layer(Extension(Fetch::new(HostClient {
        agent,
        allowed: component.outbound_hosts().clone(),
    })))
}

struct HostClient {
    agent: Agent,
    allowed: OutboundHosts,
}

#[async_trait]
impl SendRequest for HostClient {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let server = server_of(request.uri())?;
        if !self.allowed.allow(&server) {
            return Err(FetchError::Denied { server });
        }
        let agent = self.agent.clone();
        let sent = tokio::task::spawn_blocking(move || send(&agent, request)).await;
        let failed = |reason: String| FetchError::NoAnswer {
            server: server.clone(),
            reason,
        };
        match sent {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Error::BodyExceedsLimit(_))) => Err(FetchError::TooLarge { server }),
            Ok(Err(error)) => Err(failed(reason(&error))),
            Err(_) => Err(failed("the request was broken off".to_owned())),
        }
    }
}

fn send(agent: &Agent, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
    let answer = if request.body().is_empty() {
        agent.run(request.map(drop))?
    } else {
        agent.run(request.map(Vec::from))?
    };
    let (parts, body) = answer.into_parts();
    let limit = u64::try_from(MAX_FETCHED_BYTES).unwrap_or(u64::MAX);
    let body = body.into_with_config().limit(limit).read_to_vec()?;
    Ok(Response::from_parts(parts, body.into()))
}

/// Why, without the URL, which may hold a secret.
fn reason(error: &Error) -> String {
    match error {
        Error::BadUri(_) => "its URL cannot be used".to_owned(),
        Error::Io(error) => error.to_string(),
        Error::Timeout(_) => format!("it took longer than {} seconds", TIMEOUT.as_secs()),
        other => other.to_string(),
    }
}

//! A component, ready to answer requests.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use tokio::sync::oneshot;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::handler::{Proxy, ProxyHandler, ProxyPre};
use wasmtime_wasi_http::p3;

use crate::builder::SpinHostBuilder;
use crate::calls::Calls;
use crate::instance::{Config, Instances, State};
use crate::manifest;
use crate::runtime::runtime;

/// How long an ended instance may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A Spin component that runs in this process.
///
/// An instance is made when a request finds none that takes it. It serves 128 requests,
/// up to 16 of them at the same time, and is dropped after a second without one. An
/// instance takes another request only while all of its own wait for something that does
/// not hold the whole instance, as a call on SQLite does: under load several instances
/// run side by side, each with statics of its own. That is Spin 4.0, and 4.1 with a guest
/// of WASI 0.3.0; a guest of the release candidate of March 2026 (spin-sdk 6.0) gets a
/// new instance for each request from Spin 4.1, which is
/// [`requests_per_instance(1)`](SpinHostBuilder::requests_per_instance).
///
/// A trap ends an instance and each request in it, and so does a panic of Spin's host
/// ([`Failure::Panic`](crate::backend::Failure::Panic)); other instances live on, and the
/// next request gets a new one.
pub struct SpinHost {
    handler: ProxyHandler<Instances>,
    config: Arc<Config>,
}

impl SpinHost {
    /// Starts to describe the host of the component in this file.
    pub fn builder(component: impl Into<PathBuf>) -> SpinHostBuilder {
        SpinHostBuilder::new(component.into())
    }

    pub(crate) fn new(instances: ProxyPre<State>, config: Config) -> Self {
        let config = Arc::new(config);
        Self {
            handler: ProxyHandler::new(Instances(config.clone()), instances),
            config,
        }
    }

    /// Describes the host that `spin up` would make of this manifest and runtime
    /// config file, run in the manifest's folder with an empty environment: see
    /// [`SpinHostBuilder`] for what the two set. The manifest has one component. A table
    /// of DynamoDB and a container of Cosmos DB are in this process's memory, one for each
    /// name: see [`SpinHostBuilder::dynamo_table`] and
    /// [`SpinHostBuilder::cosmos_container`].
    ///
    /// # Errors
    /// [`HostError`] when a file cannot be read or says what Spin would refuse.
    pub fn from_manifest(
        spin_toml: &Path,
        runtime_config: Option<&Path>,
    ) -> Result<SpinHostBuilder, HostError> {
        manifest::read(spin_toml, runtime_config).map_err(HostError::new)
    }

    /// Has the component answer a request. Only the path and the query of its URI
    /// matter.
    ///
    /// # Errors
    /// [`HostError`] when the component traps or ends without an answer, with what
    /// it wrote to stderr.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HostError> {
        let (handler, config) = (self.handler.clone(), self.config.clone());
        let handled = runtime().spawn(handle(handler, config, request));
        let handled = handled.await.map_err(|error| error.to_string());
        handled.and_then(|answer| answer).map_err(|reason| {
            HostError(format!(
                "the component did not answer: {reason}\nits stderr: {}",
                self.stderr()
            ))
        })
    }

    /// What the component asked of this host, and the faults it will meet.
    pub fn calls(&self) -> &Calls {
        &self.config.calls
    }

    /// The most linear memory that an instance had so far, in bytes.
    pub fn memory(&self) -> usize {
        self.config.memory.load(Ordering::Relaxed)
    }

    /// What the component wrote to stderr so far, up to 1 MiB.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.config.stderr.contents()).into_owned()
    }

    /// How many instances there were so far.
    pub fn instances(&self) -> usize {
        self.config.instances.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for SpinHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpinHost").finish_non_exhaustive()
    }
}

async fn handle(
    handler: ProxyHandler<Instances>,
    config: Arc<Config>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, String> {
    let (sender, receiver) = oneshot::channel();
    let request = from_localhost(request)?;
    let mut ends = config.ends.subscribe();
    let before = ends.borrow().len();
    handler.spawn(
        None,
        Box::new(move |accessor, proxy| {
            Box::pin(async move {
                let answer = answer(accessor, proxy, request).await;
                // Whoever asked may be gone.
                let _ = sender.send(answer);
            })
        }),
    );
    if let Ok(answer) = receiver.await {
        return answer.map_err(|error| format!("{error:?}"));
    }
    let ended = ends.wait_for(|ends| ends.len() > before);
    let ended = tokio::time::timeout(LAST_WORDS, ended).await;
    let reason = ended.ok().and_then(Result::ok);
    Err(reason
        .and_then(|ends| ends.last().cloned())
        .unwrap_or_else(|| "its instance ended".to_owned()))
}

async fn answer(
    accessor: &Accessor<State>,
    proxy: &Proxy,
    request: Request<Bytes>,
) -> wasmtime::Result<Response<Bytes>> {
    let Proxy::P3(service) = proxy;
    let (request, sent) = p3::Request::from_http(request.map(Full::new));
    let received = async {
        let response = service.handle(accessor, request).await??;
        let response =
            accessor.with(|mut access| response.into_http(&mut access, async { Ok(()) }))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        wasmtime::error::Ok(Response::from_parts(parts, body))
    };
    let sent = async {
        sent.await?;
        wasmtime::error::Ok(())
    };
    let (response, ()) = futures_util::future::try_join(received, sent).await?;
    Ok(response)
}

/// A component is handed absolute URIs.
fn from_localhost(mut request: Request<Bytes>) -> Result<Request<Bytes>, String> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(Authority::from_static("localhost"));
    *request.uri_mut() =
        Uri::from_parts(uri).map_err(|error| format!("the request's URI has no path: {error}"))?;
    Ok(request)
}

/// Why a component did not run.
#[derive(Debug)]
pub struct HostError(String);

impl HostError {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HostError {}

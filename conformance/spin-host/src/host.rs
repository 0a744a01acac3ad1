//! A component, ready to answer requests.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use tokio::sync::oneshot;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::handler::{Proxy, ProxyHandler};
use wasmtime_wasi_http::p3;

use crate::calls::{Calls, Fault};
use crate::component;
use crate::instance::{Config, Instances, State, output_pipe};
use crate::manifest;
use crate::storage::{Files, Location, MAX_REPLY_BYTES};

/// A Spin component that runs in this process.
///
/// An instance is made at the first request and serves those that follow, some of
/// them at the same time, as in Spin; a trap ends it, and the next request gets a
/// new one.
pub struct SpinHost {
    handler: ProxyHandler<Instances>,
    config: Arc<Config>,
}

impl SpinHost {
    /// Starts to describe the host of the component in this file.
    pub fn builder(component: impl Into<PathBuf>) -> SpinHostBuilder {
        SpinHostBuilder {
            component: component.into(),
            labels: HashMap::new(),
            variables: HashMap::new(),
            faults: HashMap::new(),
            environment: Vec::new(),
            max_memory: None,
            max_reply: MAX_REPLY_BYTES,
        }
    }

    /// Describes the host that `spin up` would make of this manifest and runtime
    /// config file: see [`SpinHostBuilder`] for what the two set. The manifest has
    /// one component; other types of key-value store than `spin` and other
    /// providers of variables than `static` are refused.
    ///
    /// # Errors
    /// [`HostError`] when a file cannot be read or says what Spin would refuse.
    pub fn from_manifest(
        spin_toml: &Path,
        runtime_config: Option<&Path>,
    ) -> Result<SpinHostBuilder, HostError> {
        manifest::read(spin_toml, runtime_config).map_err(HostError)
    }

    /// Has the component answer a request. Only the path and the query of its URI
    /// matter. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`HostError`] when the component traps or ends without an answer, with what
    /// it wrote to stderr.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HostError> {
        let (sender, receiver) = oneshot::channel();
        let request = from_localhost(request)?;
        self.handler.spawn(
            None,
            Box::new(move |accessor, proxy| {
                Box::pin(async move {
                    let answer = answer(accessor, proxy, request).await;
                    // Who asked may be gone.
                    let _ = sender.send(answer);
                })
            }),
        );
        match receiver.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.failed(Some(format!("{error:?}")))),
            Err(_) => Err(self.failed(None)),
        }
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

    fn failed(&self, reason: Option<String>) -> HostError {
        let traps = self
            .config
            .traps
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        HostError(format!(
            "the component did not answer: {}\nits stderr: {}",
            reason
                .as_ref()
                .or(traps.last())
                .map_or("its instance ended", String::as_str),
            self.stderr()
        ))
    }
}

impl fmt::Debug for SpinHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpinHost").finish_non_exhaustive()
    }
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
fn from_localhost(mut request: Request<Bytes>) -> Result<Request<Bytes>, HostError> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(Authority::from_static("localhost"));
    *request.uri_mut() = Uri::from_parts(uri)
        .map_err(|error| HostError(format!("the request's URI has no path: {error}")))?;
    Ok(request)
}

/// Describes a host: what `spin.toml` and the runtime config say under Spin.
#[derive(Clone, Debug)]
pub struct SpinHostBuilder {
    component: PathBuf,
    labels: HashMap<String, Location>,
    variables: HashMap<String, String>,
    faults: HashMap<String, Vec<Fault>>,
    environment: Vec<(String, String)>,
    max_memory: Option<usize>,
    max_reply: usize,
}

impl SpinHostBuilder {
    /// Lets the component use the label, kept in this SQLite file. Files are
    /// opened when a label is; several labels may share one.
    #[must_use]
    pub fn key_value(mut self, label: &str, file: impl AsRef<Path>) -> Self {
        self.labels
            .insert(label.to_owned(), Location::File(file.as_ref().to_owned()));
        self
    }

    /// Lets the component use the label, kept in this host's memory: it starts
    /// empty and ends with the host.
    #[must_use]
    pub fn key_value_in_memory(mut self, label: &str) -> Self {
        self.labels
            .insert(label.to_owned(), Location::Memory(label.to_owned()));
        self
    }

    /// Defines a variable of the component.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Defines a variable by which the component has the host fail: whenever it reads
    /// it, these faults are [injected](Calls::inject), and it reads an empty text.
    #[must_use]
    pub fn faults(mut self, name: &str, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults
            .insert(name.to_owned(), faults.into_iter().collect());
        self
    }

    /// Sets a variable of the component's environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets an instance have at most so many bytes of linear memory; without it, as
    /// many as it asks for.
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.max_memory = Some(bytes);
        self
    }

    /// Refuses to hand over more than so many bytes in one reply; without it, more
    /// than Spin's own limit of 128 MiB.
    #[must_use]
    pub fn max_reply(mut self, bytes: usize) -> Self {
        self.max_reply = bytes;
        self
    }

    /// Loads the component. The first host of a component in a process compiles
    /// it; the next ones share the result.
    ///
    /// # Errors
    /// [`HostError`] when the file is no component, or imports something that this
    /// host does not have.
    pub fn build(self) -> Result<SpinHost, HostError> {
        let instance_pre = component::load(&self.component).map_err(|error| {
            HostError(format!(
                "cannot load the component {}: {error:?}",
                self.component.display()
            ))
        })?;
        let config = Arc::new(Config {
            labels: self.labels,
            variables: self.variables,
            faults: self.faults,
            environment: self.environment,
            max_memory: self.max_memory,
            memory: AtomicUsize::new(0),
            files: Arc::new(Files::new(self.max_reply)),
            calls: Calls::default(),
            stderr: output_pipe(),
            traps: Mutex::default(),
        });
        Ok(SpinHost {
            handler: ProxyHandler::new(Instances(config.clone()), instance_pre),
            config,
        })
    }
}

/// Why a component did not run.
#[derive(Debug)]
pub struct HostError(String);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HostError {}

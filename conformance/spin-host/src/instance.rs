//! The component's instances, and what each one may reach.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::sync::watch;
use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::handler::{HandlerState, StoreBundle};
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p3::{RequestOptions, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::backend::Backend;
use crate::calls::{Calls, Fault};
use crate::component::engine;
use crate::open::Open;

/// How much of a component's output is kept, in bytes.
const OUTPUT_BYTES: usize = 1024 * 1024;

/// What a component may use, the same for all its instances.
pub(crate) struct Config {
    /// What each label stands for: one backend a label, as in Spin.
    pub(crate) backends: HashMap<String, Arc<dyn Backend>>,
    pub(crate) variables: HashMap<String, String>,
    /// What fails from the moment that a variable is read.
    pub(crate) faults: HashMap<String, Vec<Fault>>,
    /// The text of a call that the component has fail by reading a variable.
    pub(crate) failing_requests: Option<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// The most linear memory that an instance may have, in bytes.
    pub(crate) max_memory: Option<usize>,
    /// The most that one had so far.
    pub(crate) memory: AtomicUsize,
    /// The most that one reply may hold, in bytes.
    pub(crate) max_reply: usize,
    /// How many stores an instance may have open, and how many swaps.
    pub(crate) max_open: u32,
    pub(crate) requests_per_instance: usize,
    pub(crate) concurrent_requests_per_instance: usize,
    /// How many instances there were so far.
    pub(crate) instances: AtomicUsize,
    pub(crate) calls: Calls,
    pub(crate) stderr: MemoryOutputPipe,
    /// Why instances ended before their time.
    pub(crate) ends: watch::Sender<Vec<String>>,
}

pub(crate) fn output_pipe() -> MemoryOutputPipe {
    MemoryOutputPipe::new(OUTPUT_BYTES)
}

/// One instance's state.
pub(crate) struct State {
    pub(crate) config: Arc<Config>,
    pub(crate) open: Open,
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outgoing: NoOutgoingRequests,
    limits: Limits,
}

impl State {
    fn new(config: Arc<Config>) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&config.environment).stderr(config.stderr.clone());
        let mut limits = StoreLimitsBuilder::new();
        if let Some(bytes) = config.max_memory {
            limits = limits.memory_size(bytes);
        }
        Self {
            wasi: wasi.build(),
            limits: Limits {
                store: limits.build(),
                config: config.clone(),
            },
            open: Open::new(config.max_open),
            config,
            table: ResourceTable::new(),
            http: WasiHttpCtx::new(),
            outgoing: NoOutgoingRequests,
        }
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.config.calls
    }
}

/// Limits an instance's memory and counts what it uses.
struct Limits {
    store: StoreLimits,
    config: Arc<Config>,
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grows = self.store.memory_growing(current, desired, maximum)?;
        if grows {
            self.config.memory.fetch_max(desired, Ordering::Relaxed);
        }
        Ok(grows)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.store.table_growing(current, desired, maximum)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outgoing,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// As a component without `allowed_outbound_hosts`: no request leaves.
struct NoOutgoingRequests;

type Transmission = Box<dyn Future<Output = Result<(), ErrorCode>> + Send>;
type Sent = Result<
    (
        http::Response<UnsyncBoxBody<Bytes, ErrorCode>>,
        Transmission,
    ),
    wasmtime_wasi::TrappableError<ErrorCode>,
>;

impl WasiHttpHooks for NoOutgoingRequests {
    fn send_request(
        &mut self,
        _: Request<UnsyncBoxBody<Bytes, ErrorCode>>,
        _: Option<RequestOptions>,
        _: Transmission,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Box::new(async { Err(ErrorCode::HttpRequestDenied.into()) })
    }
}

/// Makes instances, as many as the requests need, and keeps them for the next.
pub(crate) struct Instances(pub(crate) Arc<Config>);

impl HandlerState for Instances {
    type StoreData = State;

    fn new_store(&self, _request: Option<u64>) -> wasmtime::Result<StoreBundle<State>> {
        self.0.instances.fetch_add(1, Ordering::Relaxed);
        let mut store = Store::new(engine(), State::new(self.0.clone()));
        store.limiter(|state| &mut state.limits);
        Ok(StoreBundle {
            store,
            write_profile: Box::new(|_| ()),
        })
    }

    fn request_timeout(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn idle_instance_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn max_instance_reuse_count(&self) -> usize {
        self.0.requests_per_instance
    }

    fn max_instance_concurrent_reuse_count(&self) -> usize {
        self.0.concurrent_requests_per_instance
    }

    fn handle_worker_error(&self, error: wasmtime::Error) {
        self.0
            .ends
            .send_modify(|ends| ends.push(format!("{error:?}")));
    }
}

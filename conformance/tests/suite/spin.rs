//! The Spin adapter, in a real component in the embedded Spin host.

use std::sync::Arc;

use conformance::harness::Backend;
use tokio::runtime::Runtime;

use crate::support::{self, MakeHost};

/// The adapter as it is by default.
pub(crate) fn backend(runtime: Arc<Runtime>) -> Backend {
    on("spin", support::host, runtime)
}

/// The adapter without the feature `wasi-keyvalue`.
pub(crate) fn stream_backend(runtime: Arc<Runtime>) -> Backend {
    on("spin-stream", support::stream_host, runtime)
}

fn on(name: &str, host: MakeHost, runtime: Arc<Runtime>) -> Backend {
    Backend::new(name, move |case| {
        runtime.block_on(support::run_in_component(case, host))
    })
}

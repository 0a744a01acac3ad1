//! The Spin adapter, in a real component in the embedded Spin host.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use conformance::harness::Backend;
use conformance::{Case, Outcome};
use edgezero_spin_host::SpinHostBuilder;
use tokio::runtime::Runtime;

use crate::support;

/// Makes the host of a component on this file.
type MakeHost = fn(&Path) -> Result<SpinHostBuilder, Box<dyn Error>>;

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
        runtime
            .block_on(run(case, host))
            .unwrap_or_else(|error| Outcome::Failed(error.to_string()))
    })
}

/// A host and a file of its own for each case.
async fn run(case: &Case, host: MakeHost) -> Result<Outcome, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let host = host(&folder.path().join("sqlite_key_value.db"))?.build()?;
    let request = http::Request::post(format!("/suite/run?case={}", case.name()));
    let response = host.handle(request.body(Default::default())?).await?;
    Ok(serde_json::from_slice(response.body())?)
}

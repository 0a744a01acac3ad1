//! The Spin adapter, in a real component in the embedded Spin host.

use std::error::Error;
use std::sync::Arc;

use conformance::harness::Backend;
use conformance::{Case, Outcome};
use tokio::runtime::Runtime;

use crate::support;

pub(crate) fn backend(runtime: Arc<Runtime>) -> Backend {
    Backend::new("spin", move |case| {
        runtime
            .block_on(run(case))
            .unwrap_or_else(|error| Outcome::Failed(error.to_string()))
    })
}

/// A host and a file of its own for each case.
async fn run(case: &Case) -> Result<Outcome, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let host = support::host(&folder.path().join("sqlite_key_value.db"))?.build()?;
    let request = http::Request::post(format!("/suite/run?case={}", case.name()));
    let response = host.handle(request.body(Default::default())?).await?;
    Ok(serde_json::from_slice(response.body())?)
}

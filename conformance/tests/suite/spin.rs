//! The Spin adapter, in a real component in the embedded Spin host.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use conformance::harness::Backend;
use conformance::{Case, Outcome, fixture};
use edgezero_spin_host::{SpinHost, component};
use tokio::runtime::Runtime;

static COMPONENT: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    component::build(&workspace, "conformance-guest").map_err(|error| error.to_string())
});

pub(crate) fn backend(runtime: Arc<Runtime>) -> Backend {
    Backend::new("spin", move |case| {
        runtime
            .block_on(run(case))
            .unwrap_or_else(|error| Outcome::Failed(error.to_string()))
    })
}

async fn run(case: &Case) -> Result<Outcome, Box<dyn Error>> {
    let component = COMPONENT.as_ref().map_err(String::as_str)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sqlite_key_value.db");
    let mut host = SpinHost::builder(component);
    for label in [fixture::LABEL, fixture::OTHER_LABEL, "app-config"] {
        host = host.key_value(label, &file);
    }
    for (name, value) in fixture::SECRETS {
        host = host.variable(name, value);
    }
    let host = host.build()?;
    let request = http::Request::post(format!("/suite/run?case={}", case.name()));
    let response = host.handle(request.body(Default::default())?).await?;
    Ok(serde_json::from_slice(response.body())?)
}

//! The host around a real component.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod instances;
mod interrupt;
mod limits;
mod manifest;
mod panics;
mod swaps;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use edgezero_spin_host::component::{self, Features};
use edgezero_spin_host::{HostError, SpinHost, SpinHostBuilder};
use http::Request;
use rusqlite::Connection;
use serde_json::{Value, json};

static GUEST: LazyLock<PathBuf> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    component::build(&workspace, "conformance-guest", Features::Default)
        .unwrap_or_else(|error| panic!("{error}"))
});

fn builder() -> SpinHostBuilder {
    SpinHost::builder(GUEST.as_path())
}

/// Has the guest run a script of the host's calls (see its `bare.rs`).
async fn run(host: &SpinHost, steps: Value) -> Result<Vec<String>, HostError> {
    let request = Request::post("/bare").body(steps.to_string().into());
    let answer = host.handle(request.unwrap()).await?;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    Ok(serde_json::from_str(&text).unwrap_or_else(|_| panic!("the guest answered {text:?}")))
}

/// [`run`], of a script that is answered; what its last step came to.
async fn last(host: &SpinHost, steps: Value) -> String {
    run(host, steps).await.unwrap().pop().unwrap()
}

/// What a key of `default` holds.
async fn value(host: &SpinHost, key: &str) -> String {
    let open = json!({"do": "open", "label": "default"});
    last(host, json!([open, {"do": "get", "key": key}])).await
}

/// Holds a SQLite file's write lock until it is dropped.
fn lock(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

/// Waits until the component has made so many calls.
async fn calls(host: &SpinHost, total: u64) {
    while host.calls().total() < total {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

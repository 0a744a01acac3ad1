//! The component under test, in the embedded Spin host.
#![allow(dead_code, reason = "each test target uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may")]

pub(crate) mod embedded;
pub(crate) mod excluded;
pub(crate) mod full_run;
pub(crate) mod leak;
pub(crate) mod memory;
pub(crate) mod platform;
pub(crate) mod spin_up;
pub(crate) mod sqlite;
pub(crate) mod system_calls;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bytes::Bytes;
use conformance::fixture;
use edgezero_spin_host::component::{self, Features};
use edgezero_spin_host::{SpinHost, SpinHostBuilder};
use edgezero_store_traits::BoxError;
use http::{Request, Response};
use serde::Deserialize;
use tempfile::TempDir;

/// The labels that the component may use.
pub(crate) const LABELS: [&str; 3] = [fixture::LABEL, fixture::OTHER_LABEL, "app-config"];

type Built = LazyLock<Result<PathBuf, String>>;

static COMPONENT: Built = LazyLock::new(|| build(Features::Default));
static STREAM_COMPONENT: Built = LazyLock::new(|| build(Features::None));
static EXAMPLE: Built = LazyLock::new(|| build_package("visits-spin", Features::Default));
static SETTINGS: Built = LazyLock::new(|| build_package("conformance-settings", Features::Default));

fn build(features: Features) -> Result<PathBuf, String> {
    build_package("conformance-guest", features)
}

fn build_package(package: &str, features: Features) -> Result<PathBuf, String> {
    eprintln!("building the component {package}, unless it is up to date");
    component::build(&workspace(), package, features).map_err(|error| {
        // Once, however many tests need the component.
        eprintln!("{error}");
        "the component could not be built: see the first message about it".to_owned()
    })
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The component's file, built once.
pub(crate) fn component() -> Result<&'static Path, BoxError> {
    Ok(COMPONENT.as_deref().map_err(String::as_str)?)
}

/// The component without the feature `wasi-keyvalue`: it lists by the stream.
pub(crate) fn stream_component() -> Result<&'static Path, BoxError> {
    Ok(STREAM_COMPONENT.as_deref().map_err(String::as_str)?)
}

/// The component of the example app.
pub(crate) fn example_component() -> Result<&'static Path, BoxError> {
    Ok(EXAMPLE.as_deref().map_err(String::as_str)?)
}

/// The component of the app that has a configuration of every kind.
pub(crate) fn settings_component() -> Result<&'static Path, BoxError> {
    Ok(SETTINGS.as_deref().map_err(String::as_str)?)
}

/// A host with the suite's labels in one file, and the suite's secrets.
pub(crate) fn host(file: &Path) -> Result<SpinHostBuilder, BoxError> {
    host_of(component()?, file)
}

/// [`host`], of the component that lists by the stream.
pub(crate) fn stream_host(file: &Path) -> Result<SpinHostBuilder, BoxError> {
    host_of(stream_component()?, file)
}

fn host_of(component: &Path, file: &Path) -> Result<SpinHostBuilder, BoxError> {
    let host = embedded::host_on_sqlite(component, file);
    Ok(embedded::with_the_suites(host))
}

/// Asks the component for one call of the adapter: see the guest's `calls.rs`.
pub(crate) async fn call(
    host: &SpinHost,
    path: &str,
    query: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    let request = Request::post(format!("{path}?{query}"))
        .body(body.into())
        .unwrap();
    host.handle(request).await.unwrap()
}

/// [`host`] on a file of its own, started.
pub(crate) fn new_host() -> (TempDir, SpinHost) {
    let folder = tempfile::tempdir().unwrap();
    let host = host(&folder.path().join("kv.db")).unwrap();
    (folder, host.build().unwrap())
}

/// The adapter's error, as the component answers it.
#[derive(Debug, Deserialize)]
pub(crate) struct Failed {
    #[serde(skip)]
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) message: String,
}

pub(crate) fn failed(response: &Response<Bytes>) -> Failed {
    let mut failed: Failed = serde_json::from_slice(response.body()).unwrap();
    failed.status = response.status().as_u16();
    failed
}

/// Has the host open its file, which makes Spin's table in it.
pub(crate) async fn make_table(host: &SpinHost) {
    let query = [("label", fixture::LABEL), ("key", "x")];
    assert_eq!(call(host, "/kv/exists", &query, "").await.status(), 200);
}

//! Where the example app runs: on the host, or in a component.

use std::path::PathBuf;

use bytes::Bytes;
use edgezero_spin_host::{SpinHost, SpinHostBuilder};
use edgezero_store_sqlite::serve::{ServeOptions, Server};
use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::KvStore;
use http::{Request, Response};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use visits_core::App;

use crate::support;

pub(crate) const SECRET: &str = "planted-signing-key";

/// A folder with the app's files for Spin, its configuration and its secret.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = support::workspace().join("edgezero-adapter-spin/examples/visits/spin");
    for file in ["spin.toml", "runtime-config.toml"] {
        std::fs::copy(example.join(file), folder.path().join(file)).unwrap();
    }
    std::fs::write(
        folder.path().join(".env"),
        format!("SPIN_VARIABLE_SIGNING_KEY='{SECRET}'\n"),
    )
    .unwrap();
    folder
}

pub(crate) fn file(folder: &TempDir) -> PathBuf {
    folder.path().join(".spin/sqlite_key_value.db")
}

pub(crate) fn store(folder: &TempDir, label: &str) -> SqliteKvStore {
    SqliteFile::open(file(folder)).unwrap().kv(label).unwrap()
}

/// Configures the app, as a push would.
pub(crate) async fn configure(folder: &TempDir, pairs: &[(&str, &str)]) {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(key, value)| ((*key).to_owned(), Bytes::from((*value).to_owned())));
    let store = store(folder, "app_config");
    store.put_many(pairs.collect()).await.unwrap();
}

/// The host that `spin up` would be, with the labels in the folder's file.
pub(crate) fn spin(folder: &TempDir) -> SpinHostBuilder {
    let mut host = SpinHost::builder(support::example_component().unwrap());
    for label in ["visits", "notes", "app_config"] {
        host = host.key_value(label, file(folder));
    }
    host.variable("signing_key", SECRET)
}

/// The app, running.
pub(crate) enum Target {
    Spin(Box<SpinHost>),
    Host(Host),
}

pub(crate) struct Host {
    address: std::net::SocketAddr,
    end: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Target {
    pub(crate) async fn host(folder: &TempDir) -> Self {
        let address = ([127, 0, 0, 1], 0).into();
        let options = ServeOptions::new(folder.path()).with_address(address);
        Self::serving(Server::bind::<App>(options).await.unwrap())
    }

    /// A server of any app.
    pub(crate) fn serving(server: Server) -> Self {
        let address = server.address();
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let ended = async { ended.await.unwrap_or(()) };
            server.run_until(ended).await.unwrap();
        });
        Self::Host(Host {
            address,
            end,
            running,
        })
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match self {
            Self::Spin(host) => {
                let request = request.body(body.into()).unwrap();
                host.handle(request).await.unwrap()
            }
            Self::Host(host) => {
                let url = format!("http://{}{path}", host.address);
                let request = request.uri(url).body(body.into().to_vec()).unwrap();
                tokio::task::spawn_blocking(|| over_the_wire(request))
                    .await
                    .unwrap()
            }
        }
    }

    pub(crate) async fn stop(self) {
        if let Self::Host(host) = self {
            host.end.send(()).unwrap();
            host.running.await.unwrap();
        }
    }
}

fn over_the_wire(request: Request<Vec<u8>>) -> Response<Bytes> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .build()
        .into();
    let response = agent.run(request).unwrap();
    let (parts, mut body) = response.into_parts();
    let body = body.with_config().limit(1 << 30).read_to_vec().unwrap();
    Response::from_parts(parts, body.into())
}

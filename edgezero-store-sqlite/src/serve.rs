//! A host server: an app as in Spin, on the mirror.

mod error;
mod options;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{Extension, Router};
use edgezero_store_traits::app::{App, ErrorReport, OpenStores, Stores};
use edgezero_store_traits::{ConfigError, ConfigStore, KvError, KvStore, Label, SecretStore};
use tokio::net::TcpListener;

pub use self::error::ServeError;
pub use self::options::ServeOptions;
use crate::{SqliteFile, VariableSecretStore};

/// Serves an app until Ctrl-C, on the stores that `spin up` would give it.
///
/// It prints the address and the stores once it listens. After Ctrl-C it takes no
/// new requests, and ends when those that run have been answered.
///
/// # Errors
/// [`ServeError`] when a variable of the environment is wrong, the port is taken, or
/// the file cannot be opened.
pub async fn serve<A: App>(options: ServeOptions) -> Result<(), ServeError> {
    let server = Server::bind::<A>(options).await?;
    println!("{server}");
    server
        .run_until(async {
            // Where there is no such signal, the server goes on.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
        .await
}

/// A server that listens, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    stores: Stores,
    file: PathBuf,
}

impl Server {
    /// Opens the stores' file and the port.
    ///
    /// # Errors
    /// As [`serve`].
    pub async fn bind<A: App>(options: ServeOptions) -> Result<Self, ServeError> {
        let path = options.file();
        let file = SqliteFile::open(&path)?;
        let secrets = Arc::new(secrets(&options.folder().join(".env"))?);
        let variable = |name: &str| std::env::var(name).ok();
        let mirror = Mirror {
            file: file.clone(),
            secrets,
        };
        let stores = Stores::new(A::METADATA, variable, mirror)?;
        let address = options.address();
        let bind = |cause| ServeError::bind(address, cause);
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        Ok(Self {
            address: listener.local_addr().map_err(bind)?,
            listener,
            router: A::router()
                .layer(Extension(stores.clone()))
                .layer(middleware::from_fn(log_errors)),
            stores,
            file: file.path().to_owned(),
        })
    }

    /// The address that it listens on; the port is the system's choice where 0 was
    /// asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `end` is ready, and then those that run.
    ///
    /// # Errors
    /// [`ServeError::Io`] when the listener fails.
    pub async fn run_until(
        self,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        axum::serve(self.listener, self.router)
            .with_graceful_shutdown(end)
            .await
            .map_err(ServeError::Io)
    }
}

/// The address and the stores, for a person.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serving http://{}", self.address)?;
        let names = self.stores.names();
        let kv = names.kv.iter().map(|name| ("kv", name.id, &name.label));
        let config = names
            .config
            .iter()
            .map(|(id, label)| ("config", *id, label));
        for (kind, id, label) in kv.chain(config) {
            let file = self.file.display();
            write!(f, "\n  {kind:<6} {id} (label {label}): {file}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// Writes to stderr what went wrong in a handler's store.
async fn log_errors(request: Request, next: Next) -> Response {
    let line = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    if let Some(ErrorReport(report)) = response.extensions().get() {
        eprintln!("{line}: {}: {report}", response.status().as_u16());
    }
    response
}

/// What `spin up` takes for secrets: its environment, then the file `.env`.
fn secrets(dot_env: &Path) -> Result<VariableSecretStore, ServeError> {
    let failed = |cause: dotenvy::Error| ServeError::dot_env(dot_env, cause);
    let in_file = match dotenvy::from_path_iter(dot_env) {
        Ok(pairs) => pairs.collect::<Result<Vec<_>, _>>().map_err(failed)?,
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(error)),
    };
    let in_file = in_file.into_iter();
    let in_file = in_file.map(|(name, value)| (name.into(), value.into()));
    Ok(VariableSecretStore::from_vars(
        in_file.chain(std::env::vars_os()),
    ))
}

/// Opens the mirror's stores, all in one file.
struct Mirror {
    file: SqliteFile,
    secrets: Arc<VariableSecretStore>,
}

#[async_trait]
impl OpenStores for Mirror {
    async fn kv(&self, label: &Label, max_list_keys: u32) -> Result<Arc<dyn KvStore>, KvError> {
        let store = self
            .file
            .kv_with_max_list_keys(label.as_str(), max_list_keys)?;
        Ok(Arc::new(store))
    }

    async fn config(&self, label: &Label) -> Result<Arc<dyn ConfigStore>, ConfigError> {
        let store = self.file.config(label.as_str()).map_err(KvError::from)?;
        Ok(Arc::new(store))
    }

    fn secrets(&self) -> Arc<dyn SecretStore> {
        self.secrets.clone()
    }
}

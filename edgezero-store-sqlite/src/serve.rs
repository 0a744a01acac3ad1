//! A host server: an app as in Spin, on the mirror.

mod error;
#[cfg_attr(feature = "fetch", path = "serve/fetch.rs")]
#[cfg_attr(not(feature = "fetch"), path = "serve/no_fetch.rs")]
mod fetch;
mod mirror;
mod options;
mod secrets;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{Extension, Router};
use edgezero_spin_app::{Effect, Finding};
use edgezero_store_traits::app::{App, ClientAddress, ErrorReport, StoreNames, Stores};
use edgezero_store_traits::store_label::StrayVariable;
use tokio::net::TcpListener;

pub use self::error::ServeError;
use self::mirror::Mirror;
pub use self::options::{HOST_VARIABLE, PORT_VARIABLE, ServeOptions};
use self::secrets::ComponentSecrets;

/// Serves an app until Ctrl-C, on the stores that `spin up` would give it.
///
/// It prints the address and the stores once it listens, and on stderr what will fail
/// later. After Ctrl-C it takes no new requests, and ends when those that run have been
/// answered.
///
/// # Errors
/// As [`Server::bind`].
pub async fn serve<A: App>(options: ServeOptions) -> Result<(), ServeError> {
    let server = Server::bind::<A>(options).await?;
    for warning in server.warnings() {
        eprintln!("warning: {warning}");
    }
    for stray in server.stray_variables() {
        eprintln!("warning: {stray}");
    }
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
    stores: Vec<String>,
    warnings: Vec<Finding>,
    stray: Vec<StrayVariable>,
}

impl Server {
    /// Opens the stores' files and the port.
    ///
    /// Each label is kept where `spin up` would keep it: in its SQLite file, or in memory,
    /// which is empty at each start. A label that Spin would start without and could not
    /// open fails the requests that use it, as in Spin. The names of the stores,
    /// `EDGEZERO__STORES__…`, come from the environment, else from the component's
    /// `environment` in spin.toml. The secrets are the component's variables.
    ///
    /// A component that is not built is no obstacle: the server runs the app itself.
    ///
    /// # Errors
    /// - [`ServeError::Refused`] when `spin up` would not start.
    /// - [`ServeError::Backend`] when a label is not on this machine.
    /// - [`ServeError::Start`] when a variable of the environment is wrong.
    /// - [`ServeError::Address`] when a variable that says where to listen is wrong.
    /// - [`ServeError::Open`] when a file cannot be opened.
    /// - [`ServeError::PortTaken`] and [`ServeError::Bind`] when the address cannot be
    ///   listened on.
    pub async fn bind<A: App>(options: ServeOptions) -> Result<Self, ServeError> {
        let app = options.app().map_err(ServeError::Io)?;
        if app.refusals().next().is_some() {
            return Err(ServeError::refused(app.findings()));
        }
        let component = app
            .component(options.component())
            .map_err(|finding| ServeError::refused(&[finding]))?;
        let variable = |name: &str| {
            let here = options.variable(name);
            here.or_else(|| component.environment().get(name).cloned())
        };
        let known = component.environment().keys().cloned();
        let known: BTreeSet<String> = options.variable_names().chain(known).collect();
        let stray = A::METADATA.stray_variables(known);
        let names = StoreNames::new(&A::METADATA, variable)?;
        let mirror = Mirror::open(&app, component, &names, options.file())?;
        let kv = names.kv.iter().map(|name| ("kv", name.id, &name.label));
        let config = names
            .config
            .iter()
            .map(|(id, label)| ("config", *id, label));
        let described = kv.chain(config).map(|(kind, id, label)| {
            format!("{kind:<6} {id} (label {label}): {}", mirror.describe(label))
        });
        let described = described.collect();
        let stores = Stores::new(A::METADATA, variable, mirror)?;
        let address = options.address()?;
        let bind = |cause| ServeError::bind(address, cause);
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let warnings = app.findings().iter();
        let warnings = warnings.filter(|finding| finding.effect() != Effect::NotBuilt);
        Ok(Self {
            address: listener.local_addr().map_err(bind)?,
            listener,
            router: fetch::layer(A::router(), component)
                .layer(Extension(stores))
                .layer(middleware::from_fn(client_address))
                .layer(middleware::from_fn(log_errors)),
            stores: described,
            warnings: warnings.cloned().collect(),
            stray,
        })
    }

    /// What the app will fail with, though it starts: see [`Effect`].
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Variables of the environment, or of the component's in spin.toml, that look as if they
    /// configured a store, and match none of the app's.
    pub fn stray_variables(&self) -> &[StrayVariable] {
        &self.stray
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
        let service = self
            .router
            .into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(self.listener, service)
            .with_graceful_shutdown(end)
            .await
            .map_err(ServeError::Io)
    }
}

/// The address and the stores, for a person.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serving http://{}", self.address)?;
        for store in &self.stores {
            write!(f, "\n  {store}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("stores", &self.stores)
            .finish_non_exhaustive()
    }
}

/// Says whose request it is.
async fn client_address(
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    request
        .extensions_mut()
        .insert(ClientAddress::from(address));
    next.run(request).await
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

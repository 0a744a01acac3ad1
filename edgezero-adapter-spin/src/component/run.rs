//! Running an app in a component.

use std::any::TypeId;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use edgezero_store_traits::app::axum::Router;
use edgezero_store_traits::app::axum::body::Body;
use edgezero_store_traits::app::axum::response::{IntoResponse, Response};
use edgezero_store_traits::app::{App, ClientAddress, ErrorReport, OpenStores, StartError, Stores};
use edgezero_store_traits::{ConfigError, ConfigStore, KvError, KvStore, Label, SecretStore};
use spin_sdk::http::Request;
use tower_service::Service;

use super::fetch;
use super::{SpinConfigStore, SpinKvStore, SpinSecretStore};

/// Answers a request by the app's router.
///
/// ```ignore
/// use edgezero_adapter_spin::run_app;
/// use shop_core::App;
/// use spin_sdk::http::{IntoResponse, Request};
/// use spin_sdk::http_service;
///
/// #[http_service]
/// async fn handle(req: Request) -> anyhow::Result<impl IntoResponse> {
///     run_app::<App>(req).await
/// }
/// ```
///
/// The router is made, and the environment read, when the first request comes to an
/// instance of the component; a store is opened when a handler first asks for it.
/// Both are kept for the requests that follow. Bodies stream both ways.
///
/// The environment may name the stores: see
/// [`StoreNames`](edgezero_store_traits::app::StoreNames). What fails in a handler's
/// store is written to stderr, which Spin keeps in its logs; the client learns no
/// more than the status.
///
/// Where a variable of the environment is wrong, every request is answered by 500,
/// and the log names the variable. One that configures no store of the app is logged when
/// an instance starts.
///
/// # Errors
/// None; the type is the one that `#[http_service]` takes.
pub async fn run_app<A: App>(mut request: Request) -> anyhow::Result<Response> {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = match instance::<A>() {
        Ok(Instance { mut router, stores }) => {
            if let Some(client) = client_address(&request) {
                request.extensions_mut().insert(client);
            }
            request.extensions_mut().insert(stores);
            fetch::insert(request.extensions_mut());
            match router.call(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        Err(error) => error.into_response(),
    };
    if let Some(ErrorReport(report)) = response.extensions().get() {
        let status = response.status().as_u16();
        eprintln!("{method} {}: {status}: {report}", uri.path());
    }
    Ok(response)
}

/// Spin adds a header of its own to each request, in the place of the client's.
fn client_address(request: &Request) -> Option<ClientAddress> {
    let values = request.headers().get_all("spin-client-addr");
    let address: SocketAddr = values.iter().next_back()?.to_str().ok()?.parse().ok()?;
    Some(address.into())
}

/// What an instance of the component keeps; clones share it.
#[derive(Clone)]
struct Instance {
    router: Router,
    stores: Stores,
}

fn instance<A: App>() -> Result<Instance, StartError> {
    /// A component is one app; of a second one everything is made anew each time.
    static FIRST: OnceLock<(TypeId, Result<Instance, StartError>)> = OnceLock::new();
    let (app, instance) = FIRST.get_or_init(|| (TypeId::of::<A>(), new_instance::<A>()));
    if *app == TypeId::of::<A>() {
        instance.clone()
    } else {
        new_instance::<A>()
    }
}

fn new_instance<A: App>() -> Result<Instance, StartError> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for stray in A::METADATA.stray_variables(names) {
        eprintln!("warning: {stray}");
    }
    let variable = |name: &str| std::env::var(name).ok();
    let stores = Stores::new(A::METADATA, variable, Spin)?;
    Ok(Instance {
        router: A::router(),
        stores,
    })
}

/// Opens Spin's stores.
struct Spin;

#[async_trait]
impl OpenStores for Spin {
    async fn kv(&self, label: &Label, max_list_keys: u32) -> Result<Arc<dyn KvStore>, KvError> {
        let store = SpinKvStore::open_with_max_list_keys(label.as_str(), max_list_keys).await?;
        Ok(Arc::new(store))
    }

    async fn config(&self, label: &Label) -> Result<Arc<dyn ConfigStore>, ConfigError> {
        Ok(Arc::new(SpinConfigStore::open(label.as_str()).await?))
    }

    fn secrets(&self) -> Arc<dyn SecretStore> {
        Arc::new(SpinSecretStore::new())
    }
}

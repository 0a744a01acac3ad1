//! Running an app in a component.

use std::any::TypeId;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use edgezero_store_traits::app::axum::body::Body;
use edgezero_store_traits::app::axum::response::{IntoResponse, Response};
use edgezero_store_traits::app::axum::{Extension, Router};
use edgezero_store_traits::app::{App, ErrorReport, OpenStores, StartError, Stores};
use edgezero_store_traits::{ConfigError, ConfigStore, KvError, KvStore, Label, SecretStore};
use spin_sdk::http::Request;
use tower_service::Service;

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
/// and the log names the variable.
///
/// # Errors
/// None; the type is the one that `#[http_service]` takes.
pub async fn run_app<A: App>(request: Request) -> anyhow::Result<Response> {
    let line = format!("{} {}", request.method(), request.uri().path());
    let response = match router::<A>() {
        Ok(mut router) => match router.call(request.map(Body::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        Err(error) => error.into_response(),
    };
    if let Some(ErrorReport(report)) = response.extensions().get() {
        eprintln!("{line}: {}: {report}", response.status().as_u16());
    }
    Ok(response)
}

/// The app's router with its stores, made once in an instance.
fn router<A: App>() -> Result<Router, StartError> {
    /// A component is one app; of a second one the router is made anew each time.
    static FIRST: OnceLock<(TypeId, Result<Router, StartError>)> = OnceLock::new();
    let (app, router) = FIRST.get_or_init(|| (TypeId::of::<A>(), new_router::<A>()));
    if *app == TypeId::of::<A>() {
        router.clone()
    } else {
        new_router::<A>()
    }
}

fn new_router<A: App>() -> Result<Router, StartError> {
    let variable = |name: &str| std::env::var(name).ok();
    let stores = Stores::new(A::METADATA, variable, Spin)?;
    Ok(A::router().layer(Extension(stores)))
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

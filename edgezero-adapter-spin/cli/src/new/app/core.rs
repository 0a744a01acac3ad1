//! The app: its handlers and its configuration, the same in Spin and on this machine.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use edgezero_store_traits::app::{Kv, Typed};
use edgezero_store_traits::{AppConfig, KvError};

edgezero_store_traits::app!("../../edgezero.toml", router);

/// What @name@.toml has.
#[derive(AppConfig)]
pub struct Settings {
    pub greeting: String,
    pub page: Page,
    pub upstream: Upstream,
}

#[derive(AppConfig)]
pub struct Page {
    pub names: u16,
}

#[derive(AppConfig)]
pub struct Upstream {
    /// The secret that `upstream.api_key` names.
    #[secret]
    pub api_key: Option<String>,
}

fn router() -> Router {
    Router::new()
        .route("/", get(names))
        .route("/hello/{name}", get(hello))
}

/// Counts the visits of each name.
async fn hello(
    kv: Kv,
    Typed(settings): Typed<Settings>,
    Path(name): Path<String>,
) -> Result<String, KvError> {
    let visits = kv.default().await?.increment(&name, 1).await?;
    Ok(format!("{}, {name}! Visit {visits}.\n", settings.greeting))
}

/// A page of the names that were greeted.
async fn names(kv: Kv, Typed(settings): Typed<Settings>) -> Result<String, KvError> {
    let limit = usize::from(settings.page.names);
    let page = kv.default().await?.list_keys_page("", None, limit).await?;
    let key = match settings.upstream.api_key {
        Some(key) if key.is_empty() => "empty",
        Some(_) => "there",
        None => "not there",
    };
    let names = page.keys.join(", ");
    Ok(format!("{} to: {names}\nThe API key is {key}.\n", settings.greeting))
}

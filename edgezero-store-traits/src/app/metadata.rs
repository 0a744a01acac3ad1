//! What an app declares.

use axum::Router;

/// An app: what it declared, and its router.
///
/// [`app!`](crate::app!) makes one of `edgezero.toml` and a function:
///
/// ```ignore
/// use axum::{Router, routing::get};
///
/// edgezero_store_traits::app!("../../edgezero.toml", router);
///
/// fn router() -> Router {
///     Router::new().route("/", get(home))
/// }
/// ```
pub trait App: 'static {
    /// What `edgezero.toml` says, known when the app is compiled.
    const METADATA: Metadata;

    /// The app's routes. Called once in an instance.
    fn router() -> Router;
}

/// What `edgezero.toml` says of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The app's name.
    pub name: &'static str,
    /// Its key-value stores, if it has any.
    pub kv: Option<StoreIds>,
    /// Its configuration stores.
    pub config: Option<StoreIds>,
    /// Its secret stores.
    pub secrets: Option<StoreIds>,
}

/// The ids of one kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreIds {
    /// At least one.
    pub ids: &'static [&'static str],
    /// One of them: what `default()` of an extractor means.
    pub default: &'static str,
}

//! What an app declares.

use axum::Router;

use crate::store_label::{StrayVariable, stray_variables};

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
///
/// What handlers share beside the stores is the router's state, made by a third function:
///
/// ```ignore
/// edgezero_store_traits::app!("../../edgezero.toml", router, Templates::parse);
///
/// fn router() -> Router<Arc<Templates>> {
///     Router::new().route("/", get(home))
/// }
///
/// async fn home(State(templates): State<Arc<Templates>>) -> String {
///     templates.home()
/// }
/// ```
pub trait App: 'static {
    /// What `edgezero.toml` says, known when the app is compiled.
    const METADATA: Metadata;

    /// The app's routes, with their state. Called once in an instance.
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

impl Metadata {
    /// The variables among `names`, those of the app's environment, that look as if they
    /// configured a store of the app, and have no effect. Whoever runs the app logs them.
    pub fn stray_variables<N: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Vec<StrayVariable> {
        let ids = |stores: Option<StoreIds>| stores.map_or(&[][..], |stores| stores.ids);
        stray_variables(ids(self.kv), ids(self.config), names)
    }
}

/// The ids of one kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreIds {
    /// At least one.
    pub ids: &'static [&'static str],
    /// One of them: what `default()` of an extractor means.
    pub default: &'static str,
    /// Ids with the labels that edgezero.toml gives them.
    pub label: &'static [(&'static str, &'static str)],
    /// Ids with the caps on listings that edgezero.toml gives them, in keys; 0 is no cap.
    pub max_list_keys: &'static [(&'static str, u32)],
}

impl StoreIds {
    /// These ids, each under its own label, with the cap of every platform.
    ///
    /// ```
    /// use edgezero_store_traits::app::StoreIds;
    ///
    /// const CARTS: StoreIds = StoreIds::new(&["carts"], "carts");
    /// assert_eq!(CARTS.default, "carts");
    /// ```
    pub const fn new(ids: &'static [&'static str], default: &'static str) -> Self {
        Self {
            ids,
            default,
            label: &[],
            max_list_keys: &[],
        }
    }
}

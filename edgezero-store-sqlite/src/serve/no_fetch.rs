//! An app that sends no requests.

use axum::Router;
use edgezero_spin_app::Component;

pub(super) fn layer(router: Router, _: &Component) -> Router {
    router
}

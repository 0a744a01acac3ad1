//! An app that sends no requests.

use edgezero_store_traits::app::axum::http::Extensions;

pub(super) fn insert(_: &mut Extensions) {}

//! An app whose configuration has all that `AppConfig` reads, from two stores. It answers
//! with what it read, secrets included, so that a test compares Spin and the host.

#[cfg(target_arch = "wasm32")]
mod component;
mod settings;

use axum::routing::get;
use axum::{Json, Router};
use edgezero_store_traits::app::Typed;
use serde_json::Value;

use crate::settings::{Flags, Settings};

edgezero_store_traits::app!("edgezero.toml", router);

fn router() -> Router {
    Router::new().route("/", get(read))
}

async fn read(Typed(settings): Typed<Settings>, Typed(flags): Typed<Flags>) -> Json<Value> {
    Json(serde_json::json!({ "settings": settings.shown(), "flags": flags }))
}

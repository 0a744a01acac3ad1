//! The second example app as a Spin component.

// clippy looks at it on the host too.
#![cfg(any(target_arch = "wasm32", clippy))]

use links_core::App;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(req: Request) -> anyhow::Result<impl IntoResponse> {
    edgezero_adapter_spin::run_app::<App>(req).await
}

//! The app in Spin.

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    edgezero_adapter_spin::run_app::<crate::App>(request).await
}

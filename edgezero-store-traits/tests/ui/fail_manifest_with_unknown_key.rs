use edgezero_store_traits::app::axum::Router;

edgezero_store_traits::app!("../../../../edgezero-store-traits/tests/ui/manifests/unknown.toml", router);

fn router() -> Router {
    Router::new()
}

fn main() {}

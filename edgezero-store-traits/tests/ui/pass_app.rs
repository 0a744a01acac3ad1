use edgezero_store_traits::App as _;
use edgezero_store_traits::app::axum::Router;

edgezero_store_traits::app!("../../../../edgezero-store-traits/tests/ui/manifests/good.toml", router);

fn router() -> Router {
    Router::new()
}

fn main() {
    assert_eq!(App::METADATA.name, "good");
}

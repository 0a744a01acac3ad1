use edgezero_store_traits::App as _;
use edgezero_store_traits::app::axum::Router;

edgezero_store_traits::app!("../../../../edgezero-store-traits/tests/ui/manifests/good.toml", router);

fn router() -> Router {
    Router::new()
}

fn main() {
    assert_eq!(App::METADATA.name, "good");
    let kv = App::METADATA.kv.unwrap();
    assert_eq!(kv.label, [("cache", "good-cache")]);
    assert_eq!(kv.max_list_keys, [("sessions", 5000)]);
}

edgezero_store_traits::app!("../../../../edgezero-store-traits/tests/ui/manifests/good.toml");

fn main() {}

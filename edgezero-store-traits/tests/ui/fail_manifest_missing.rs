edgezero_store_traits::app!("nowhere.toml", router);

fn router() -> edgezero_store_traits::app::axum::Router {
    Default::default()
}

fn main() {}

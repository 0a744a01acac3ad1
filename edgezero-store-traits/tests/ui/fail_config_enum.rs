#[derive(edgezero_store_traits::AppConfig)]
enum Settings {
    A,
}

#[derive(edgezero_store_traits::AppConfig)]
struct Tuple(String);

#[derive(edgezero_store_traits::AppConfig)]
struct Generic<T> {
    value: T,
}

fn main() {}

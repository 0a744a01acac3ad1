#[derive(edgezero_store_traits::AppConfig)]
struct Number {
    #[secret]
    key: u32,
}

#[derive(edgezero_store_traits::AppConfig)]
struct Both {
    #[secret]
    #[config(json)]
    key: String,
}

#[derive(edgezero_store_traits::AppConfig)]
struct Unknown {
    #[config(yaml)]
    key: String,
}

fn main() {}

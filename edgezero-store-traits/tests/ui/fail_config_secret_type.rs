use edgezero_store_traits::AppConfig;

#[derive(AppConfig)]
struct Number {
    #[secret]
    key: u32,
    #[secret(store_ref)]
    vault: u8,
}

fn main() {}

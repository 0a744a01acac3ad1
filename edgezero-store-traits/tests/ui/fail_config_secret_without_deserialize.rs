use std::collections::HashMap;

use edgezero_store_traits::AppConfig;
use edgezero_store_traits::secrecy::SecretString;

#[derive(AppConfig)]
struct Webhook {
    #[secret]
    token: SecretString,
}

#[derive(AppConfig)]
struct Settings {
    hooks: HashMap<u8, Webhook>,
}

fn main() {}

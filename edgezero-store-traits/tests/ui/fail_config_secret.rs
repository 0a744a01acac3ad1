use edgezero_store_traits::AppConfig;

#[derive(AppConfig)]
struct Both {
    #[secret]
    #[config(json)]
    key: String,
}

#[derive(AppConfig)]
struct Unknown {
    #[config(yaml)]
    key: String,
}

#[derive(AppConfig)]
struct NoStore {
    name: String,
    #[secret(store_ref = "name")]
    a: String,
}

#[derive(AppConfig)]
struct NoField {
    #[secret(store_ref = "vault")]
    key: String,
}

#[derive(AppConfig)]
struct Misspelt {
    #[secret(store)]
    key: String,
}

#[derive(AppConfig)]
struct Skipped {
    #[secret]
    #[serde(skip)]
    key: String,
}

fn main() {}

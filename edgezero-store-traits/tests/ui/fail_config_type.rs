use edgezero_store_traits::AppConfig;

enum Mode {
    Strict,
}

struct Plain {
    size: u8,
}

#[derive(AppConfig)]
struct Settings {
    mode: Mode,
    list: Vec<Plain>,
    #[app_config(nested)]
    nested: Plain,
    #[config(json)]
    json: Plain,
    #[serde(flatten)]
    rest: std::collections::HashMap<String, String>,
}

fn main() {}

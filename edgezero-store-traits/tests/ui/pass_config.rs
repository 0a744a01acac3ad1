//! A struct may have fields that are named as what the derive uses, and types that hide
//! the standard ones.

use edgezero_store_traits::AppConfig;

#[derive(AppConfig)]
struct Names {
    key: String,
    outer: String,
    fields: Option<u8>,
    values: Vec<bool>,
    whole: u8,
    value: u8,
    field_0: u8,
}

#[derive(AppConfig, Default)]
#[serde(default)]
struct Defaults {
    key: String,
    whole: u8,
    value: Option<Names>,
}

#[derive(AppConfig)]
struct Empty {}

mod hidden {
    #[allow(dead_code)]
    enum Option {}
    #[allow(dead_code)]
    enum Some {}
    #[allow(dead_code)]
    enum String {}

    #[derive(edgezero_store_traits::AppConfig)]
    pub struct Hidden {
        pub a: u8,
        #[secret]
        pub b: std::string::String,
    }
}

fn main() {
    assert_eq!(Names::fields().len(), 7);
    assert_eq!(Defaults::fields().len(), 9);
    assert!(Empty::fields().is_empty());
    assert_eq!(hidden::Hidden::fields().len(), 2);
}

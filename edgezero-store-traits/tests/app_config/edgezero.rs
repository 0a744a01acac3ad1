//! An EdgeZero struct: it derives for serde, and says so to AppConfig and validator.

use edgezero_store_traits::AppConfig;
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::stores::{keys, load};

#[derive(Debug, Deserialize, Serialize, Validate, AppConfig)]
#[serde(deny_unknown_fields)]
struct Demo {
    #[secret]
    #[validate(length(min = 1))]
    api_token: String,
    #[app_config(nested)]
    #[validate(nested)]
    service: Service,
    #[app_config(nested)]
    #[validate(nested)]
    #[serde(default)]
    partners: Vec<Partner>,
    #[validate(nested)]
    feature: Feature,
    greeting: String,
    #[secret(store_ref)]
    vault: String,
}

#[derive(Debug, Deserialize, Serialize, Validate, AppConfig)]
#[serde(deny_unknown_fields)]
struct Service {
    #[validate(range(min = 100_u32, max = 60_000_u32))]
    timeout_ms: u32,
}

#[derive(Debug, Deserialize, Serialize, Validate, AppConfig)]
struct Partner {
    #[secret]
    api_key: String,
}

/// It derives no `AppConfig`.
#[derive(Debug, Deserialize, Serialize, Validate)]
#[serde(deny_unknown_fields)]
struct Feature {
    new_checkout: bool,
}

#[test]
fn a_struct_for_edgezero_is_read_unchanged() {
    assert_eq!(
        keys::<Demo>(),
        [
            "api_token",
            "service.timeout_ms",
            "partners",
            "feature",
            "greeting",
            "vault"
        ]
    );
    let demo: Demo = load(&[
        ("api_token", "api_key"),
        ("service.timeout_ms", "1500"),
        ("partners", r#"[{"api_key": "hook_a"}]"#),
        ("feature", r#"{"new_checkout": false}"#),
        ("greeting", "hello"),
        ("vault", "default"),
    ])
    .unwrap();
    assert_eq!(demo.api_token, "hunter2");
    assert_eq!(demo.service.timeout_ms, 1500);
    assert_eq!(demo.partners[0].api_key, "hunter2 of hook_a");
    assert!(!demo.feature.new_checkout);
    assert_eq!(
        (demo.greeting.as_str(), demo.vault.as_str()),
        ("hello", "default")
    );
}
